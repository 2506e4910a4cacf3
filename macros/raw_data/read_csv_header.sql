{#- The column names in the first line of a CSV file; an empty list for an empty file.
    path: the file's path, quotes doubled · delimiter: one character. -#}
{% macro read_csv_header(path, delimiter) -%}
    {%- set lines = run_query(
        "select line from read_csv('" ~ path ~ "', columns = {'line': 'varchar'}, auto_detect = false, header = false, "
        ~ "delim = '\\x01', quote = '', escape = '') limit 1"
    ) -%}
    {%- set names = [] -%}
    {%- for line in lines.columns[0].values() if line -%}
        {%- for name in line.split(delimiter) -%}
            {%- do names.append(name.strip().strip('"')) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
