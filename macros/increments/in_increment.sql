{#- Whether a row belongs to the increment that is being built, or to the history that the increment's rows need; always
    true where the model is built whole.
    instant: SQL instant of the row · history: how far the model's windows reach back, such as '28 day'. -#}
{% macro in_increment(instant, history=none) -%}
    {%- set start = warehouse_ml._increment_start() if is_incremental() -%}
    {%- if not start -%}
        true
    {%- else -%}
        {{ warehouse_ml._utc(instant) }} >= timestamp '{{ start }}'{{ (' - ' ~ warehouse_ml._span(history)) if history }}
    {%- endif -%}
{%- endmacro %}
