{#- No clock of a row is later than its prediction time: every value was known when the row was to be predicted. A null
    clock says that nothing was known.

    at: SQL instant, the prediction time · clocks: list of columns with the instants at which values became known · ages:
    list of columns with how old values were at the prediction time. Without either, all columns whose names end in
    `known_at` and `_age_minutes` are checked. -#}
{% test known_before_prediction(model, at, clocks=none, ages=none) %}
    {%- set built = warehouse_ml._tested_relation() -%}
    {%- if not built %}
select * from {{ model }}
    {%- else -%}
        {%- set late = [] -%}
        {%- set by_name = clocks is none and ages is none -%}
        {%- for column in adapter.get_columns_in_relation(built) -%}
            {%- set name = column.name -%}
            {%- if name in (clocks or []) or (by_name and name.lower().endswith('known_at')) -%}
                {%- do late.append((name, warehouse_ml._utc(warehouse_ml._quoted(name)) ~ ' > ' ~ warehouse_ml._utc(at))) -%}
            {%- elif name in (ages or []) or (by_name and name.lower().endswith('_age_minutes')) -%}
                {%- do late.append((name, warehouse_ml._quoted(name) ~ ' < 0')) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set unknown = ((clocks or []) + (ages or [])) | reject('in', late | map(attribute=0) | list) | list -%}
        {%- if unknown or not late -%}
            {{ exceptions.raise_compiler_error(
                "known_before_prediction must find columns of " ~ built.identifier ~ " with clocks or ages, but it has none named "
                ~ (unknown or ['…known_at', '…_age_minutes']) | join(', ') ~ ": name them in `clocks` or `ages`."
            ) }}
        {%- endif -%}

with counted as (

    select
        {%- for name, condition in late %}
        count(*) filter (where {{ condition }}) as {{ warehouse_ml._quoted(name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ model }}

),

described as (

    select
        concat_ws(
            ', '
            {%- for name, condition in late %},
            case when {{ warehouse_ml._quoted(name) }} > 0 then concat({{ warehouse_ml._quoted(name) }}, ' with {{ name }}') end
            {%- endfor %}
        ) as late_columns
    from counted

)

select late_columns
from described
where
    late_columns <> ''
    {%- if config.get('severity', 'error') | lower == 'error' %}
    and {{ warehouse_ml._raise_error(
        "concat('" ~ built.identifier ~ " has row(s) that know more than is known at their prediction time: ', "
        ~ "late_columns, ': join by when a value became known.')"
    ) }}
    {%- endif %}
    {%- endif %}
{% endtest %}
