"""What the index shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from scoring.report.facts import Model
from scoring.report.history_charts import live_chart, quality_chart, run_chart
from scoring.report.model_page import Summary
from scoring.report.personal import personal_flow
from scoring.report.project_tables import ProjectTables
from scoring.report.scorecard import latest, scorecard_chart

RUNS = 10
"""How many of the latest runs are listed."""


def index_page(
    models: Sequence[Model], summaries: Sequence[Summary], tables: ProjectTables
) -> Mapping[str, Any]:
    """Return the values of the index's template."""
    quality = tables.quality
    newest = quality.rows[-1]["build_id"] if quality.rows else None
    return {
        "summaries": summaries,
        "live_charts": list(live_chart(models, datetime.now(UTC).replace(tzinfo=None))),
        "quality": quality,
        "quality_charts": list(quality_chart(quality.rows)),
        "latest_quality": [row for row in quality.rows if row["build_id"] == newest],
        "builds": len({row["build_id"] for row in quality.rows}),
        "runs": list(reversed(tables.runs.rows))[:RUNS],
        "run_charts": list(run_chart(tables.runs.rows)),
        "forecast": next((row for row in tables.forecast.rows if row["unique_id"] is None), None),
        "warnings": [row for row in tables.forecast.rows if row["warning"]],
        "scorecard": latest(tables.scorecard.rows),
        "scorecard_charts": list(scorecard_chart(tables.scorecard.rows)),
        "personal": personal_flow(tables.personal.rows),
        "problems": [problem for model in models for problem in model.problems],
    }
