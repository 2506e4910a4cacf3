"""Plots of what happened: which version was live when, what the gates said, and how good the raw tables were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from scoring.report.charts import NAMES, Chart, Spec, colours, hint, instant, name, number, spec, time_axis
from scoring.report.facts import Model, Record

VERDICTS = ("passed", "failed", "advisory, failed", "left out")
VERDICT_COLOURS = ("@good", "@bad", "@warn", "@neutral")
SHADES = ("@series-1", "@series-2")
LABELLED = 0.06
"""The share of the time shown from which on a bar has room for its version."""

RUNS, STATUSES = 60, {"success": "@good", "running": "@neutral", "rejected": "@warn"}
"""How many of the latest runs are drawn, and the colours of their ends; all others are errors."""
RUN_AXIS = {
    "labelExpr": "utcFormat(toDate(datum.value), '%d %b %H:%M')",
    "labelAngle": -40,
    "labelOverlap": True,
}


def live_chart(models: Sequence[Model], until: datetime) -> Iterator[Chart]:
    """Yield which version of each model was live when."""
    rows: list[dict[str, Any]] = []
    for model in models:
        for position, period in enumerate(one for one in model.periods if one.starts_at is not None):
            rows.append(
                {
                    "model": model.label,
                    "version": f"v{period.version}" if period.version is not None else "none",
                    "from": period.starts_at,
                    "until": period.ends_at or until,
                    "is last": period.ends_at is None,
                    "why": f"{period.action}: {period.reason}",
                    "shade": "none" if period.version is None else ("odd", "even")[position % 2],
                }
            )
    if not rows:
        return
    starts = min(row["from"] for row in rows)
    for row in rows:
        is_wide = (row["until"] - row["from"]) > (until - starts) * LABELLED
        row["label"] = row["version"] if is_wide else ""
        row["ended"] = "still champion" if row["is last"] else f"{row['until']:%d %b %Y %H:%M}"
    axis = time_axis([starts, until])
    place: Spec = {"y": name("model", axis=NAMES), "x": instant("from", axis=axis)}
    marks: list[Spec] = [
        {
            "mark": {
                "type": "bar",
                "height": {"band": 0.72},
                "cornerRadius": 4,
                "stroke": "@panel",
                "strokeWidth": 1,
            },
            "encoding": {
                **place,
                "x2": {"field": "until"},
                "color": {
                    **name("shade"),
                    "scale": {"domain": ["odd", "even", "none"], "range": [*SHADES, "@neutral"]},
                    "legend": None,
                },
                "tooltip": hint(
                    model="Model",
                    version="Version",
                    **{"from": "From:instant"},
                    ended="Until",
                    why="Why",
                ),
            },
        },
        {
            "mark": {
                "type": "text",
                "align": "left",
                "dx": 5,
                "fontWeight": 600,
                "color": "@on-series",
                "clip": True,
            },
            "encoding": {**place, "text": {"field": "label"}},
        },
    ]
    yield Chart(
        "live",
        "Champions over time",
        "Every bar is a time in which one version was the champion; point at it to see why it began. Times are in UTC.",
        spec(rows, len({row["model"] for row in rows}), per_row=36, layer=marks),
        is_wide=True,
    )


def gate_chart(model: Model) -> Iterator[Chart]:
    """Yield what every gate last said of every version."""
    rows = [
        {
            "version": verdict["version"],
            "gate": gate_label(verdict),
            "verdict": verdict_of(verdict),
            "observed": verdict["observed"],
            "threshold": verdict["threshold"],
        }
        for verdict in model.verdicts
    ]
    if not rows:
        return
    versions = sorted({row["version"] for row in rows})[-30:]
    rows = [row for row in rows if row["version"] in versions]
    gates = list(dict.fromkeys(row["gate"] for row in rows))[:40]
    rows = [row for row in rows if row["gate"] in gates]
    encoding: Spec = {
        "x": {
            "field": "version",
            "type": "ordinal",
            "title": "Version",
            "axis": {"labelAngle": 0, "orient": "top"},
        },
        "y": name("gate", axis=NAMES),
        "color": {
            **name("verdict"),
            **colours(VERDICTS, VERDICT_COLOURS, symbolType="square", orient="bottom"),
        },
        "tooltip": hint(
            version="Version", gate="Gate", verdict="Verdict", observed="Observed:.4", threshold="Asked:.4"
        ),
    }
    yield Chart(
        "gates",
        "Gates by version",
        "What every gate last said of every version. A version that fails a gate does not score.",
        spec(
            rows,
            len(gates),
            per_row=22,
            mark={"type": "rect", "cornerRadius": 3, "stroke": "@panel", "strokeWidth": 3},
            encoding=encoding,
        ),
        is_wide=True,
    )


def quality_chart(rows: Sequence[Record]) -> Iterator[Chart]:
    """Yield the quality of every raw table in every build."""
    if not rows:
        return
    drawn = [
        {
            "table": row["table_name"],
            "score": row["score"],
            "at": row["measured_at"],
            "quarantined": row["quarantined_rows"],
        }
        for row in rows
        if row["score"] is not None
    ]
    lowest = min((row["score"] for row in drawn), default=1.0)
    encoding: Spec = {
        "x": instant("at", axis=time_axis(row["at"] for row in drawn)),
        "y": number(
            "score",
            "Score",
            scale={"domain": [min(lowest - 0.005, 0.98), 1]},
            axis={"format": ".1%", "tickCount": 5},
        ),
        "color": {**name("table"), "legend": {"orient": "top", "title": None, "columns": 3}},
        "tooltip": hint(table="Table", at="Build:instant", score="Score:.2%", quarantined="Quarantined:,"),
    }
    yield Chart(
        "quality",
        "Data quality by build",
        "The weighted score of completeness, accuracy and validity of every raw table.",
        spec(drawn, 240, mark={"type": "line", "point": {"filled": True, "size": 55}}, encoding=encoding),
        is_wide=True,
    )


def run_chart(runs: Sequence[Record]) -> Iterator[Chart]:
    """Yield how long dbt's latest runs took, and how they ended."""
    rows = [
        {
            "run": row["started_at"],
            "seconds": row["seconds"],
            "status": row["status"],
            "command": row["command"],
            "memory": row["peak_memory_bytes"] and row["peak_memory_bytes"] / 1e9,
        }
        for row in runs[-RUNS:]
        if row["seconds"] is not None
    ]
    if not rows:
        return
    statuses = sorted({row["status"] for row in rows}, key=lambda status: (status != "success", status))
    encoding: Spec = {
        "x": {"field": "run", "type": "ordinal", "title": None, "sort": None, "axis": RUN_AXIS},
        "y": number("seconds", "Seconds", axis={"tickCount": 5}),
        "color": {**name("status"), **colours(statuses, [STATUSES.get(one, "@bad") for one in statuses])},
        "tooltip": hint(
            run="Started:instant",
            command="Command",
            status="Status",
            seconds="Seconds:.1f",
            memory="Memory, GB:.2f",
        ),
    }
    yield Chart(
        "runs",
        "Time of dbt's runs",
        "Every bar is one of the latest runs, from its start to its end, in the colour of how it ended.",
        spec(rows, 220, mark={"type": "bar", "cornerRadiusEnd": 3}, encoding=encoding),
        is_wide=True,
    )


def gate_label(verdict: Record) -> str:
    """Return a gate as one line."""
    where = (
        f" [{verdict['slice_column']}={verdict['slice_value']}]"
        if verdict["slice_column"] is not None
        else ""
    )
    return f"{verdict['metric']} {verdict['dataset']}{where} {verdict['comparison']} {verdict['threshold']:g}"


def verdict_of(verdict: Record) -> str:
    """Return what a gate says in a word."""
    if verdict["left_out"] is not None:
        return VERDICTS[3]
    if verdict["is_passed"]:
        return VERDICTS[0]
    return VERDICTS[1] if verdict["severity"] == "error" else VERDICTS[2]
