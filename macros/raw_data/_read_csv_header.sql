{#- The column names in the header of a CSV file. Refuses a file that DuckDB's reader cannot read, and a header that lacks a
    declared column, repeats a name or has none. Names and values that nobody declared are counted, never shown: without a
    header they are somebody's.
    file: the path to name · path: the file's path, quotes doubled · delimiter: one character · declared: mapping of
    column to type · only_declared: whether other columns are refused. -#}
{% macro _read_csv_header(file, path, delimiter, declared, only_declared) -%}
    {%- do warehouse_ml._check_plugin() -%}
    {%- set query = "select ml_csv_header('" ~ path ~ "', '" ~ delimiter | replace("'", "''") ~ "')" -%}
    {%- set header = fromjson(run_query(query).columns[0].values()[0]) -%}
    {%- if header.problem -%}
        {{ exceptions.raise_compiler_error("The raw file " ~ file ~ " " ~ header.problem ~ ".") }}
    {%- endif -%}
    {#- Lookups in a mapping: a file may have some ten thousand columns. -#}
    {%- set names = dict.fromkeys(header.names) -%}
    {%- set repeated = dict.fromkeys(header.repeated_positions) -%}
    {%- set values = dict.fromkeys(header.value_positions) -%}
    {%- set missing = declared | reject('in', names) | list -%}
    {%- set positions = {'columns without a name': [], 'repeated names': [], 'undeclared columns': [], 'values instead of names': []} -%}
    {%- for name in header.names -%}
        {%- if not name -%}
            {%- do positions['columns without a name'].append(loop.index) -%}
        {%- elif loop.index in repeated -%}
            {%- do positions['repeated names'].append(loop.index) -%}
        {%- elif name not in declared and only_declared -%}
            {%- do positions['undeclared columns'].append(loop.index) -%}
        {%- elif name not in declared and loop.index in values -%}
            {%- do positions['values instead of names'].append(loop.index) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set problems = ['lacks ' ~ warehouse_ml._first_of(missing)] if missing else [] -%}
    {%- for problem, listed in positions.items() if listed -%}
        {%- do problems.append(
            'has ' ~ problem ~ ' (column' ~ ('s ' if listed[1:] else ' ') ~ warehouse_ml._first_of(listed) ~ ')'
        ) -%}
    {%- endfor -%}
    {%- if problems -%}
        {{ exceptions.raise_compiler_error(
            "The header of " ~ file ~ " " ~ problems | join(' and ') ~ "; it must name every column once"
            ~ (", exactly as column_types does" if only_declared else ", and each of column_types" if declared else "")
            ~ ": correct the header, or add it if the file has none" ~ (", or correct column_types" if declared else "")
            ~ ", and run again."
        ) }}
    {%- endif -%}
    {{ return(header.names) }}
{%- endmacro %}
