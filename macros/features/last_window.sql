{#- The window frame that ends with a row and reaches back over a span of time, as one row per event sees it:
    events at the very same instant are in it too, so equal instants get equal values.
    keys: list of columns · at: the column with the instant · span: an interval, such as '3' hour. -#}
{% macro last_window(keys, at, span) -%}
    partition by {{ keys | join(', ') }}
    order by {{ at }} asc nulls last
    range between interval {{ span }} preceding and current row
{%- endmacro %}
