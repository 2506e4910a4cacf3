{#- What a row adds to the log loss, as a SQL expression: the negative logarithm of the probability of what happened,
    clipped to 2.2e-16 from 0 and 1; null where that is no probability, give or take the rounding of single precision.
    probability: column or expression. -#}
{% macro _log_loss_of(probability) -%}
    case
        when {{ probability }} between -1e-4 and 1.0001e0
            then -ln(least(greatest({{ probability }}, 2.220446049250313e-16), 1 - 2.220446049250313e-16))
    end
{%- endmacro %}
