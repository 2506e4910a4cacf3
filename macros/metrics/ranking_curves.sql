{#- Curves of a ranking, walked from the highest score down: `roc` has the false positive rate as x and the true
    positive rate as y, `pr` recall and precision, `lift` the share of rows taken and how many times more of them are
    positive than of all rows. A point holds for all rows that score at least its threshold. About `points` points,
    evenly spread over the rows, stand for all of them; the first and the last score are always among them.
    One row per group, curve and point: the columns of `by`, curve, x, y, threshold. A group of one class has none, nor
    has one with a score that is not finite.

    rows: relation or subquery · label: column, 1 or 0 · score: column · weight: column or expression
    · by: list of columns to group by · points: number of points. -#}
{% macro ranking_curves(rows, label='label', score='score', weight='1e0', by=[], points=100) -%}
{{ warehouse_ml._ranking_curves_of('(' ~ warehouse_ml._ranking(rows, label, score, weight, by) ~ ')', by, points) }}
{%- endmacro %}
