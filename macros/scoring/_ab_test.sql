{#- Whether the block of a model divides rows between two versions, `ab_test`; an error where predict has no key to do it by.
    versions: relation of the model's versions, as ref() gives it · key: the key that predict is given. -#}
{% macro _is_tried(versions, key) -%}
    {%- for node in graph.nodes.values()
        if node.config.get('materialized') == 'ml_model' and node.alias | lower == versions.identifier | lower
        and node.schema | lower == versions.schema | lower and node.config.meta.get('ml', {}).get('ab_test') -%}
        {%- if key is none -%}
            {{ exceptions.raise_compiler_error(
                "predict: " ~ node.name ~ " has an ab_test, which divides rows by their key; pass key='…', or remove ab_test from its block"
            ) }}
        {%- endif -%}
        {{ return(true) }}
    {%- endfor -%}
    {{ return(false) }}
{%- endmacro %}


{#- A number from 0 up to 1 that a row's key and a version decide, as a SQL expression: the first 32 bits of an MD5 as a share of
    2^32. A row keeps its number in every build, and a larger share keeps the rows of a smaller one.
    versions: relation of the model's versions · rows: alias of the rows · key: list of columns · challenger: SQL of the version. -#}
{% macro _share_of_key(versions, rows, key, challenger) -%}
    {%- set parts = [warehouse_ml._text(versions.identifier ~ '@'), challenger] -%}
    {%- for column in key -%}
        {%- do parts.append("' '") -%}
        {%- do parts.append("coalesce(cast(" ~ rows ~ "." ~ warehouse_ml._quoted(column) ~ " as " ~ warehouse_ml._sql_type('varchar') ~ "), 'null')") -%}
    {%- endfor -%}
    {{ adapter.dispatch('_number_of_hex', 'warehouse_ml')('substr(md5(concat(' ~ parts | join(', ') ~ ')), 1, 8)') }} / 4294967296e0
{%- endmacro %}


{#- A whole number of its hexadecimal digits.
    digits: SQL text. -#}
{% macro default___number_of_hex(digits) -%}
    cast('0x' || {{ digits }} as bigint)
{%- endmacro %}


{% macro spark___number_of_hex(digits) -%}
    cast(conv({{ digits }}, 16, 10) as bigint)
{%- endmacro %}
