"""Plots of how often a version is right: confusion, slices, metrics by version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scoring.report.charts import NAMES, Chart, Spec, choice, colours, hint, name, number, spec
from scoring.report.facts import Model, Record
from scoring.report.metrics import ORDER, best_dataset, value_of

PREDICTORS = ("model", "linear", "constant")
PREDICTOR_COLOURS = ("@series-1", "@series-3", "@muted")
HIGHEST, SLICES = 300, 40
"""The height of the largest matrix, and how many slices are shown, the largest."""


def confusion_chart(confusion: Sequence[Record] | None) -> Iterator[Chart]:
    """Yield the confusion matrix."""
    rows = [row for row in confusion or [] if row["predicted"] is not None]
    if not rows:
        return
    dataset = best_dataset(rows)
    rows = [row for row in rows if row["dataset"] == dataset]
    actual: dict[str, int] = {}
    for row in rows:
        actual[row["actual"]] = actual.get(row["actual"], 0) + row["rows"]
    drawn = [
        {**row, "share": row["rows"] / actual[row["actual"]] if actual[row["actual"]] else 0.0}
        for row in rows
    ]
    classes = list(dict.fromkeys([*actual, *(row["predicted"] for row in rows)]))
    place: Spec = {
        "x": name(
            "predicted", "Predicted", scale={"domain": classes}, axis={"labelAngle": 0, "orient": "top"}
        ),
        "y": name("actual", "Actual", scale={"domain": classes}),
        "tooltip": hint(
            actual="Actual", predicted="Predicted", rows="Rows:,", share="Share of the actual class:.1%"
        ),
    }
    marks: list[Spec] = [
        {
            "mark": {"type": "rect", "cornerRadius": 4, "stroke": "@panel", "strokeWidth": 3},
            "encoding": {
                "color": number(
                    "share", scale={"domain": [0, 1], "range": ["@ramp-low", "@ramp-high"]}, legend=None
                )
            },
        },
        {
            "mark": {"type": "text", "fontSize": 13, "fontWeight": 600},
            "encoding": {
                "text": {"field": "share", "type": "quantitative", "format": ".0%"},
                "color": {"condition": {"test": "datum.share > 0.5", "value": "@on-ramp"}, "value": "@ink"},
            },
        },
    ]
    yield Chart(
        "confusion",
        "Confusion",
        f"What rows of each class were predicted to be; each row of the matrix adds up to 100 %. "
        f"On the {dataset} rows.",
        spec(drawn, min(HIGHEST, 90 + 60 * len(classes)), encoding=place, layer=marks),
    )


def slice_chart(version: Record) -> Iterator[Chart]:
    """Yield the metrics of every slice beside those of all rows."""
    metrics = version["metrics"] or []
    sliced = [one for one in metrics if one["slice_column"] is not None and one["predictor"] == "model"]
    if not sliced:
        return
    dataset = best_dataset(sliced)
    counts = {
        (one["slice_column"], one["slice_value"]): one["value"]
        for one in sliced
        if one["dataset"] == dataset and one["metric"] == "rows"
    }
    rows = [
        {
            "metric": one["metric"],
            "slice": f"{one['slice_column']} = {one['slice_value']}",
            "value": one["value"],
            "all rows": value_of(version, one["metric"], dataset),
            "rows": counts.get((one["slice_column"], one["slice_value"])),
        }
        for one in sliced
        if one["dataset"] == dataset and one["metric"] in ORDER and one["value"] is not None
    ]
    largest = sorted({row["slice"]: row["rows"] or 0 for row in rows}.items(), key=lambda item: -item[1])[
        :SLICES
    ]
    kept = {label for label, _ in largest}
    rows = [row for row in rows if row["slice"] in kept]
    parameters, filters = choice(
        "metric", sorted({row["metric"] for row in rows}, key=ORDER.index), "Metric "
    )
    tooltip = hint(slice="Slice", value="Value:.4", rows="Rows:,")
    if rows:
        marks = [
            {
                "mark": {"type": "rule", "strokeDash": [5, 4], "color": "@muted"},
                "encoding": {"x": {**number("all rows"), "aggregate": "mean"}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1, "color": "@series-1"},
                "encoding": {
                    "y": name("slice", axis=NAMES),
                    "x": number("value", scale={"zero": False, "padding": 12}, axis={"tickCount": 5}),
                    "tooltip": tooltip,
                },
            },
        ]
        yield Chart(
            "slices",
            "Metric by slice",
            f"The same metric on parts of the rows; the dashed line is all rows. On the {dataset} rows.",
            spec(rows, len(kept), per_row=26, params=parameters, transform=filters, layer=marks),
        )


def metric_history_chart(model: Model) -> Iterator[Chart]:
    """Yield the metrics of every version, with those of the baselines."""
    rows = []
    for version in model.versions:
        dataset = best_dataset(version["metrics"] or [])
        rows += [
            {
                "version": version["version"],
                "metric": one["metric"],
                "predictor": one["predictor"],
                "value": one["value"],
            }
            for one in version["metrics"] or []
            if one["dataset"] == dataset
            and one["slice_column"] is None
            and one["predictor"] != "champion"
            and one["metric"] in ORDER
        ]
    if len(model.versions) < 2 or not rows:
        return
    parameters, filters = choice(
        "metric", sorted({row["metric"] for row in rows}, key=ORDER.index), "Metric "
    )
    encoding: Spec = {
        "x": {"field": "version", "type": "ordinal", "title": "Version", "axis": {"labelAngle": 0}},
        "y": number("value", scale={"zero": False}),
        "color": {**name("predictor"), **colours(PREDICTORS, PREDICTOR_COLOURS)},
        "tooltip": hint(version="Version", predictor="Predictor", metric="Metric", value="Value:.4"),
    }
    yield Chart(
        "metric_history",
        "Metrics by version",
        "Each version on its own held-out rows, with the baselines on the same rows.",
        spec(
            rows,
            240,
            params=parameters,
            transform=filters,
            mark={"type": "line", "point": {"filled": True, "size": 60}},
            encoding=encoding,
        ),
    )
