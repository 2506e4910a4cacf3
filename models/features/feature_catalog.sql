{{ config(materialized='ephemeral') }}

-- Every feature of every feature view: as declared, and as its table holds it.
{{ _kept_table() }}
