{#- No feature whose null rule is never has nulls. It goes on the model feature_catalog and judges in `dbt test` only: a build judges
    the views that it built when it ends. -#}
{% test null_rules_kept(model) %}

with failures as (

    {{ warehouse_ml._null_rule_failures(model) }}

)

select message
from failures
where message is not null and {{ warehouse_ml.raise_error('message') if flags.WHICH == 'test' else 'false' }}

{% endtest %}
