{#- The column names in the first line of a CSV file; an empty list for an empty file. Refuses a line that is not UTF-8.
    file: the path to name · path: the file's path, quotes doubled · delimiter: one character
    · rejects: what to call the tables with the reader's errors. -#}
{% macro read_csv_header(file, path, delimiter, rejects) -%}
    {#- Lines alone are read, so that a value's own line ends stand outside of quotation marks; not strictly, for they may be
        others than those of the file. -#}
    {%- set read_lines -%}
        read_csv(
            '{{ path }}', columns = {'line': 'varchar'}, auto_detect = false, header = false, delim = '\x01', quote = '',
            escape = '', strict_mode = false, store_rejects = true, rejects_table = '{{ rejects }}',
            rejects_scan = '{{ rejects }}_scan'
        )
    {%- endset -%}
    {#- The reader notes what it rejects when it comes to the end of the file. -#}
    {%- do run_query("select count(line) from " ~ read_lines) -%}
    {%- set refused = run_query("select line from " ~ rejects ~ " where line = 1") -%}
    {%- set lines = run_query("select line from " ~ read_lines ~ " limit 1") -%}
    {%- do run_query("drop table " ~ rejects) -%}
    {%- do run_query("drop table " ~ rejects ~ "_scan") -%}
    {%- if refused.rows -%}
        {{ exceptions.raise_compiler_error(
            "The raw file " ~ file ~ " must be UTF-8 text, but its header is not: save the file as UTF-8 and run again."
        ) }}
    {%- endif -%}
    {%- set names = [] -%}
    {%- for line in lines.columns[0].values() if line -%}
        {%- for name in line.split(delimiter) -%}
            {%- do names.append(name.strip().strip('"')) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
