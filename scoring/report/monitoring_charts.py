"""Plots of a model in service: drift of its features and scores, and what its scores were worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scoring.report.charts import NAMES, Chart, Spec, choice, colours, hint, instant, name, number, spec
from scoring.report.facts import Record
from scoring.report.metrics import ORDER
from scoring.report.monitors import Monitored

SHOWN = 30
VERDICTS = ("stable", "warn", "drift", "too few rows", "no reference")
VERDICT_COLOURS = ("@good", "@warn", "@bad", "@neutral", "@neutral-2")
PERIOD = {"format": "%d %b %Y", "labelAngle": -40, "labelOverlap": True}


def drift_charts(monitored: Monitored) -> Iterator[Chart]:
    """Yield the verdicts of every feature in every period, and the drift of one feature over time."""
    rows = monitored.overall_drift
    if not rows:
        return
    largest: dict[str, float] = {}
    for row in rows:
        rank = float("inf") if row["kind"] == "prediction" else row["psi"] or 0.0
        largest[row["feature"]] = max(rank, largest.get(row["feature"], 0.0))
    features = sorted(largest, key=lambda feature: -largest[feature])[:SHOWN]
    left_out = (
        f" {len(largest) - SHOWN} features that drift less are left out." if len(largest) > SHOWN else ""
    )
    drawn = [
        {
            key: row[key]
            for key in (
                "feature",
                "compared_with",
                "period_start",
                "row_count",
                "psi",
                "psi_lower",
                "psi_upper",
                "js_distance",
                "null_share_change",
                "new_category_share",
                "verdict",
                "reason",
            )
        }
        for row in rows
        if row["feature"] in features
    ]
    references = [
        one for one in ("training", "previous") if any(row["compared_with"] == one for row in drawn)
    ]
    parameters, filters = choice("compared_with", references, "Compared with ")
    tooltip = hint(
        feature="Feature",
        period_start="Period from:instant",
        compared_with="Compared with",
        verdict="Verdict",
        reason="Why",
        psi="PSI:.3f",
        js_distance="Jensen-Shannon distance:.3f",
        null_share_change="Change of the null share:+.1%",
        new_category_share="New categories:.1%",
        row_count="Rows:,",
    )
    yield Chart(
        "drift",
        "Drift by period",
        "Whether the scored rows of a period look like those the version learned from, or like the period before. "
        "The prediction comes first, then the features that drift most." + left_out,
        spec(
            drawn,
            len(features),
            per_row=20,
            params=parameters,
            transform=filters,
            mark={"type": "rect", "cornerRadius": 2, "stroke": "@panel", "strokeWidth": 2},
            encoding={
                "x": {
                    "field": "period_start",
                    "type": "ordinal",
                    "timeUnit": "utcyearmonthdate",
                    "title": None,
                    "axis": PERIOD,
                },
                "y": name("feature", axis=NAMES, scale={"domain": features}),
                "color": {
                    **name("verdict"),
                    **colours(VERDICTS, VERDICT_COLOURS, symbolType="square", columns=3),
                },
                "tooltip": tooltip,
            },
        ),
        is_wide=True,
    )
    yield _psi_chart(drawn, features, references, tooltip)


def live_charts(monitored: Monitored, expected: dict[tuple[int, str], float]) -> Iterator[Chart]:
    """Yield the metrics on scored rows, with their estimates before labels, and the share of labels.

    Parameters
    ----------
    expected
        The value on the held-out rows, by version and metric.
    """
    rows = []
    for one in monitored.overall_metrics:
        base = {
            "metric": one["metric"],
            "period": one["period_start"],
            "served by": f"v{one['version']} {one['role']}",
            "labelled": one["labelled_rows"] / one["scored_rows"] if one["scored_rows"] else None,
            "rows": one["scored_rows"],
        }
        values = {
            "measured": one["value"],
            "estimated": one["estimate"],
            "at training": expected.get((one["version"], one["metric"])),
        }
        rows += [
            {
                **base,
                "kind": kind,
                "value": value,
                "lower": one["estimate_lower"] if kind == "estimated" else None,
                "upper": one["estimate_upper"] if kind == "estimated" else None,
            }
            for kind, value in values.items()
            if value is not None
        ]
    if not rows:
        return
    metrics = sorted(
        {row["metric"] for row in rows}, key=lambda one: ORDER.index(one) if one in ORDER else len(ORDER)
    )
    served = sorted({row["served by"] for row in rows}, key=lambda text: ("shadow" in text, text))
    parameters, filters = choice("metric", metrics, "Metric ")
    x = instant("period", axis={"tickCount": 6, "format": "%d %b %Y", "labelOverlap": True})
    kinds = ("measured", "estimated", "at training")
    shades = ("@series-1", "@series-3", "@muted")
    band: Spec = {
        "transform": [{"filter": "datum.kind === 'estimated'"}],
        "mark": {"type": "area", "opacity": 0.22, "color": "@series-3"},
        "encoding": {
            "x": x,
            "y": number("lower", scale={"zero": False}),
            "y2": {"field": "upper"},
            "detail": name("served by"),
        },
    }
    lines: Spec = {
        "mark": {"type": "line", "point": {"filled": True, "size": 45}, "strokeWidth": 2},
        "encoding": {
            "x": x,
            "y": number("value", scale={"zero": False}),
            "color": {**name("kind"), **colours(kinds, shades)},
            "strokeDash": {
                **name("served by"),
                "scale": {"domain": served},
                "legend": {"orient": "top", "title": None} if len(served) > 1 else None,
            },
            "tooltip": hint(
                period="Period from:instant",
                **{"served by": "Version"},
                metric="Metric",
                kind="Kind",
                value="Value:.4",
                lower="Interval from:.4",
                upper="to:.4",
                rows="Rows scored:,",
                labelled="Labels that are in:.0%",
            ),
        },
    }
    yield Chart(
        "performance",
        "Live against expected performance",
        "What the scores were worth once labels came in, the estimate before that with its interval, and what the "
        "version reached on its held-out rows.",
        spec(rows, 280, params=parameters, transform=filters, layer=[band, lines]),
        is_wide=True,
    )
    yield _labels_chart(rows, x)


def _psi_chart(
    drawn: Sequence[Record], features: Sequence[str], references: Sequence[str], tooltip: list[Spec]
) -> Chart:
    """Return the drift of one feature over time, with its confidence interval."""
    parameters, filters = choice("feature", features, "Feature ")
    x = instant("period_start", axis={"tickCount": 6, "format": "%d %b %Y", "labelOverlap": True})
    colour = {**name("compared_with"), **colours(references, ("@series-1", "@series-3"), symbolOpacity=1)}
    marks: list[Spec] = [
        {
            "mark": {"type": "area", "opacity": 0.18},
            "encoding": {
                "x": x,
                "y": number("psi_lower", "PSI"),
                "y2": {"field": "psi_upper"},
                "color": colour,
            },
        },
        {
            "mark": {"type": "line", "strokeWidth": 2, "point": {"filled": True, "size": 50}},
            "encoding": {"x": x, "y": number("psi", "PSI"), "color": colour, "tooltip": tooltip},
        },
    ]
    return Chart(
        "psi",
        "Drift of one feature over time",
        "Population stability index with its confidence interval: 0 where the shares of all bins are the same.",
        spec(drawn, 260, params=parameters, transform=filters, layer=marks),
        is_wide=True,
    )


def _labels_chart(rows: Sequence[Record], x: Spec) -> Chart:
    periods = {row["period"]: row for row in rows}
    return Chart(
        "labels",
        "Labels that are in",
        "Share of the scored rows of each period whose outcome is known by now.",
        spec(
            [
                {"period": period, "labelled": row["labelled"], "rows": row["rows"]}
                for period, row in periods.items()
            ],
            160,
            mark={"type": "bar", "color": "@series-2", "width": {"band": 0.6}},
            encoding={
                "x": {
                    "field": "period",
                    "type": "ordinal",
                    "timeUnit": "utcyearmonthdate",
                    "title": None,
                    "axis": PERIOD,
                },
                "y": number("labelled", scale={"domain": [0, 1]}, axis={"format": ".0%", "tickCount": 3}),
                "tooltip": hint(
                    period="Period from:instant", labelled="Labels that are in:.0%", rows="Rows scored:,"
                ),
            },
        ),
        is_wide=True,
    )
