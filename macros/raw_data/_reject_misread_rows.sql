{#- Moves the rows of a staged CSV file with values that cannot be read as the declared types to the reader's errors.
    staged: table of the file's values as text, in columns c0, c1 … · header: names of its columns · declared: mapping of
    column to type · rejects: the table with the reader's errors · path: the file's path, quotes doubled · delimiter: one
    character. -#}
{% macro _reject_misread_rows(staged, header, declared, rejects, path, delimiter) -%}
    {%- set misread = staged ~ '_misread' -%}
    {%- set misread_names = [] -%}
    {%- for name in header -%}
        {%- if name in declared and not warehouse_ml._is_text(declared[name]) -%}
            {#- What is empty is missing here, quoted or not. -#}
            {%- set value = "nullif(c" ~ loop.index0 ~ ", '')" -%}
            {%- set typed = warehouse_ml.default___typed_value(value, declared[name]) -%}
            {%- do misread_names.append(
                "case when " ~ warehouse_ml.default___is_misread(value, declared[name], typed) ~ " then '"
                ~ name | replace("'", "''") ~ "' end"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not misread_names -%}
        {{ return(none) }}
    {%- endif -%}
    {%- call statement('find_misread_rows') %}
        create or replace temporary table {{ misread }} as
        select
            rowid as staged_rowid,
            {#- Before a commit the first rowid is not 0. #}
            rowid - (select min(rowid) from {{ staged }}) as row_number,
            unnest(list_filter([
                {{ misread_names | join(',\n                ') }}
            ], lambda name: name is not null)) as column_name
        from {{ staged }}
    {%- endcall -%}
    {%- if run_query("select count(*) from " ~ misread).columns[0].values()[0] -%}
        {%- call statement('reject_misread_rows') %}
            insert into {{ rejects }} by name
            with numbered as (

                select list(distinct row_number order by row_number) as row_numbers
                from {{ misread }}

            ),

            placed as (

                select
                    unnest(row_numbers) as row_number,
                    unnest(ml_csv_lines(
                        '{{ path }}', '{{ delimiter | replace("'", "''") }}', {{ header | length }}, row_numbers
                    )) as place
                from numbered

            )

            select
                place.line as line,
                'CAST' as error_type,
                misread.column_name,
                place.text as csv_line
            from {{ misread }} as misread
            inner join placed
                on misread.row_number = placed.row_number;
            delete from {{ staged }}
            where rowid in (select staged_rowid from {{ misread }})
        {%- endcall -%}
    {%- endif -%}
    {%- do run_query("drop table " ~ misread) -%}
{%- endmacro %}
