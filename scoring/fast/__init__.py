"""The trees of an artifact, scored by a loop that Numba compiles where the extra ``fast`` is installed."""

from __future__ import annotations

from importlib.util import find_spec

NEEDED = ("numba", "onnx")


def is_installed() -> bool:
    """Return whether what the loop needs is there; nothing of it is imported."""
    return all(find_spec(name) for name in NEEDED)
