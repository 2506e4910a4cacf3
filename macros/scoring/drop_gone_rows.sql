{#- Drops the rows of the model whose key is no longer among the rows to score: the post-hook of incremental predictions.
    scored_rows: relation with the rows · key: column, or list of columns, that identifies a row. -#}
{% macro drop_gone_rows(scored_rows, key) -%}
    {%- set is_scored -%}
exists (
    select 1
    from {{ scored_rows }} as scored_rows
    where
        {% for column in ([key] if key is string else key) -%}
        predictions.{{ warehouse_ml._quoted(column) }} = scored_rows.{{ warehouse_ml._quoted(column) }}
        {{- ' and ' if not loop.last }}
        {%- endfor %}
)
    {%- endset -%}
    {{ adapter.dispatch('_keep_predictions', 'warehouse_ml')(is_scored) }}
{%- endmacro %}


{#- The statement that deletes all rows of the model but some.
    is_kept: SQL condition on `predictions`. -#}
{% macro default___keep_predictions(is_kept) -%}
delete from {{ this }} as predictions
where not {{ is_kept }}
{%- endmacro %}


{#- A table of files has no rows to delete: what is kept takes its place, if not all is. -#}
{% macro spark___keep_predictions(is_kept) -%}
    {%- set gone = 'select 1 from ' ~ this ~ ' as predictions where not ' ~ is_kept ~ ' limit 1' -%}
    {%- if execute and run_query(gone).rows -%}
        {%- do ml_replace_rows(this, 'select * from ' ~ this ~ ' as predictions where ' ~ is_kept) -%}
    {%- endif -%}
{%- endmacro %}
