{#- The last CTEs before a query that scores, of which `rows_to_score` holds every row with its `row_hash`; when an
    incremental model is added to, only rows that it does not hold as they are, scored by the champion.
    model: relation of the model's versions · scored_rows: relation with the rows · key: list of columns · prefix: of the
    names of added columns · is_tried: whether rows are divided between champion and challenger, which adds `model_version`. -#}
{% macro _rows_to_score(model, scored_rows, key, prefix, is_tried=false) -%}
    {%- set needed = key + [prefix ~ 'row_hash', prefix ~ 'model_version', prefix ~ 'scored_at'] -%}
    {%- if is_incremental() -%}
        {%- set columns = adapter.get_columns_in_relation(this) | map(attribute='name') | map('lower') | list -%}
        {%- for column in needed if column | lower not in columns -%}
            {{ exceptions.raise_compiler_error(
                this.identifier ~ " cannot be added to, as the column '" ~ column ~ "' is missing: it needs " ~ needed | join(', ')
                ~ "; select it, and build once with --full-refresh."
            ) }}
        {%- endfor -%}
    {%- endif -%}
rows_with_hash as (

    select
        scored_rows.*,
        cast({{ warehouse_ml._row_hash('scored_rows') }} as {{ warehouse_ml._sql_type('ubigint') }}) as {{ warehouse_ml._quoted(prefix ~ 'row_hash') }}
        {%- if is_tried %},
        case
            when {{ warehouse_ml._share_of_key(model, 'scored_rows', key, 'champion.challenger') }} < champion.challenger_share
                then champion.challenger
            else champion.version
        end as {{ warehouse_ml._quoted(prefix ~ 'model_version') }}
        {%- endif %}
    from {{ scored_rows }} as scored_rows
    {{ 'cross join champion' if is_tried }}

),

{% if is_incremental() -%}
rows_with_score as (

    select
        {%- for column in key %}
        predictions.{{ warehouse_ml._quoted(column) }},
        {%- endfor %}
        {{ 'predictions.' ~ warehouse_ml._quoted(prefix ~ 'model_version') ~ ',' if is_tried }}
        predictions.{{ warehouse_ml._quoted(prefix ~ 'row_hash') }}
    from {{ this }} as predictions
    {{ 'inner join champion on predictions.' ~ warehouse_ml._quoted(prefix ~ 'model_version') ~ ' = champion.version' if not is_tried }}
    -- A version number may be given anew once the table of versions was dropped.
    inner join {{ model }} as versions
        on
            predictions.{{ warehouse_ml._quoted(prefix ~ 'model_version') }} = versions.version
            and predictions.{{ warehouse_ml._quoted(prefix ~ 'scored_at') }} >= versions.created_at

),

{% endif -%}
rows_to_score as (

    select rows_with_hash.*
    from rows_with_hash
    {%- if is_incremental() %}
    anti join rows_with_score using (
        {%- for column in key + [prefix ~ 'row_hash'] + ([prefix ~ 'model_version'] if is_tried else []) %}{{ warehouse_ml._quoted(column) }}{{ ', ' if not loop.last }}{% endfor -%}
    )
    {%- endif %}

)
{%- endmacro %}
