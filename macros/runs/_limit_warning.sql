{#- What a forecast passes, in one sentence each; null where it passes nothing. -#}
{% macro _limit_warning() -%}
    nullif(
        concat_ws(
            ' ',
            case
                when predicted_seconds > limit_seconds
                    then concat(
                        'The next run is expected to take ', round(predicted_seconds, 1), ' s; the limit is ', limit_seconds, ' s.'
                    )
            end,
            case
                when predicted_memory_bytes > limit_memory_bytes
                    then concat(
                        'The process is expected to hold ', cast(round(predicted_memory_bytes / 1048576) as bigint),
                        ' MB; the limit is ', cast(round(limit_memory_bytes / 1048576) as bigint), ' MB.'
                    )
            end
        ),
        ''
    )
{%- endmacro %}
