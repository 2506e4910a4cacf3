{#- A model holds as many rows as were accepted of a raw table in its last build.
    raw_table: name of the seed, or of the source and its table joined by a dot. -#}
{% test has_accepted_rows(model, raw_table) %}

with validation_errors as (

    {%- if execute and load_relation(warehouse_ml._kept_relation('data_quality')) %}
    select accepted_rows
    from {{ warehouse_ml._kept_relation('data_quality') }}
    where table_name = '{{ raw_table }}'
    qualify
        measured_at = max(measured_at) over ()
        and accepted_rows <> (select count(*) from {{ model }})
    {%- else %}
    select 1 as accepted_rows where false
    {%- endif %}

)

{{ warehouse_ml._report_errors(
    rule=model.identifier ~ ' must have the accepted rows of ' ~ raw_table ~ ', no more and no less',
    errors='count that differs',
    remedy='build both again'
) }}

{% endtest %}
