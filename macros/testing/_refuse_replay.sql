{#- Says why a model cannot be replayed, and what to do.
    node: the model's node in the graph · reason: what it is or does, in words. -#}
{% macro _refuse_replay(node, reason) -%}
    {{ exceptions.raise_compiler_error(
        "replays_as_of must render " ~ node.name ~ " again as of the cutoff, but it " ~ reason
        ~ ", which no query can replay: test a model that does not read it, or name it under as_built to read its rows as they are."
    ) }}
{%- endmacro %}
