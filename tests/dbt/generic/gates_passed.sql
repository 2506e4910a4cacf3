{#- The newest version of every model has passed its gates; the first failure is told with what was observed and asked.
    It goes on the model gate_failures, a leaf: a refused version never stops the champion from scoring. -#}
{% test gates_passed(model) %}

with failures as (

    select
        *,
        count(*) over () as failure_count
    from {{ model }}

),

first_failure as (

    select * from failures
    qualify row_number() over (order by model_name asc, metric asc, dataset asc) = 1

)

select model_name
from first_failure
where {{ warehouse_ml.raise_error(
    "'Version ' || cast(version as varchar) || ' of ' || model_name || ' must have ' || metric || ' on the ' || dataset
    || case comparison when 'min' then ' data of at least ' else ' data of at most ' end || cast(threshold as varchar)
    || ', but ' || coalesce(cast(round(observed, 6) as varchar), 'nothing') || ' was observed (' || cast(failure_count as varchar)
    || ' of its gates failed): it is refused as champion; improve the model or move the gate.'"
) }}

{% endtest %}
