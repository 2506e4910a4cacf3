"""The check of a dbt project's YAML blocks: found through an entry point, for scoring reads none itself."""

from __future__ import annotations

from importlib.metadata import entry_points

GROUP = "warehouse_ml.readers"


def problems_of_blocks(nodes: str) -> list[str]:
    """Return what the reader finds wrong with the blocks of some nodes, given as JSON."""
    found: list[str] = entry_points(group=GROUP)["blocks"].load()(nodes)
    return found


def read_monitor(request: str) -> str:
    """Return what the reader makes of a monitor's block and the columns of its query, both as JSON."""
    answer: str = entry_points(group=GROUP)["monitor"].load()(request)
    return answer
