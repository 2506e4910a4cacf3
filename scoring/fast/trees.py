"""The sums of an artifact's trees, by the loop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.fast import loop
from scoring.fast.graph import Parts, parts
from scoring.fast.layout import Layout, layout

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Trees:
    """All trees of an artifact.

    Parameters
    ----------
    graphs
        What the runtime computes before and behind them.
    layouts
        One for each ensemble.
    """

    graphs: Parts
    layouts: tuple[Layout, ...]

    @classmethod
    def of(cls, data: bytes) -> Trees | None:
        """Return the trees of an artifact; None if it has none, or such as the loop does not walk."""
        graphs = parts(data)
        if graphs is None:
            return None
        layouts = [layout(ensemble) for ensemble in graphs.ensembles]
        walked = tuple(part for part in layouts if part is not None)
        return cls(graphs, walked) if len(walked) == len(layouts) else None

    @property
    def sources(self) -> list[str]:
        """The names of the matrices that the trees read."""
        return list(dict.fromkeys(ensemble.source for ensemble in self.graphs.ensembles))

    def sums(self, matrices: Mapping[str, Matrix]) -> dict[str, Matrix]:
        """Return the sums of each ensemble, shape ``(rows, targets)``, by the name of its output.

        Parameters
        ----------
        matrices
            Those that the trees read, by name.
        """
        return dict(self._sums(matrices))

    def _sums(self, matrices: Mapping[str, Matrix]) -> Iterator[tuple[str, Matrix]]:
        for ensemble, trees in zip(self.graphs.ensembles, self.layouts, strict=True):
            matrix = matrices[ensemble.source]
            if matrix.shape[1] < trees.width:  # the loop does not look where it reads
                raise IndexError(f"the trees read {trees.width} columns of {matrix.shape[1]}")
            sums = np.empty((len(matrix), ensemble.targets))
            add_leaves = loop.add_any_leaves if len(trees.categories) else loop.add_number_leaves
            add_leaves(
                *(matrix, trees.numbers, trees.missing, trees.categories, trees.limits),
                *(trees.links, trees.thresholds, trees.sets, trees.values, trees.roots, trees.targets),
                sums,
            )
            yield ensemble.output, sums
