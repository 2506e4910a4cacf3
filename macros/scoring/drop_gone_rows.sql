{#- Drops the rows of the model whose key is no longer among the rows to score: the post-hook of incremental predictions.
    scored_rows: relation with the rows · key: column, or list of columns, that identifies a row. -#}
{% macro drop_gone_rows(scored_rows, key) -%}
delete from {{ this }} as predictions
where not exists (
    select 1
    from {{ scored_rows }} as scored_rows
    where
        {% for column in ([key] if key is string else key) -%}
        predictions.{{ adapter.quote(column) }} = scored_rows.{{ adapter.quote(column) }}
        {{- ' and ' if not loop.last }}
        {%- endfor %}
)
{%- endmacro %}
