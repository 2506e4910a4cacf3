{#- The features that a child gives, as a list of mappings of name and SQL over the joined states.
    child: mapping as `_related_children` gives it. -#}
{% macro _child_features(child) -%}
    {%- set features = [] -%}
    {%- for window, length in child.windows.items() -%}
        {%- set left = warehouse_ml._quoted('left_' ~ window) if length or child.id else none -%}
        {%- if 'count' in child.functions -%}
            {%- do features.append({
                'name': child.name ~ '_count_' ~ window,
                'sql': 'cast(' ~ warehouse_ml._sum_in_window('count', left) ~ ' as bigint)',
            }) -%}
        {%- endif -%}
        {%- for value in child['values'] -%}
            {%- if 'mean' in child.functions -%}
                {%- do features.append({
                    'name': child.name ~ '_mean_' ~ value ~ '_' ~ window,
                    'sql': warehouse_ml._mean_of_sums(loop.index, left),
                }) -%}
            {%- endif -%}
            {%- if 'trend' in child.functions and value not in child.generated -%}
                {%- do features.append({
                    'name': child.name ~ '_trend_' ~ value ~ '_' ~ window,
                    'sql': warehouse_ml._trend_of_sums(loop.index, left),
                }) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if 'last' in child.functions -%}
        {%- for value in child['values'] -%}
            {%- do features.append({'name': child.name ~ '_last_' ~ value, 'sql': 'latest.__value_' ~ loop.index}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if 'time_since' in child.functions -%}
        {%- do features.append({
            'name': child.name ~ '_minutes_since_last',
            'sql': warehouse_ml.minutes_between('latest.__event_at', 'spine.__spine_at'),
        }) -%}
    {%- endif -%}
    {{ return(features) }}
{%- endmacro %}


{#- The sum over the rows in a window: of those that have entered, less those that have left.
    name: of the sum · left: the state of those that have left; none where none ever do. -#}
{% macro _sum_in_window(name, left) -%}
    {%- if left -%}
        (coalesce(entered.__{{ name }}, 0) - coalesce({{ left }}.__{{ name }}, 0))
    {%- else -%}
        coalesce(entered.__{{ name }}, 0)
    {%- endif -%}
{%- endmacro %}


{#- The mean of a value in a window, which was summed in millionths.
    value: its number · left: the state of the rows that have left the window. -#}
{% macro _mean_of_sums(value, left) -%}
    {{ warehouse_ml._sum_in_window('v_' ~ value, left) }} / nullif({{ warehouse_ml._sum_in_window('n_' ~ value, left) }} * 1e6, 0)
{%- endmacro %}


{#- The slope of the least squares line of a value over time, per day.
    value: its number · left: the state of the rows that have left the window. -#}
{% macro _trend_of_sums(value, left) -%}
    {%- set sums = {} -%}
    {%- for name in ['n', 'v', 's', 'ss', 'sv'] -%}
        {%- do sums.update({name: 'cast(' ~ warehouse_ml._sum_in_window(name ~ '_' ~ value, left) ~ ' as decimal(38, 0))'}) -%}
    {%- endfor -%}
    cast({{ sums.n }} * {{ sums.sv }} - {{ sums.s }} * {{ sums.v }} as double) * 0.0864e0 / nullif(cast({{ sums.n }} * {{ sums.ss }} - {{ sums.s }} * {{ sums.s }} as double), 0)
{%- endmacro %}
