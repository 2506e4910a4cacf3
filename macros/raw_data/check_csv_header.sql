{#- Refuses a CSV header that does not hold exactly the declared columns, in any order.
    file: the path to name · header: list of column names · declared: mapping of column to type; empty means any. -#}
{% macro check_csv_header(file, header, declared) -%}
    {%- if not header -%}
        {{ exceptions.raise_compiler_error(
            "The raw file " ~ file ~ " must have a header line and rows, but it is empty: restore it and run again."
        ) }}
    {%- endif -%}
    {%- set problems = [] -%}
    {%- set missing = declared | reject('in', header) | list -%}
    {%- set undeclared = header | select | reject('in', declared) | list if declared else [] -%}
    {%- if missing -%}{%- do problems.append('misses ' ~ missing | join(', ')) -%}{%- endif -%}
    {%- if undeclared -%}{%- do problems.append('has the undeclared ' ~ undeclared | join(', ')) -%}{%- endif -%}
    {%- if '' in header -%}{%- do problems.append('has a column without a name') -%}{%- endif -%}
    {%- if header | unique | list | length < header | length -%}{%- do problems.append('repeats a name') -%}{%- endif -%}
    {%- if problems -%}
        {{ exceptions.raise_compiler_error(
            "The raw file " ~ file ~ " must have exactly the columns that its column_types declare, but its header "
            ~ problems | join(' and ') ~ ": correct the header, or the declaration, and run again."
        ) }}
    {%- endif -%}
{%- endmacro %}
