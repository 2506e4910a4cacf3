{#- Refuses a version that does not exist, or whose artifact is not the one that was trained.
    model: name of the model · action: promote or rollback · version: number of the version. -#}
{% macro _check_version(model, action, version) -%}
    {%- set versions = run_query(
        "select version, case when version = try_cast('" ~ version ~ "' as integer) then coalesce(sha256(artifact) = artifact_sha256, false) end "
        ~ "from " ~ ref(project_name, model) ~ " order by version"
    ).rows -%}
    {%- set numbers = versions | map(attribute=0) | map('int') | list -%}
    {%- if version not in numbers -%}
        {{ exceptions.raise_compiler_error(
            "The " ~ action ~ " of '" ~ model ~ "' must name one of its versions, but found " ~ version ~ ": it has "
            ~ (numbers | join(', ') or 'none') ~ "; write one of these."
        ) }}
    {%- endif -%}
    {%- for row in versions if row[1] is not none and not row[1] -%}
        {{ exceptions.raise_compiler_error(
            "Version " ~ version ~ " of '" ~ model ~ "' must have the artifact that was trained, but its bytes do not match "
            ~ "its SHA-256: restore the row from a backup or train a new version."
        ) }}
    {%- endfor -%}
{%- endmacro %}
