"""The scorecard on a page: one column for the pipeline and each model, one line for each figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from scoring.report.charts import Chart, Spec, choice, colours, hint, instant, name, number, spec, time_axis
from scoring.report.facts import Record
from scoring.report.formats import number as shown
from scoring.report.formats import seconds, size, words
from scoring.report.project_tables import AT

PIPELINE, FIRST = "whole pipeline", "pipeline latency seconds"
"""What a row without a model is about, and the figure that a page shows first."""
KEYS = ("dbt_invocation_id", "model_name", "version")
SERIES = tuple(f"@series-{position}" for position in range(1, 7))


def figures(rows: Sequence[Record]) -> list[str]:
    """Return the columns of a scorecard that hold figures, in their order."""
    names = rows[-1].keys() if rows else ()
    return [name for name in names if name not in KEYS and any(_is_figure(row[name]) for row in rows)]


def latest(rows: Sequence[Record]) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Return the pipeline and the models, and for each figure what it was in the latest build of each."""
    newest = {row["model_name"]: row for row in rows}
    order = sorted(newest, key=lambda model: (model is not None, model or ""))
    return [model or PIPELINE for model in order], [
        (title(figure), [_shown(figure, newest[model][figure]) for model in order])
        for figure in figures(rows)
    ]


def scorecard_chart(rows: Sequence[Record]) -> Iterator[Chart]:
    """Yield every figure of the scorecard by build."""
    drawn = [
        {"figure": words(figure), "of": row["model_name"] or PIPELINE, "at": row[AT], "value": row[figure]}
        for row in rows
        for figure in figures(rows)
        if row[figure] is not None
    ]
    if not drawn:
        return
    options = sorted({row["figure"]: None for row in drawn}, key=lambda figure: figure != FIRST)
    parameters, filters = choice("figure", options, "Figure ")
    subjects = sorted({row["of"] for row in drawn}, key=lambda subject: (subject != PIPELINE, subject))
    shades = ["@muted", *(SERIES[position % len(SERIES)] for position in range(len(subjects) - 1))]
    encoding: Spec = {
        "x": instant("at", axis=time_axis(row["at"] for row in drawn)),
        "y": number("value", scale={"zero": False}),
        "color": {**name("of"), **colours(subjects, shades, columns=3)},
        "tooltip": hint(of="Of", figure="Figure", at="Build:instant", value="Value:.4"),
    }
    yield Chart(
        "scorecard_history",
        "Scorecard by build",
        "One figure of the scorecard at the end of every build, of the pipeline and of each model.",
        spec(
            drawn,
            260,
            params=parameters,
            transform=filters,
            mark={"type": "line", "point": {"filled": True, "size": 55}},
            encoding=encoding,
        ),
        is_wide=True,
    )


def title(figure: str) -> str:
    """Return the name of a column as a title; its unit is written with the value."""
    return words(figure.removesuffix("_seconds").removesuffix("_bytes"))


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _shown(figure: str, value: float | None) -> str:
    if value is not None and figure.endswith("_seconds"):
        return seconds(float(value))
    if value is not None and figure.endswith("_bytes"):
        return size(float(value))
    return shown(value)
