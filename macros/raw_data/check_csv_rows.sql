{#- Refuses a CSV load that left lines out or found none. Names lines and columns, never values, which may be personal.
    file: the path to name · relation: the loaded table · rejects: the table with the reader's errors
    · column_count: how many values a line must have · may_be_empty: whether a header alone will do. -#}
{% macro check_csv_rows(file, relation, rejects, column_count, may_be_empty=false) -%}
    {%- set errors = run_query(
        "select line, column_name, error_type, count(*) over () as error_count from " ~ rejects ~ " order by line asc limit 1"
    ) -%}
    {%- set loaded = run_query("select count(*) from " ~ relation).columns[0].values()[0] -%}
    {%- do run_query("drop table " ~ rejects) -%}
    {%- do run_query("drop table " ~ rejects ~ "_scan") -%}
    {%- for error in errors.rows -%}
        {%- set found = {
            'CAST': "a value of another type than declared in column " ~ error['column_name'],
            'MISSING COLUMNS': "too few values",
            'TOO MANY COLUMNS': "too many values",
            'INVALID ENCODING': "bytes that are not UTF-8",
            'UNQUOTED VALUE': "a quotation mark that is never closed",
        }.get(error['error_type'], error['error_type'] | lower) -%}
        {{ exceptions.raise_compiler_error(
            "The raw file " ~ file ~ " must have " ~ column_count ~ " values of the declared types in every line, but line "
            ~ error['line'] ~ " has " ~ found ~ " (" ~ error['error_count'] ~ " such "
            ~ ("line" if error['error_count'] == 1 else "lines") ~ "): correct the file and run again."
        ) }}
    {%- endfor -%}
    {%- if loaded == 0 and not may_be_empty -%}
        {{ exceptions.raise_compiler_error(
            "The raw file " ~ file ~ " must have rows, but it holds a header only: restore it and run again."
        ) }}
    {%- endif -%}
{%- endmacro %}
