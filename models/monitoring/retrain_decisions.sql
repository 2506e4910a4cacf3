{{ config(materialized='ephemeral') }}

-- Whether the next build trains each model, and why; nothing is replaced, so that decisions can be followed.
{{ _kept_table() }}
