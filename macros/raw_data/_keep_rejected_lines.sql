{#- Moves the lines that hold a value of another type, too few values or too many from the reader's errors to the table
    `<seed>_rejects` beside the seed's, from where they go to quarantine; without such lines there is no such table. A
    line that leaves open where the next one begins stays among the errors. Returns the table, or none.
    relation: the loaded table · rejects: the table with the reader's errors. -#}
{% macro _keep_rejected_lines(relation, rejects) -%}
    {%- set kept = api.Relation.create(
        database=relation.database, schema=relation.schema, identifier=relation.identifier ~ '_rejects', type='table'
    ) -%}
    {%- set are_reported = "error_type in ('CAST', 'MISSING COLUMNS', 'TOO MANY COLUMNS')" -%}
    {%- do adapter.drop_relation(kept) -%}
    {%- if run_query("select count(*) from " ~ rejects ~ " where " ~ are_reported).columns[0].values()[0] == 0 -%}
        {{ return(none) }}
    {%- endif -%}
    {%- call statement('keep_rejected_lines') %}
        create table {{ kept }} as
        select distinct
            line as line_number,
            csv_line as raw_line,
            case error_type
                when 'CAST' then concat('type_', column_name)
                when 'MISSING COLUMNS' then 'too_few_values'
                when 'TOO MANY COLUMNS' then 'too_many_values'
            end as rule
        from {{ rejects }}
        where {{ are_reported }};
        delete from {{ rejects }}
        where {{ are_reported }}
    {%- endcall -%}
    {{ return(kept) }}
{%- endmacro %}
