{#- Runs statements once per dbt command, whoever asks first, and returns a mapping of answer, the first value of what the last one
    gives, and is_first, whether this call ran them; others wait meanwhile.
    key: what names them · statements: list of SQL. -#}
{% macro _run_once(key, statements) -%}
    {{ return(adapter.dispatch('_run_once', 'warehouse_ml')(key, statements)) }}
{%- endmacro %}


{% macro default___run_once(key, statements) -%}
    {#- As two texts of one query, which a thread can wait for. -#}
    {%- set row = run_query(
        'select once.is_first, once.answer from (select ml_once(' ~ dbt.string_literal(dbt.escape_single_quotes(key)) ~ ', '
        ~ dbt.string_literal(dbt.escape_single_quotes(statements | join(';\n\n'))) ~ ') as once)'
    ).rows[0] -%}
    {{ return({'is_first': row['is_first'], 'answer': row['answer']}) }}
{%- endmacro %}


{% macro spark___run_once(key, statements) -%}
    {{ return(adapter.run_once(key, statements)) }}
{%- endmacro %}
