{{ config(materialized='ephemeral') }}

-- What happened to each run of dbt, appended by hooks; pipeline_runs has a row per run.
{{ _kept_table() }}
