{#- A limit of the var `resource_limits`, as SQL; null where it is not set.
    name: node_seconds, build_seconds or memory_mb. -#}
{% macro _resource_limit(name) -%}
    {%- set limits = var('resource_limits', none) or {} -%}
    {%- for key, value in limits.items() -%}
        {%- set problem = 'is not a key; keys are: node_seconds, build_seconds, memory_mb' if key not in ('node_seconds', 'build_seconds', 'memory_mb')
            else 'is ' ~ value ~ '; it must be a number above 0' if value is not number or value is boolean or value <= 0 -%}
        {%- if problem -%}{{ exceptions.raise_compiler_error('The var resource_limits: ' ~ key ~ ' ' ~ problem ~ '.') }}{%- endif -%}
    {%- endfor -%}
    cast({{ limits.get(name, 'null') }} as double)
{%- endmacro %}
