{#- Refuses a version that does not exist, whose row is damaged, or that does not pass its gates, unless that is overridden.
    Gives whether it is.
    model: name of the model · action: promote or rollback · version: number of the version · force: whether gates may be
    overridden · champions: versions that scored, which need pass no gates again. -#}
{% macro _check_version(model, action, version, force, champions=[]) -%}
    {%- set versions = run_query(
        "select distinct version from " ~ ref(project_name, model) ~ " where version is not null order by 1"
    ).columns[0].values() | map('int') | list -%}
    {%- if version not in versions -%}
        {{ exceptions.raise_compiler_error(
            "The " ~ action ~ " of '" ~ model ~ "' must name one of its versions, but found " ~ version ~ ": it has "
            ~ (versions | join(', ') or 'none') ~ "; write one of these."
        ) }}
    {%- endif -%}
    {%- set problem = run_query("select ml_version_problem('" ~ model ~ '@' ~ version ~ "')").rows[0][0] -%}
    {%- if problem is not none -%}
        {{ exceptions.raise_compiler_error(action ~ " changes nothing: " ~ problem) }}
    {%- endif -%}
    {%- set passing = run_query(
        "select version from " ~ ref('warehouse_ml', 'passing_versions') ~ " where model_name = '" ~ model ~ "'"
    ).columns[0].values() | map('int') | list -%}
    {%- set is_refused = version not in passing and version not in champions -%}
    {%- if is_refused and not force -%}
        {{ exceptions.raise_compiler_error(
            action ~ " changes nothing: version " ~ version ~ " of '" ~ model ~ "' does not pass its gates (see ml.model_gates); "
            ~ "choose another version, or override the gates with force: true."
        ) }}
    {%- endif -%}
    {{ return(is_refused) }}
{%- endmacro %}
