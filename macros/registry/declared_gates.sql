{#- The gates that the models' YAML declares, as a query of one row per gate and column of slices: model_name, metric,
    dataset, comparison, slice_column, severity and threshold. A gain over one baseline alone is a comparison of its
    own, min_gain_over_constant or min_gain_over_linear. -#}
{% macro declared_gates() -%}
    {%- set comparisons = ['min', 'max', 'min_gain_over_baseline', 'min_gain_over_champion', 'max_vs_champion'] -%}
    {%- set rows = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.meta.get('ml') -%}
            {%- for gate in node.config.meta.ml.get('gates') or [] -%}
                {%- set slices = gate.get('slices') or [none] -%}
                {%- for slice in ([slices] if slices is string else slices) -%}
                    {%- for comparison in comparisons if comparison in gate -%}
                        {%- set named = comparison | replace('baseline', gate.get('baseline') or 'baseline') -%}
                        {%- set texts = [
                            node.name, gate.metric, gate.get('dataset') or 'test', named, slice, gate.get('severity') or 'error'
                        ] -%}
                        {%- set row = [] -%}
                        {%- for text in texts -%}
                            {%- do row.append('null' if text is none else "'" ~ text | replace("'", "''") ~ "'") -%}
                        {%- endfor -%}
                        {%- do rows.append("(" ~ row | join(', ') ~ ", cast('" ~ gate[comparison] ~ "' as double))") -%}
                    {%- endfor -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
select
    model_name,
    metric,
    dataset,
    comparison,
    cast(slice_column as varchar) as slice_column,
    severity,
    threshold
from (
    values
    {%- for row in rows or ["('', '', '', '', null, '', 0e0)"] %}
    {{ row }}{{ ',' if not loop.last }}
    {%- endfor %}
) as declared (model_name, metric, dataset, comparison, slice_column, severity, threshold)
where model_name <> ''
{%- endmacro %}
