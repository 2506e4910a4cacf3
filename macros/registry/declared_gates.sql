{#- The gates that the models' YAML declares, as a query of one row per gate and column of slices: model_name, metric,
    dataset, comparison, slice_column, severity, threshold and slice_min_rows, 30 on slices unless the gate says otherwise and 0
    elsewhere. A gain over one baseline alone is a comparison of its own, min_gain_over_constant or min_gain_over_linear.
    What is no gate is left out, and what is no number is null: training reports both. -#}
{% macro declared_gates() -%}
    {%- set comparisons = ['min', 'max', 'min_gain_over_baseline', 'min_gain_over_champion', 'max_vs_champion'] -%}
    {%- set rows = [] -%}
    {%- for model_name, block in _ml_blocks().items() -%}
        {%- set gates = block.get('gates') -%}
        {%- for gate in (gates if gates is sequence and gates is not string else []) if gate is mapping and gate.metric -%}
            {%- set slices = gate.get('slices') or [none] -%}
            {%- for slice in ([slices] if slices is string else slices) -%}
                {%- for comparison in comparisons if comparison in gate -%}
                    {%- set named = comparison | replace('baseline', gate.get('baseline') or 'baseline') -%}
                    {%- set row = [] -%}
                    {%- for value in [
                        model_name, gate.metric, gate.get('dataset') or 'test', named, slice, gate.get('severity') or 'error',
                        gate[comparison], gate.get('min_rows', 30) if slice else 0
                    ] -%}
                        {%- do row.append('null' if value is none else "'" ~ value | string | replace("'", "''") ~ "'") -%}
                    {%- endfor -%}
                    {%- do rows.append('(' ~ row | join(', ') ~ ')') -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
select
    model_name,
    metric,
    dataset,
    comparison,
    cast(slice_column as varchar) as slice_column,
    severity,
    try_cast(threshold as double) as threshold,
    try_cast(slice_min_rows as integer) as slice_min_rows
from (
    values
    {%- for row in rows or ["('', '', '', '', null, '', '', '')"] %}
    {{ row }}{{ ',' if not loop.last }}
    {%- endfor %}
) as declared (model_name, metric, dataset, comparison, slice_column, severity, threshold, slice_min_rows)
where model_name <> ''
{%- endmacro %}
