{{ config(materialized='ephemeral') }}

-- How good each raw table is in each build; nothing is replaced, so that a table's quality can be followed.
{{ _kept_table() }}
