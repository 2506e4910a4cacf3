{#- The last decision about no model is a refusal: of the newest version by its gates, of a training, or of a pin. It runs with
    `dbt test`; in a build, which is about to decide anew, the models themselves report (report_decisions). -#}
{% test decisions_accepted(model) %}

with last_decisions as (

    select * from {{ model }}
    qualify row_number() over (partition by model_name order by sequence desc) = 1

),

refusals as (

    select
        count(*) as refusal_count,
        string_agg(reason, ' ' order by model_name asc) as reasons
    from last_decisions
    where action in ('refuse', 'refuse_pin')

)

select reasons
from refusals
where refusal_count > 0 and {{ 'false' if flags.WHICH != 'test' else warehouse_ml._raise_error('reasons') }}

{% endtest %}
