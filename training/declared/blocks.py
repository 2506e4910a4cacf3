"""What is wrong with the blocks that dbt knows, for the check before the first node of a run."""

from __future__ import annotations

import json
from collections.abc import Iterator

from training.declared import feature_view, ml_monitor, raw_contract
from training.declared.config import parse
from training.declared.node import Node
from training.errors import ConfigError

PLACES = {
    feature_view.BLOCK: ("model", "seed", "snapshot"),
    raw_contract.BLOCK: ("seed", "source"),
    ml_monitor.BLOCK: ("model",),
}
"""The nodes that each block is for."""


def problems_of_blocks(nodes: str) -> list[str]:
    """Return what is wrong with blocks ``feature_view``, ``raw_contract`` and ``ml_monitor``, one sentence each.

    Parameters
    ----------
    nodes
        The nodes that have one, monitors without one, and the models, as JSON: a list of mappings with the
        fields of `Node`.
    """
    return list(_problems([Node(**fields) for fields in json.loads(nodes)]))


def problems_of_model_blocks(nodes: str) -> list[str]:
    """Return what is wrong with the block ``ml`` of each model, as its training would report it.

    Parameters
    ----------
    nodes
        The models, as JSON: a list of mappings with the fields of `Node`.
    """
    problems = []
    for node in (Node(**fields) for fields in json.loads(nodes)):
        try:
            parse(node.blocks.get("ml"), model_name=node.name)
        except ConfigError as error:
            problems.append(f"{node.file}: {error}")
    return problems


def _problems(nodes: list[Node]) -> Iterator[str]:
    blocks: dict[str, dict[str, Node]] = {block: {} for block in PLACES}
    for node in sorted(nodes, key=lambda node: node.name):
        for block, kinds in PLACES.items():
            if block not in node.blocks and node.materialized != block:
                continue
            if node.kind in kinds:
                blocks[block][node.name] = node
            else:
                yield node.sentence(
                    f"{block} has no effect on a {node.kind}: it is for a {' or a '.join(kinds)}; remove it"
                )
    yield from feature_view.problems_of_views(blocks[feature_view.BLOCK])
    yield from raw_contract.problems_of_contracts(blocks[raw_contract.BLOCK])
    models = {node.name: node.blocks.get("ml") for node in nodes if node.materialized == "ml_model"}
    yield from ml_monitor.problems_of_monitors(blocks[ml_monitor.BLOCK], models)
