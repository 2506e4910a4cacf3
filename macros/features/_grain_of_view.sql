{#- What tells the rows of a feature view apart, from its block `feature_view`: a mapping of keys, a list, event_at, known_at
    and columns, which are all of these.
    block: the block. -#}
{% macro _grain_of_view(block) -%}
    {%- set keys = block.get('keys') or [] -%}
    {%- set keys = [keys] if keys is string or keys is not iterable or keys is mapping else keys | list -%}
    {%- set event_at, known_at = block.event_at or 'event_at', block.known_at or 'known_at' -%}
    {{ return({'keys': keys, 'event_at': event_at, 'known_at': known_at, 'columns': keys + [event_at, known_at]}) }}
{%- endmacro %}
