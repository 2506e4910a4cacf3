{{ config(materialized='ephemeral') }}

-- A raw row that breaks its table's contract stays here and goes no further.
{{ _kept_table() }}
