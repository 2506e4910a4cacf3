{#- The features that a child gives, as a list of mappings of name and SQL over the joined steps.
    child: mapping as `_related_children` gives it · step: prefix of its steps · at: the spine's column with the instant. -#}
{% macro _child_features(child, step, at) -%}
    {%- set features = [] -%}
    {%- for window in child.windows -%}
        {%- if 'count' in child.functions -%}
            {%- do features.append({
                'name': child.name ~ '_count_' ~ window,
                'sql': 'coalesce(cast(' ~ step ~ '_states.__count_' ~ window ~ ' as bigint), 0)',
            }) -%}
        {%- endif -%}
        {%- for value in child['values'] -%}
            {%- set sums = {'of': step ~ '_states.__', 'end': '_' ~ loop.index ~ '_' ~ window} -%}
            {%- if 'mean' in child.functions -%}
                {%- do features.append({
                    'name': child.name ~ '_mean_' ~ value ~ '_' ~ window,
                    'sql': warehouse_ml._mean_of_sums(sums.of, sums.end),
                }) -%}
            {%- endif -%}
            {%- if 'trend' in child.functions and value not in child.generated -%}
                {%- do features.append({
                    'name': child.name ~ '_trend_' ~ value ~ '_' ~ window,
                    'sql': warehouse_ml._trend_of_sums(sums.of, sums.end),
                }) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if 'last' in child.functions -%}
        {%- for value in child['values'] -%}
            {%- do features.append({
                'name': child.name ~ '_last_' ~ value,
                'sql': step ~ '_latest.__value_' ~ loop.index,
            }) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if 'time_since' in child.functions -%}
        {%- do features.append({
            'name': child.name ~ '_minutes_since_last',
            'sql': warehouse_ml.minutes_between(step ~ '_latest.__event_at', 'spine.' ~ at),
        }) -%}
    {%- endif -%}
    {{ return(features) }}
{%- endmacro %}


{#- The mean of a value in a window, which was summed in millionths.
    of, end: what stands around the name of a sum. -#}
{% macro _mean_of_sums(of, end) -%}
    cast({{ of }}v{{ end }} as double) / nullif({{ of }}n{{ end }} * 1e6, 0)
{%- endmacro %}


{#- The slope of the least squares line of a value over time, per day.
    of, end: what stands around the name of a sum. -#}
{% macro _trend_of_sums(of, end) -%}
    cast({{ of }}n{{ end }} * {{ of }}sv{{ end }} - {{ of }}s{{ end }} * {{ of }}v{{ end }} as double) * 0.0864e0 / nullif(cast({{ of }}n{{ end }} * {{ of }}ss{{ end }} - {{ of }}s{{ end }} * {{ of }}s{{ end }} as double), 0)
{%- endmacro %}
