{#- The rows of a raw table that keep its contract, as a subquery to select from; the others go to `staging.quarantine`. The
    model that reads it judges the table first, in each build once (_judge_raw_tables), and fails past a threshold.
    relation: `ref` or `source` of the raw table · refers_to: list of the same for the tables that its contract refers to,
    and that theirs refer to, so that dbt loads them before. -#}
{% macro accepted_rows(relation, refers_to=[]) -%}
    {%- if not execute -%}
        {%- if relation is string -%}
            {{ exceptions.raise_compiler_error(
                "accepted_rows in " ~ model.name ~ " has the name '" ~ relation ~ "'; it takes a relation, from which dbt knows what to "
                ~ "load before: write accepted_rows(" ~ warehouse_ml._reference(relation) ~ ")."
            ) }}
        {%- endif -%}
        {%- if model.resource_type in ('model', 'snapshot') -%}
            {#- Before the transaction of the model, which takes back what it wrote when it fails. Spark has none, and dbt-spark
                runs no hook that is to run before one. -#}
            {%- do config(pre_hook={
                'sql': '{{ warehouse_ml._judge_raw_tables() }}', 'transaction': warehouse_ml._is_beside()
            }) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if not execute or model.resource_type == 'unit_test' -%}
        {{ return(relation | string) }}
    {%- endif -%}
    {%- if model.config.materialized == 'ephemeral' and flags.WHICH in ('build', 'run') -%}
        {#- Hooks of an ephemeral model never run. -#}
        {%- do warehouse_ml._judge_raw_tables() -%}
    {%- endif -%}
    {%- set relations = warehouse_ml._raw_relations([relation] + refers_to) -%}
    {%- set table = relations | first -%}
    {%- set needed = warehouse_ml._referred_tables(table) -%}
    {%- if needed | reject('in', relations) | list -%}
        {%- set references = [] -%}
        {%- for name in needed -%}{%- do references.append(warehouse_ml._reference(name)) -%}{%- endfor -%}
        {{ exceptions.raise_compiler_error(
            "accepted_rows in " ~ model.name ~ " needs the tables that the contract of " ~ table ~ " refers to, but "
            ~ needed | reject('in', relations) | join(', ') ~ " is missing: write accepted_rows(" ~ warehouse_ml._reference(table)
            ~ ", refers_to=[" ~ references | join(', ') ~ "])."
        ) }}
    {%- endif -%}
    {{ warehouse_ml._accepted_rows(table, relations) }}
{%- endmacro %}


{#- The subquery that accepted_rows gives.
    table: name as raw_tables() gives it · relations: mapping of name to relation, of the table and all that it refers to. -#}
{% macro _accepted_rows(table, relations) -%}
(
    select {{ warehouse_ml._quoted_columns(warehouse_ml._raw_contract(table).columns) | join(', ') }}
    from (
        {{ warehouse_ml._checked_rows(table, relations) | indent(8) }}
    ) as checked_rows
    where not {{ warehouse_ml._breaks_a_rule(table) }}
)
{%- endmacro %}


{#- How a model refers to a raw table: Jinja.
    table: name as raw_tables() gives it. -#}
{% macro _reference(table) -%}
    {%- set names = table.split('.') -%}
    {{ return("source('" ~ names[0] ~ "', '" ~ names[1:] | join('.') ~ "')" if names[1:] else "ref('" ~ table ~ "')") }}
{%- endmacro %}
