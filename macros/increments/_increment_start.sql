{#- The instant from which the increment replaces rows, as text in UTC, or none where all rows are replaced: of an empty
    table, and of one that knows more than a build as of an earlier cutoff may.

    The lookback counts back from what the table knew last, not from its latest row, which may be about a time that is still
    to come, as a scheduled departure is. A row dated ahead of the build is not the latest one, or nothing would be added
    until then. Of dates, whole days are replaced. -#}
{% macro _increment_start() -%}
    {%- set increment = config.meta_get('increment') -%}
    {%- set as_of = warehouse_ml.as_of() -%}
    {%- set at, known_at = warehouse_ml._quoted(increment.at), warehouse_ml._quoted(increment.known_at) -%}
    {#- The same instant wherever it is asked for in a run: rows are deleted from the start on, and added from it on. -#}
    {%- set now = "timestamp '" ~ (as_of or run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f')) ~ "'" -%}
    {%- set latest = [] -%}
    {%- for clock in [at, known_at] | unique -%}
        {%- do latest.append('max(' ~ warehouse_ml._utc(clock) ~ ') filter (where ' ~ warehouse_ml._utc(clock) ~ ' <= ' ~ now ~ ')') -%}
    {%- endfor -%}
    {%- set start_at -%}
        {{ 'least(' ~ latest | join(', ') ~ ')' if latest | length > 1 else latest[0] }} - {{ warehouse_ml._span(var('lookback')) }}
        {{- (' - ' ~ warehouse_ml._span(increment.margin)) if increment.margin }}
    {%- endset -%}
    {%- set query -%}
        select
            cast(case when max(lower(typeof({{ at }}))) = 'date' then date_trunc('day', {{ start_at }}) else {{ start_at }} end as {{ warehouse_ml._sql_type('varchar') }}) as start_at,
            count(*) - count({{ at }}) as undated_rows
        from {{ this }}
        {%- if as_of %}
        having max({{ warehouse_ml._utc(known_at) }}) <= {{ now }}
        {%- endif %}
    {%- endset -%}
    {%- set rows = run_query(query).rows -%}
    {%- if rows and rows[0]['undated_rows'] > 0 -%}
        {{ exceptions.raise_compiler_error(
            "The column " ~ increment.at ~ ", by which " ~ this.identifier ~ " is built by increments, must never be null, but "
            ~ rows[0]['undated_rows'] ~ " of its rows have none: leave them out in its query and build it with --full-refresh."
        ) }}
    {%- endif -%}
    {{ return(rows[0]['start_at'] if rows) }}
{%- endmacro %}
