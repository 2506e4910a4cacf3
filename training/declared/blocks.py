"""What is wrong with the blocks that dbt knows, for the check before the first node of a run."""

from __future__ import annotations

import json
from collections.abc import Iterator

from training.declared import feature_view, raw_contract
from training.declared.node import Node

PLACES = {
    feature_view.BLOCK: ("model", "seed", "snapshot"),
    raw_contract.BLOCK: ("seed", "source"),
}
"""The nodes that each block is for."""


def problems_of_blocks(nodes: str) -> list[str]:
    """Return what is wrong with blocks ``feature_view`` and ``raw_contract``, one sentence each.

    Parameters
    ----------
    nodes
        The nodes that have one, as JSON: a list of mappings with the fields of `Node`.
    """
    return list(_problems([Node(**fields) for fields in json.loads(nodes)]))


def _problems(nodes: list[Node]) -> Iterator[str]:
    blocks: dict[str, dict[str, Node]] = {block: {} for block in PLACES}
    for node in sorted(nodes, key=lambda node: node.name):
        for block, kinds in PLACES.items():
            if block not in node.blocks:
                continue
            if node.kind in kinds:
                blocks[block][node.name] = node
            else:
                yield node.sentence(
                    f"{block} has no effect on a {node.kind}: it is for a {' or a '.join(kinds)}; remove it"
                )
    yield from feature_view.problems_of_views(blocks[feature_view.BLOCK])
    yield from raw_contract.problems_of_contracts(blocks[raw_contract.BLOCK])
