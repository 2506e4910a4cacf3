"""The metric macros of the dbt project, rendered for training: both measure with the same SQL."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2

FOLDERS = (
    Path(__file__).parents[1] / "metrics_sql",  # where an installed package keeps them
    Path(__file__).parents[2] / "macros" / "metrics",
)


def folder() -> Path:
    """Return the folder of the metric macros."""
    return next(path for path in FOLDERS if path.is_dir())


def render(macro: str, rows: str, **arguments: Any) -> str:
    """Return the SQL of a metric macro.

    Parameters
    ----------
    macro
        Name of a macro in ``macros/metrics``.
    rows
        A relation or subquery.
    **arguments
        The macro's other arguments.

    Examples
    --------
    >>> print(render("mae", "scored", by=["dataset"]))
    select
        dataset,
        sum(1e0 * abs(score - label)) / sum(1e0) as metric_value
    from scored as scored
    group by dataset
    """
    return str(getattr(_module(), macro)(rows, **arguments))


@cache
def _module() -> jinja2.environment.TemplateModule:
    """Return all macros as one module; they are plain Jinja, nothing of dbt."""
    sources = [path.read_text(encoding="utf-8") for path in sorted(folder().glob("*.sql"))]
    environment = jinja2.Environment(autoescape=False, undefined=jinja2.StrictUndefined)  # SQL, not HTML
    return environment.from_string("\n".join(sources)).module
