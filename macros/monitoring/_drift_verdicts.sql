{#- The CTE `judged` and those before it, without `with`: a verdict on each comparison, and why. An effect counts where its whole
    confidence interval is above a threshold, so that more rows alone change no verdict. Statistics of too few rows are null.
    spec: what the monitor measures (_monitor_spec) · described: relation with the statistics of _drift_statistics, null
    where nothing could be compared. -#}
{% macro _drift_verdicts(spec, described) -%}
{%- set effects = {
    'psi': 'psi_lower',
    'null_share_change': 'abs(null_share - reference_null_share) - null_error',
    'new_category_share': 'unseen_share - reference_unseen_share - unseen_error',
    'empty_bin_share': 'emptied_share',
} -%}
{%- set texts = {
    'psi': "'PSI is ' || " ~ warehouse_ml._rounded('psi') ~ " || ' (' || " ~ warehouse_ml._rounded('psi_lower') ~ " || ' to ' || "
        ~ warehouse_ml._rounded('psi_upper') ~ " || ')'",
    'null_share_change': warehouse_ml._rounded('100 * null_share') ~ " || ' % of the rows have no value, and ' || "
        ~ warehouse_ml._rounded('100 * reference_null_share') ~ " || ' % of those compared with'",
    'new_category_share': warehouse_ml._rounded('100 * unseen_share') ~ " || ' % of the rows have a value that training did not see'",
    'empty_bin_share': warehouse_ml._rounded('100 * emptied_share')
        ~ " || ' % of the rows compared with are in bins that are empty now'",
} -%}
flagged as (

    select
        *,
        rows_of_all >= {{ spec.min_rows }} and reference_of_all >= {{ spec.min_rows }} as has_rows,
        rows_of_all >= {{ spec.min_rows }} and reference_of_all >= {{ spec.min_rows }}
        and null_share < 1 and reference_null_share < 1 as has_values,
        finite_rows >= {{ spec.min_rows }} and reference_finite >= {{ spec.min_rows }} as has_numbers
    from {{ described }}

),

levels as (

    select
        *
        {%- for name, effect in effects.items() %},
        case
            when not coalesce({{ 'has_rows' if name == 'null_share_change' else 'has_values' }}, false) then 0
            when {{ effect }} > cast('{{ spec.thresholds[name].drift }}' as double) then 2
            when {{ effect }} > cast('{{ spec.thresholds[name].warn }}' as double) then 1
            else 0
        end as {{ name }}_level
        {%- endfor %}
    from flagged

),

judged as (

    select
        slice_number,
        period_start,
        feature,
        kind,
        compared_with,
        reference_start,
        row_count,
        reference_rows,
        case when has_values then psi end as psi,
        case when has_values then psi_lower end as psi_lower,
        case when has_values then psi_upper end as psi_upper,
        case when has_values then js_distance end as js_distance,
        case when has_values and has_numbers then ks end as ks,
        case when has_values and has_numbers then wasserstein end as wasserstein,
        case when has_rows then null_share - reference_null_share end as null_share_change,
        case when has_values then unseen_share end as new_category_share,
        case when has_values then empty_bins end as empty_bins,
        case
            when reference_rows is null then 'no reference'
            when greatest({% for name in effects %}{{ name }}_level{{ ', ' if not loop.last }}{% endfor %}) = 2 then 'drift'
            when greatest({% for name in effects %}{{ name }}_level{{ ', ' if not loop.last }}{% endfor %}) = 1 then 'warn'
            when coalesce(has_values, false) then 'stable'
            else 'too few rows'
        end as verdict,
        case
            when not has_reference
                then 'the version was trained by an earlier release, which kept no distribution of its training rows: train it anew'
            when reference_rows is null and compared_with = 'training'
                then 'the version keeps no distribution of training rows of this slice'
            when reference_rows is null then 'there is no earlier period of this version to compare with'
            when row_count = 0 and period_rows > 0 then 'the query of the monitor does not select the feature'
            when row_count < {{ spec.min_rows }} then row_count || ' rows, fewer than {{ spec.min_rows }}'
            when reference_rows < {{ spec.min_rows }}
                then reference_rows || ' rows to compare with, fewer than {{ spec.min_rows }}'
            else nullif(concat_ws(
                '; ',
                {%- for name, text in texts.items() %}
                case when {{ name }}_level > 0 then {{ text }} end,
                {%- endfor %}
                case
                    when not has_values and null_share = 1 then 'no row has a value'
                    when not has_values then 'no row compared with has a value'
                end
            ), '')
        end as reason
    from levels

)
{%- endmacro %}


{#- A number as text with at most three digits after the point.
    value: SQL number. -#}
{% macro _rounded(value) -%}
    cast(round({{ value }}, 3) as varchar)
{%- endmacro %}
