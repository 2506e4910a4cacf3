"""What dbt makes of a query that init writes, without dbt."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import jinja2
from project import ROOT

from scoring.places import quoted
from training.evaluation.metric_macros import DEFINITION

MACROS = ROOT / "macros/features"
USED = ("all_but", "hash_of_values", "_text_of_fraction")


def compiled(query: str, table: str = "customers") -> str:
    """Return the SQL of a query for DuckDB, with the macros of the package.

    Parameters
    ----------
    table
        What every `ref` is.
    """
    environment = jinja2.Environment(
        autoescape=False,  # SQL, not HTML
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.do"],
    )
    package: dict[str, Any] = {
        "_quoted": quoted,
        "_quoted_columns": lambda names: [quoted(name) for name in names],
    }
    environment.globals.update(
        warehouse_ml=package,
        adapter=SimpleNamespace(dispatch=lambda name, _: package[f"default__{name}"]),
        config=lambda **_: "",
        ref=lambda _: table,
    )
    environment.globals["return"] = lambda value: value
    source = "".join((MACROS / f"{name}.sql").read_text() for name in USED)
    named = ", ".join(f"{name}={name}" for name in DEFINITION.findall(source))
    environment.from_string(f"{source}{{{{ warehouse_ml.update({named}) }}}}").render()
    return environment.from_string(query).render()
