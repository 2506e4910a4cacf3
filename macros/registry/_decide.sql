{#- Records a decision about a model's champion, and lets it take effect. dbt opens a transaction with the first query of
    an operation; the commit at the end makes all of it visible, or nothing.
    model: name of the model · action: promote, rollback or release · version: number of the version, or none
    · reason: text · is_forced: whether it overrides the gates. -#}
{% macro _decide(model, action, version, reason, is_forced=false) -%}
    {%- set history = ref('warehouse_ml', 'champion_history') -%}
    {%- set candidates = ref('warehouse_ml', 'champion_candidates') -%}
    {%- call statement('record') -%}
        insert into {{ ref('warehouse_ml', 'model_promotions') }}
            (model_name, version, action, reason, is_forced, dbt_invocation_id, decided_at)
        values (
            '{{ model }}',
            {{ 'null' if version is none else version }},
            '{{ action }}',
            {{ warehouse_ml._text(reason) }},
            {{ is_forced }},
            '{{ invocation_id }}',
            {{ warehouse_ml.utc_now() }}
        )
    {%- endcall -%}
    {%- call statement('end_period') -%}
        update {{ history }} as history
        set live_until_at = {{ warehouse_ml.utc_now() }}
        from {{ candidates }} as candidates
        where
            history.model_name = '{{ model }}'
            and history.live_until_at is null
            and candidates.model_name = history.model_name
            and (candidates.version <> history.version or candidates.reason <> history.reason)
    {%- endcall -%}
    {%- call statement('begin_period') -%}
        insert into {{ history }} by name
        select
            candidates.*,
            md5(candidates.model_name || ' ' || {{ warehouse_ml.utc_now() }}) as decision_id,
            {{ warehouse_ml.utc_now() }} as decided_at,
            {{ warehouse_ml.utc_now() }} as live_from_at
        from {{ candidates }} as candidates
        where
            candidates.model_name = '{{ model }}'
            and candidates.model_name not in (select model_name from {{ history }} where live_until_at is null)
    {%- endcall -%}
    {%- set sql_forms = warehouse_ml.write_sql_forms(history) -%}
    {%- if sql_forms -%}
        {%- call statement('write_sql_forms') -%}
            {{ sql_forms }}
        {%- endcall -%}
    {%- endif -%}
    {%- do adapter.commit() -%}
    {%- set champions = run_query(
        "select version, reason from " ~ ref('warehouse_ml', 'champions') ~ " where model_name = '" ~ model ~ "'"
    ) -%}
    {%- for champion in champions.rows -%}
        {{ log("The champion of " ~ model ~ " is version " ~ champion[0] ~ " (" ~ champion[1] ~ ").", info=true) }}
    {%- endfor -%}
{%- endmacro %}
