{{ config(materialized='ephemeral') }}

-- What each run of dbt did with each node, how long it took and what memory the process held.
{{ _kept_table() }}
