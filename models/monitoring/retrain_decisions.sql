{{ config(materialized='ephemeral') }}

-- Whether the next build trains each model, and why. Nothing is replaced: decisions can be compared with what came.
{{ _kept_table() }}
