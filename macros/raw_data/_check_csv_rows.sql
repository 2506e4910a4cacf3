{#- Refuses a CSV load that left lines out or holds no row. Names lines and columns, never values, which may be personal.
    file: the path to name · staged: table of the rows that could be read · rejects: the table with the reader's errors
    · header: names of the columns · declared: mapping of column to type · may_be_empty: whether a header alone will do. -#}
{% macro _check_csv_rows(file, staged, rejects, header, declared, may_be_empty=false) -%}
    {%- set errors = run_query(
        "select line, column_name, error_type, count(*) over () as error_count from " ~ rejects ~ " order by line asc limit 1"
    ) -%}
    {%- set row_count = run_query("select count(*) from " ~ staged).columns[0].values()[0] -%}
    {%- do run_query("drop table " ~ rejects) -%}
    {%- do run_query("drop table " ~ rejects ~ "_scan") -%}
    {%- for error in errors.rows -%}
        {%- set problem = {
            'CAST': "a value in column " ~ error['column_name'] ~ " that cannot be read exactly as "
                ~ declared.get(error['column_name']),
            'MISSING COLUMNS': "too few values",
            'TOO MANY COLUMNS': "too many values",
            'INVALID ENCODING': "bytes that are not UTF-8",
            'UNQUOTED VALUE': "a quotation mark that is never closed",
        }.get(error['error_type'], error['error_type'] | lower) -%}
        {{ exceptions.raise_compiler_error(
            "The raw file " ~ file ~ " must have " ~ header | length ~ " values of the declared types in every line, but line "
            ~ error['line'] ~ " has " ~ problem ~ " (" ~ '{:,}'.format(error['error_count']) ~ " such "
            ~ ("line" if error['error_count'] == 1 else "lines") ~ "): correct the file and run again."
        ) }}
    {%- endfor -%}
    {%- if row_count == 0 and not may_be_empty -%}
        {{ exceptions.raise_compiler_error(
            "The raw file " ~ file ~ " must have rows, but it holds a header only: restore it and run again."
        ) }}
    {%- endif -%}
{%- endmacro %}
