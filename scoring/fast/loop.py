"""The loop that walks rows down trees. Numba compiles it for the processor at hand, when it is first called.

Eight rows go down a tree side by side, without a branch that depends on a row: a processor that need not guess
works on all of them at once. Indexes are unsigned, as Numba makes signed ones wrap around.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from scoring.fast.layout import BITS, LEAST, MOST, ROWS_AT_ONCE

U = np.uint64
ROWS = ROWS_AT_ONCE
SIDE_BY_SIDE = 8
COLUMN, CHILD = U(2**32 - 1), U(32)
"""A link holds a column in its lower half and the first child in its upper half."""


def _number_child(
    keys: Any, words: Any, links: Any, thresholds: Any, sets: Any, node: Any, row: Any, categories: Any
) -> Any:
    """Return where a row goes from a node, all splits of which compare."""
    link = links[node]
    return (link >> CHILD) + U(keys[(link & COLUMN) + row] > thresholds[node])


def _any_child(
    keys: Any, words: Any, links: Any, thresholds: Any, sets: Any, node: Any, row: Any, categories: Any
) -> Any:
    """Return where a row goes from a node whose thresholds lie among the words of sets."""
    link = links[node]
    place = (link & COLUMN) + row
    key, word = keys[place], sets[thresholds[node] + words[place]]
    goes_right = U((key & word) == 0) if place >= categories else U(key > word)
    return (link >> CHILD) + goes_right


def _fill(matrix: Any, start: Any, size: Any, numbers: Any, missing: Any, keys: Any) -> None:
    """Write the columns of numbers of some rows as whole numbers."""
    values = np.empty(ROWS)
    bits = values.view(np.int64)
    for column in range(len(numbers)):
        for row in range(size):
            values[row] = matrix[start + row, numbers[column]] + 0.0
        for row in range(size):
            key = bits[row] ^ ((bits[row] >> 63) & MOST)
            keys[column * ROWS + row] = missing[column] if values[row] != values[row] else key


def _fill_categories(
    matrix: Any, start: Any, size: Any, categories: Any, limits: Any, first: Any, keys: Any, words: Any
) -> None:
    """Write the columns of categories of some rows as bits, each with the word that it is in."""
    for column in range(len(categories)):
        for row in range(size):
            value = matrix[start + row, categories[column]]
            bit, word = 0, 0
            if value >= 0.0 and value < limits[column]:
                code = int(value)
                if code == value:
                    bit, word = 1 << (code % BITS), code // BITS
            keys[first + column * ROWS + row] = bit
            words[first + column * ROWS + row] = word


def _walk(child: Callable[..., Any], fill: Callable[..., Any], fill_categories: Callable[..., Any]) -> Any:
    """Return the loop with a rule for where a row goes."""

    def add_leaves(
        matrix: Any,
        numbers: Any,
        missing: Any,
        categories: Any,
        limits: Any,
        links: Any,
        thresholds: Any,
        sets: Any,
        values: Any,
        roots: Any,
        targets: Any,
        sums: Any,
    ) -> None:
        first = (len(numbers) + 1) * ROWS
        c = U(first)
        keys = np.full(first + len(categories) * ROWS, LEAST, np.int64)
        words = np.zeros(len(keys), np.uint64)
        added = np.empty((sums.shape[1], ROWS))
        k, w, t, s = keys, words, thresholds, sets
        for start in range(0, len(matrix), ROWS):
            size = min(len(matrix) - start, ROWS)
            fill(matrix, start, size, numbers, missing, keys)
            fill_categories(matrix, start, size, categories, limits, first, keys, words)
            added[:] = 0.0
            for tree in range(len(roots)):
                root, target = roots[tree], targets[tree]
                row = U(0)
                while row < U(size):
                    r0, r1, r2, r3 = row, row + U(1), row + U(2), row + U(3)
                    r4, r5, r6, r7 = row + U(4), row + U(5), row + U(6), row + U(7)
                    n0 = n1 = n2 = n3 = n4 = n5 = n6 = n7 = root
                    while True:
                        o0 = child(k, w, links, t, s, n0, r0, c)
                        o1 = child(k, w, links, t, s, n1, r1, c)
                        o2 = child(k, w, links, t, s, n2, r2, c)
                        o3 = child(k, w, links, t, s, n3, r3, c)
                        o4 = child(k, w, links, t, s, n4, r4, c)
                        o5 = child(k, w, links, t, s, n5, r5, c)
                        o6 = child(k, w, links, t, s, n6, r6, c)
                        o7 = child(k, w, links, t, s, n7, r7, c)
                        n0 = child(k, w, links, t, s, o0, r0, c)
                        n1 = child(k, w, links, t, s, o1, r1, c)
                        n2 = child(k, w, links, t, s, o2, r2, c)
                        n3 = child(k, w, links, t, s, o3, r3, c)
                        n4 = child(k, w, links, t, s, o4, r4, c)
                        n5 = child(k, w, links, t, s, o5, r5, c)
                        n6 = child(k, w, links, t, s, o6, r6, c)
                        n7 = child(k, w, links, t, s, o7, r7, c)
                        if (
                            (n0 ^ o0)
                            | (n1 ^ o1)
                            | (n2 ^ o2)
                            | (n3 ^ o3)
                            | (n4 ^ o4)
                            | (n5 ^ o5)
                            | (n6 ^ o6)
                            | (n7 ^ o7)
                        ) == U(0):  # all of them are at leaves
                            break
                    added[target, r0] += values[n0]
                    added[target, r1] += values[n1]
                    added[target, r2] += values[n2]
                    added[target, r3] += values[n3]
                    added[target, r4] += values[n4]
                    added[target, r5] += values[n5]
                    added[target, r6] += values[n6]
                    added[target, r7] += values[n7]
                    row += U(SIDE_BY_SIDE)
            for target in range(sums.shape[1]):
                for place in range(size):
                    sums[start + place, target] = added[target, place]

    return numba.njit(nogil=True)(add_leaves)


def _compiled(function: Callable[..., Any]) -> Any:
    return numba.njit(nogil=True)(function)


add_number_leaves = _walk(_compiled(_number_child), _compiled(_fill), _compiled(_fill_categories))
add_any_leaves = _walk(_compiled(_any_child), _compiled(_fill), _compiled(_fill_categories))
