{{ config(materialized='ephemeral') }}

-- Where personal data flows, from the columns that are marked; the comments at the end say it in words.
{{ _kept_table() }}
{{ _personal_data_in_comments() }}
