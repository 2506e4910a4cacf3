{#- A hint with the known name nearest to a given one, to end a sentence with, or nothing where none is near: the one with
    the most pairs of letters in common, 2 |A and B| / (|A| + |B|), if it has at least four tenths (Dice 1945).
    name: text · names: list of texts. -#}
{% macro _nearest_name(name, names) -%}
    {%- set nearest = namespace(name=none, likeness=0.4) -%}
    {%- set pairs = warehouse_ml._letter_pairs(name | lower) -%}
    {%- for candidate in names if name is string -%}
        {%- set others = warehouse_ml._letter_pairs(candidate | lower) -%}
        {%- set likeness = 2 * pairs.intersection(others) | length / (pairs | length + others | length) -%}
        {%- if likeness >= nearest.likeness -%}
            {%- set nearest.name, nearest.likeness = candidate, likeness -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(" Did you mean '" ~ nearest.name ~ "'?" if nearest.name else '') }}
{%- endmacro %}


{#- The pairs of neighbouring letters in a text, its ends included, as a set.
    text: text. -#}
{% macro _letter_pairs(text) -%}
    {%- set padded = ' ' ~ text ~ ' ' -%}
    {%- set pairs = [] -%}
    {%- for start in range(padded | length - 1) -%}
        {%- do pairs.append(padded[start:start + 2]) -%}
    {%- endfor -%}
    {{ return(set(pairs)) }}
{%- endmacro %}
