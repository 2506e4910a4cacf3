{#- The instant from which the increment replaces rows, as text in UTC, or none where all rows are replaced: of an empty
    table, and of one that knows more than a build as of an earlier cutoff may. -#}
{% macro increment_start() -%}
    {%- set increment = config.meta_get('increment') -%}
    {%- set as_of = warehouse_ml.as_of() -%}
    {%- set query -%}
        select
            cast(
                max(cast({{ increment.at }} as timestamp))
                - {{ warehouse_ml.span(var('lookback')) }}
                {{ ('- ' ~ warehouse_ml.span(increment.margin)) if increment.margin }} as varchar
            ) as start_at
        from {{ this }}
        {%- if as_of %}
        having max({{ increment.known_at }}) <= timestamp '{{ as_of }}'
        {%- endif %}
    {%- endset -%}
    {%- set found = run_query(query).rows -%}
    {{ return(found[0][0] if found) }}
{%- endmacro %}
