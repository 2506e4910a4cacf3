"""Plots of what a version leans on: importance, and contributions to its scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scoring.report.charts import NAMES, Chart, Spec, hint, name, number, spec
from scoring.report.explained import FEATURES, FEWEST, Explained
from scoring.report.facts import Record

ROW = 20


def importance_chart(importance: Sequence[Record] | None) -> Iterator[Chart]:
    """Yield the importance of the features as training measured it."""
    measured = [one for one in importance or [] if one["gain"] is not None]
    total = sum(one["gain"] for one in measured)
    if not total:
        return
    ranked = sorted(measured, key=lambda one: -one["gain"])[:FEATURES]
    rows = [
        {"feature": one["feature"], "share": one["gain"] / total, "splits": one["splits"]} for one in ranked
    ]
    more = (
        f" {len(measured) - len(rows)} more features are in the table below."
        if len(measured) > len(rows)
        else ""
    )
    yield Chart(
        "importance",
        "Importance at training",
        "Share of all the gain of splits in trees, or of the weights of a linear model." + more,
        spec(
            rows,
            len(rows),
            per_row=ROW,
            mark={"type": "bar", "color": "@series-1", "cornerRadiusEnd": 3, "height": {"band": 0.7}},
            encoding={
                "y": name("feature", axis=NAMES),
                "x": number("share", axis={"format": ".0%", "tickCount": 4}),
                "tooltip": hint(feature="Feature", share="Share:.1%", splits="Splits:,"),
            },
        ),
    )


def contribution_charts(explained: Explained) -> Iterator[Chart]:
    """Yield the sizes of contributions, and their distribution where there is one score."""
    if not explained.importance:
        return
    features = list(dict.fromkeys(one["feature"] for one in explained.importance))
    scores = list(dict.fromkeys(one["score"] for one in explained.importance))
    sample = f"Shapley values of the raw score over {explained.rows:,} rows of {explained.source}."
    if explained.bins:
        yield Chart(
            "summary",
            "SHAP summary",
            "Every dot is a group of rows: to the right the feature raises the score, to the left it lowers it; the "
            "larger, the more rows. The colour is how high the feature's value is, grey for categories and groups "
            f"below {FEWEST} rows; the outermost dots hold what is beyond. {sample}",
            spec(
                explained.bins,
                len(features),
                per_row=ROW + 2,
                transform=[{"calculate": "(datum.from + datum.to) / 2", "as": "middle"}],
                layer=[
                    {
                        "data": {"values": [{"zero": 0}]},
                        "mark": {"type": "rule", "color": "@muted", "strokeWidth": 1},
                        "encoding": {"x": number("zero")},
                    },
                    _dots(features, "datum.rank === null", {"value": "@neutral"}),
                    _dots(features, "datum.rank !== null", number("rank", **RANKS)),
                ],
            ),
            is_wide=True,
        )
    colour = (
        {"color": {**name("score"), "legend": {"orient": "top", "title": None}}} if len(scores) > 1 else {}
    )
    yield Chart(
        "contributions",
        "Mean size of contributions" + (" by class" if len(scores) > 1 else ""),
        f"How far a feature moves the raw score on average, in either direction. {sample}",
        spec(
            explained.importance,
            len(features),
            per_row=ROW,
            mark={
                "type": "bar",
                "height": {"band": 0.7},
                **({"color": "@series-2", "cornerRadiusEnd": 3} if len(scores) < 2 else {}),
            },
            encoding={
                "y": name("feature", axis=NAMES, scale={"domain": features}),
                "x": number("size", axis={"tickCount": 4}),
                "tooltip": hint(
                    feature="Feature", **({"score": "Class"} if len(scores) > 1 else {}), size="Mean size:.3"
                ),
                **colour,
            },
        ),
    )


RANKS: Spec = {
    "scale": {"domain": [0, 1], "range": ["@low", "@middle", "@high"]},
    "legend": {
        "orient": "top",
        "title": "Value of the feature",
        "gradientLength": 110,
        "values": [0, 1],
        "labelExpr": "datum.value ? 'high' : 'low'",
    },
}


def _dots(features: Sequence[str], which: str, colour: Spec) -> Spec:
    shown = hint(
        feature="Feature",
        **{"from": "Adds from:.3"},
        to="to:.3",
        rows="Rows:,",
        rank="Mean rank of values:.0%",
    )
    return {
        "transform": [{"filter": which}],
        "mark": {"type": "circle", "opacity": 0.9},
        "encoding": {
            "y": name("feature", axis={**NAMES, "grid": True}, scale={"domain": features}),
            "x": number("middle", "Adds to the raw score", axis={"tickCount": 5}),
            "size": number("rows", scale={"range": [10, 260]}, legend=None),
            "color": colour,
            "tooltip": shown,
        },
    }
