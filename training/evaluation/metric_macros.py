"""The metric macros of the dbt project, rendered for training: both measure with the same SQL."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

FOLDERS = (
    Path(__file__).parents[1] / "metrics_sql",  # where an installed package keeps them
    Path(__file__).parents[2] / "macros" / "metrics",
)

PACKAGE = "warehouse_ml"
DEFINITION = re.compile(r"{%-? *macro (\w+)")


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
    return str(_macros()[macro](rows, **arguments))


@cache
def _macros() -> dict[str, Any]:
    """Return all macros by name; they are plain Jinja, nothing of dbt."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder().glob("*.sql")))
    environment = jinja2.Environment(autoescape=False, undefined=jinja2.StrictUndefined)  # SQL, not HTML
    # They call one another by the name of their package, as dbt needs it in a project that installs them.
    macros: dict[str, Any] = {}
    environment.globals[PACKAGE] = macros
    named = ", ".join(f"{name}={name}" for name in DEFINITION.findall(source))
    environment.from_string(f"{source}{{{{ {PACKAGE}.update({named}) }}}}").render()
    return macros
