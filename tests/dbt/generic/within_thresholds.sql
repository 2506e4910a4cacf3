{#- Every raw table is, in its last build, as good as its contract asks. It goes on the model data_quality and judges in `dbt test`
    only: in a build the model that reads the raw table fails, and this test, which waits for none, would judge the build before. -#}
{% test within_thresholds(model) %}
    {%- if execute and flags.WHICH == 'test' and load_relation(warehouse_ml._kept_relation('quarantine')) %}

with last_build as (

    select * from {{ model }}
    qualify measured_at = max(measured_at) over (partition by table_name)

),

{{ warehouse_ml._threshold_failures('last_build', warehouse_ml._kept_relation('quarantine')) }}

select message
from threshold_failures
where message is not null and {{ warehouse_ml.raise_error('message') }}
    {%- else %}

select * from {{ model }}
where false
    {%- endif %}

{% endtest %}
