{#- The instant from which the increment replaces rows, as text in UTC, or none where all rows are replaced: of an empty
    table, and of one that knows more than a build as of an earlier cutoff may. A row dated ahead of now is not the latest
    one, or nothing would be added until then. -#}
{% macro increment_start() -%}
    {%- set increment = config.meta_get('increment') -%}
    {%- set as_of = warehouse_ml.as_of() -%}
    {%- set at = 'cast(' ~ increment.at ~ ' as timestamp)' -%}
    {%- set query -%}
        select
            cast(
                max({{ at }}) filter (where {{ at }} <= {{ warehouse_ml.utc_now() }})
                - {{ warehouse_ml.span(var('lookback')) }}
                {{ ('- ' ~ warehouse_ml.span(increment.margin)) if increment.margin }} as varchar
            ) as start_at,
            count(*) - count({{ increment.at }}) as undated_rows
        from {{ this }}
        {%- if as_of %}
        having max({{ increment.known_at }}) <= timestamp '{{ as_of }}'
        {%- endif %}
    {%- endset -%}
    {%- set found = run_query(query).rows -%}
    {%- if found and found[0]['undated_rows'] > 0 -%}
        {{ exceptions.raise_compiler_error(
            "The column " ~ increment.at ~ ", by which " ~ this.identifier ~ " is built by increments, must never be null, but "
            ~ found[0]['undated_rows'] ~ " of its rows have none: leave them out in its query and build it with --full-refresh."
        ) }}
    {%- endif -%}
    {{ return(found[0]['start_at'] if found) }}
{%- endmacro %}
