{#- One sentence about a gate that a version fails: which gate, what was observed, what was asked, who scores now.
    Reads the columns of gate_failures, left_out and champion_version. -#}
{% macro gate_failure_message() -%}
concat(
    'Version ', version, ' of ', model_name,
    case
        when left_out is not null
            then concat(
                ' has no ', slice_column, ' that counts for the gate on ', metric, ' on the ', dataset, ' data (',
                left_out, ')'
            )
        when metric = 'non_finite_scores'
            then concat(
                ' gives ', cast(observed as bigint), ' rows of the ', dataset, ' data a score that is NaN, infinite or null; ',
                'every score must be a finite number'
            )
        when comparison = 'must_beat_constant'
            then concat(
                ' must be better than the constant baseline in ', metric, ' on the ', dataset, ' data, but ',
                coalesce(concat('its gain is ', cast(round(observed, 6) as varchar)), 'its gain is not defined')
            )
        else concat(
            ' must have ',
            case comparison
                when 'min_gain_over_champion' then 'a gain over the champion in '
                when 'min_gain_over_baseline' then 'a gain over the better baseline in '
                when 'min_gain_over_constant' then 'a gain over the constant baseline in '
                when 'min_gain_over_linear' then 'a gain over the linear baseline in '
                when 'max_vs_champion' then 'a ratio to the champion''s in '
                else ''
            end,
            metric, ' on the ', dataset, ' data',
            case
                when slice_value is not null then concat(' where ', slice_column, ' is ', slice_value)
                when slice_column is not null then concat(' for every ', slice_column)
                else ''
            end,
            case when comparison in ('max', 'max_vs_champion') then ' of at most ' else ' of at least ' end, threshold,
            ', but ', coalesce(cast(round(observed, 6) as varchar), 'nothing'), ' was observed'
        )
    end,
    ': ',
    case
        when champion_version is null then 'no version scores'
        when champion_version = version then 'it goes on scoring'
        else concat('version ', champion_version, ' goes on scoring')
    end,
    case
        when left_out is not null then '; lower min_rows or gate all rows together.'
        when metric = 'non_finite_scores' then '; correct the model.'
        when comparison = 'must_beat_constant'
            then '; improve the model, or write must_beat_constant: false in its block.'
        else '; improve the model or move the gate.'
    end
)
{%- endmacro %}
