"""Plots of how well a version predicts: the curves that its row holds, confusion, slices, metrics by version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from scoring.report.charts import NAMES, Chart, Spec, choice, colours, hint, name, number, spec
from scoring.report.facts import Model, Record
from scoring.report.metrics import ORDER, best_dataset, value_of

SQUARE = 300
SERIES = ("@series-1", "@series-2", "@series-3")
AXIS = {"format": ".0%", "tickCount": 5}
SHARE: Spec = {"scale": {"domain": [0, 1]}, "axis": AXIS}


def curve_charts(versions: Mapping[str, Record]) -> Iterator[Chart]:
    """Yield ROC, precision and recall, calibration, lift and threshold curves.

    Parameters
    ----------
    versions
        By what a version is called in the legend, its columns ``curves``.
    """
    points = {label: _points(row["curves"] or []) for label, row in versions.items()}
    labels = [label for label, curves in points.items() if curves]
    if not labels:
        return
    dataset = best_dataset(point for point in points[labels[0]])
    rows = [
        {**point, "version": label}
        for label in labels
        for point in points[label]
        if point["dataset"] == dataset
    ]
    colour = {**name("version"), **colours(labels, SERIES)} if len(labels) > 1 else {"value": SERIES[0]}
    where = f"On the {dataset} rows."

    def chart(
        curve: str, title: str, text: str, x: Spec, y: Spec, reference: list[Record]
    ) -> Iterator[Chart]:
        drawn = [
            {key: point[key] for key in ("version", "x", "y", "threshold")}
            for point in rows
            if point["curve"] == curve
        ]
        if drawn:
            marks = [*_reference(reference, x, y), *_line(x, y, colour, is_dotted=curve == "calibration")]
            yield Chart(curve, title, f"{text} {where}", spec(drawn, SQUARE, layer=marks))

    base = next((point["y"] for point in reversed(rows) if point["curve"] == "pr" and point["x"] == 1), None)
    yield from chart(
        "roc",
        "ROC",
        "Share of positives found against share of negatives flagged; the diagonal is guessing.",
        number("x", "False positive rate", **SHARE),
        number("y", "True positive rate", **SHARE),
        [{"x": 0, "y": 0}, {"x": 1, "y": 1}],
    )
    yield from chart(
        "pr",
        "Precision and recall",
        "How many of the flagged rows are positive, as more of the positives are found; the dashed line is "
        "the share of positives among all rows.",
        number("x", "Recall", **SHARE),
        number("y", "Precision", **SHARE),
        [{"x": 0, "y": base}, {"x": 1, "y": base}] if base is not None else [],
    )
    yield from chart(
        "calibration",
        "Calibration",
        "Where the model says 30 %, it should happen 3 times in 10: points on the diagonal.",
        number("x", "Mean predicted probability", **SHARE),
        number("y", "Share of positives", **SHARE),
        [{"x": 0, "y": 0}, {"x": 1, "y": 1}],
    )
    yield from chart(
        "lift",
        "Lift",
        "How many times more positives there are among the highest scores than among all rows.",
        number("x", "Share of rows, highest scores first", **SHARE),
        number("y", "Lift", scale={"zero": True}, axis={"tickCount": 5}),
        [{"x": 0, "y": 1}, {"x": 1, "y": 1}],
    )
    yield from _threshold_chart([point for point in rows if point["version"] == labels[0]], where)


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
        spec(drawn, min(SQUARE, 90 + 60 * len(classes)), encoding=place, layer=marks),
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
    largest = sorted({row["slice"]: row["rows"] or 0 for row in rows}.items(), key=lambda item: -item[1])[:40]
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


PREDICTORS = ("model", "linear", "constant")
PREDICTOR_COLOURS = ("@series-1", "@series-3", "@muted")


def _points(curves: Sequence[Record]) -> list[Record]:
    return [point for point in curves if point["x"] is not None and point["y"] is not None]


def _reference(points: Sequence[Record], x: Spec, y: Spec) -> list[Spec]:
    if not points:
        return []
    return [
        {
            "data": {"values": list(points)},
            "mark": {"type": "line", "strokeDash": [5, 4], "strokeWidth": 1.5, "color": "@muted"},
            "encoding": {"x": x, "y": y},
        }
    ]


def _line(x: Spec, y: Spec, colour: Spec, *, is_dotted: bool) -> list[Spec]:
    line = {"type": "line", "strokeWidth": 2.5, "interpolate": "linear"}
    if is_dotted:
        line["point"] = {"filled": True, "size": 60}
    encoding: Spec = {"x": x, "y": y, "color": colour, "order": {"field": "x", "type": "quantitative"}}
    titles = {"x": f"{x['title']}:.3", "y": f"{y['title']}:.3", "threshold": "Score at least:.3"}
    nearest = {
        "name": "nearest",
        "select": {"type": "point", "on": "pointermove", "nearest": True, "clear": "pointerout"},
    }
    pointed: Spec = {
        "params": [nearest],
        "mark": {"type": "point", "filled": True, "size": 90},
        "encoding": {
            **encoding,
            "opacity": {"condition": {"param": "nearest", "empty": False, "value": 1}, "value": 0},
            "tooltip": hint(**titles),
        },
    }
    return [{"mark": line, "encoding": encoding}, pointed]


def _threshold_chart(rows: Sequence[Record], where: str) -> Iterator[Chart]:
    flagged = {point["threshold"]: point["x"] for point in rows if point["curve"] == "lift"}
    drawn = []
    for point in rows:
        if point["curve"] != "pr" or point["threshold"] is None:
            continue
        recall, precision = point["x"], point["y"]
        both = recall + precision
        values = {
            "precision": precision,
            "recall": recall,
            "F1": 2 * recall * precision / both if both else 0.0,
            "rows flagged": flagged.get(point["threshold"]),
        }
        drawn += [
            {"threshold": point["threshold"], "measure": measure, "value": value}
            for measure, value in values.items()
            if value is not None
        ]
    if not drawn:
        return
    measures = list(dict.fromkeys(row["measure"] for row in drawn))
    encoding: Spec = {
        "x": number("threshold", "Rows flagged from this score on", axis={"tickCount": 5}),
        "y": number("value", **SHARE),
        "color": {
            **name("measure"),
            **colours(measures, ("@series-1", "@series-2", "@series-3", "@muted"), columns=4),
        },
    }
    rule = {
        "name": "pointed",
        "select": {
            "type": "point",
            "on": "pointermove",
            "nearest": True,
            "clear": "pointerout",
            "encodings": ["x"],
        },
    }
    pivot = {"pivot": "measure", "value": "value", "groupby": ["threshold"]}
    titles = {measure: f"{measure}:.1%" for measure in measures}
    marks: list[Spec] = [
        {"mark": {"type": "line", "strokeWidth": 2.5}, "encoding": encoding},
        {
            "transform": [pivot],
            "params": [rule],
            "mark": {"type": "rule", "color": "@muted"},
            "encoding": {
                "x": encoding["x"],
                "opacity": {"condition": {"param": "pointed", "empty": False, "value": 1}, "value": 0},
                "tooltip": hint(threshold="Score at least:.3", **titles),
            },
        },
    ]
    yield Chart(
        "threshold",
        "Thresholds",
        f"What one gets for flagging all rows from a score on: choose a threshold by what a false alarm costs. {where}",
        spec(drawn, SQUARE, layer=marks),
    )
