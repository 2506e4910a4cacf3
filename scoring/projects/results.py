"""What became of a model and its predictions in a build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scoring.errors import UnknownModelError
from scoring.projects import building
from scoring.versions import UNTRAINED, ListedVersion, listed_versions
from scoring.warehouse import Warehouse, open_warehouse

SHOWN = 5
GATES = "model_gates"


@dataclass(frozen=True)
class Built:
    """What became of a model.

    Parameters
    ----------
    versions
        The newest first.
    gates
        Of the newest version: metric, dataset, comparison, slice, threshold, observed, whether it passed.
    predictions
        The relation of the predictions; None where there is none.
    count
        How many predictions there are.
    columns, rows
        Of the first predictions.
    """

    versions: Sequence[ListedVersion] = ()
    gates: Sequence[tuple[Any, ...]] = ()
    predictions: str | None = None
    count: int = 0
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()


def read(folder: Path, model: str, predictions: str) -> Built:
    """Return what became of a model and its predictions; nothing where dbt could not parse or connect.

    Parameters
    ----------
    folder
        Of the project.
    model, predictions
        The names of their nodes.
    """
    try:
        manifest = building.manifest(folder)
    except FileNotFoundError:
        return Built()
    nodes = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    path = building.warehouse_of(folder)
    if not path.is_file():
        return Built()
    with open_warehouse(str(path), read_only=True) as connection:
        warehouse = Warehouse(connection)
        try:
            versions = listed_versions(warehouse, model)
        except UnknownModelError:
            return Built()
        gates = []
        if _is_there(warehouse, nodes.get(GATES)):
            gates = warehouse.rows(
                "select metric, dataset, comparison, nullif(concat_ws(' ', slice_column, slice_value), '') as slice, "
                "threshold, observed, is_passed "
                f"from {nodes[GATES]['relation_name']} where model_name = ? and version = ? order by all",
                [model, versions[0].version],
            )
        if not _is_there(warehouse, nodes.get(predictions)):
            return Built(versions, gates)
        relation = nodes[predictions]["relation_name"]
        ((count,),) = warehouse.rows(f"select count(*) from {relation}")
        cursor = connection.execute(f"select * from {relation} limit {SHOWN}")
        columns = [column[0] for column in cursor.description or ()]
        return Built(versions, gates, relation, count, columns, cursor.fetchall())


def shown(built: Built) -> Iterator[str]:
    """Yield lines about the newest version of a model and its gates."""
    for version in built.versions[:1]:
        if version.why == UNTRAINED:
            yield f"{version.model_name} has {UNTRAINED}."
            return
        scores = "scores" if version.is_champion else "does not score"
        yield f"{version.model_name} version {version.version} {scores}: {version.why}."
    for metric, dataset, comparison, part, threshold, observed, is_passed in built.gates:
        gate = [metric, dataset, comparison, part, None if threshold is None else f"{threshold:g}"]
        verdict = "passed" if is_passed else "FAILED"
        label = " ".join(word for word in gate if word is not None)
        yield f"  {verdict}  {label}: {_observed(comparison, observed, is_passed=is_passed)}"


def _observed(comparison: str, observed: float | None, *, is_passed: bool) -> str:
    if observed is None:
        return "nothing to compare with" if is_passed else "nothing measured"
    is_gain = comparison == "must_beat_constant" or comparison.startswith("min_gain")
    return f"{'a gain of ' if is_gain else ''}{observed:.4g}"


def _is_there(warehouse: Warehouse, node: Mapping[str, Any] | None) -> bool:
    return node is not None and bool(
        warehouse.rows(
            "select 1 from information_schema.tables where table_schema = ? and table_name = ?",
            [node["schema"], node["alias"]],
        )
    )
