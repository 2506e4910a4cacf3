{#- The gates that the models' YAML declares, as a query of one row per gate: model_name, metric, dataset, comparison
    and threshold. `min` asks for at least the threshold, `max` for at most. -#}
{% macro declared_gates() -%}
    {%- set rows = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.meta.get('ml') -%}
            {%- for gate in node.config.meta.ml.get('gates', []) -%}
                {%- for comparison in ['min', 'max'] if comparison in gate -%}
                    {%- do rows.append(
                        "('" ~ node.name ~ "', '" ~ gate.metric ~ "', '" ~ gate.get('dataset', 'test') ~ "', '" ~ comparison
                        ~ "', cast('" ~ gate[comparison] ~ "' as double))"
                    ) -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
select
    model_name,
    metric,
    dataset,
    comparison,
    threshold
from (
    values
    {%- for row in rows or ["('', '', '', '', 0e0)"] %}
    {{ row }}{{ ',' if not loop.last }}
    {%- endfor %}
) as declared (model_name, metric, dataset, comparison, threshold)
where model_name <> ''
{%- endmacro %}
