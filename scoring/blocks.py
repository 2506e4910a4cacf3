"""The check of a dbt project's YAML blocks: found through an entry point, for scoring reads none itself."""

from __future__ import annotations

from importlib.metadata import entry_points

GROUP = "warehouse_ml.readers"


def problems_of_blocks(nodes: str) -> list[str]:
    """Return what the reader finds wrong with the blocks of some nodes, given as JSON."""
    found: list[str] = entry_points(group=GROUP)["blocks"].load()(nodes)
    return found
