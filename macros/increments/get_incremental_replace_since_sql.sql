{#- The incremental strategy `replace_since`: the rows from the increment's start on are deleted, whether the new rows
    hold their keys or not, and the new rows added.
    arguments: mapping of dbt, with target_relation, temp_relation and dest_columns. -#}
{% macro get_incremental_replace_since_sql(arguments) -%}
    {%- set columns = get_quoted_csv(arguments.dest_columns | map(attribute='name')) -%}
    {%- set start = warehouse_ml.increment_start() -%}
delete from {{ arguments.target_relation }}
    {%- if start %}
where {{ config.meta_get('increment').at }} >= timestamp '{{ start }}'
    {%- endif %};

insert into {{ arguments.target_relation }} ({{ columns }})
select {{ columns }}
from {{ arguments.temp_relation }}
{%- endmacro %}
