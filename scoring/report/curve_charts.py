"""Plots of the curves that a version's row holds: how well its scores rank rows, and what a threshold gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from scoring.report.charts import Chart, Spec, colours, hint, name, number, spec
from scoring.report.facts import Record
from scoring.report.metrics import best_dataset

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
