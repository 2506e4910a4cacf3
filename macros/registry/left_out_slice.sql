{#- Why a slice does not count for a gate, as a sentence; null where it does. Too few rows, or a metric that is not defined on
    them although every score is finite. Reads the columns of observed_gates. -#}
{% macro left_out_slice() -%}
case
    when slice_value is null or not is_finite then null
    when row_count < slice_min_rows
        then concat(
            model_name, ' ', version, ': ', slice_column, ' ', slice_value, ' is left out of the gate on ', metric, ' on the ',
            dataset, ' data: it has ', cast(row_count as bigint), ' rows, and min_rows is ', slice_min_rows
        )
    when model_value is null
        then concat(
            model_name, ' ', version, ': ', slice_column, ' ', slice_value, ' is left out of the gate on ', metric, ' on the ',
            dataset, ' data: ', metric, ' is not defined on its rows'
        )
end
{%- endmacro %}
