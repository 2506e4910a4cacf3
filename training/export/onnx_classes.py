"""In which order an ONNX model from elsewhere gives the probabilities of the classes."""

from __future__ import annotations

from collections.abc import Sequence

import onnx

from training.errors import EstimatorError

LABELS = ("classlabels_strings", "classlabels_int64s", "classlabels_ints")
"""The attributes of operators of ``ai.onnx.ml`` that name the classes."""
BOOLEANS = {"0": "false", "1": "true"}


def labels_of(model: onnx.ModelProto) -> tuple[str, ...] | None:
    """Return the classes as the model names them; None if it does not, or its operators differ."""
    labels = set()
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.name in LABELS:
                texts = [text.decode("utf-8", "replace") for text in attribute.strings]
                labels.add(tuple(texts or map(str, attribute.ints)))
    labels.discard(())
    return labels.pop() if len(labels) == 1 else None


def order_of(labels: Sequence[str] | None, classes: Sequence[str], file: str) -> tuple[int, ...]:
    """Return at which place the model gives each of our classes.

    In our order where it names none, or their codes 0, 1, 2, …, as of a label that was encoded.

    Raises
    ------
    training.errors.EstimatorError
        If it names others.
    """
    if labels is None:
        return tuple(range(len(classes)))
    named = list(labels)
    if {*named} == {*BOOLEANS} and {*classes} == {*BOOLEANS.values()}:
        named = [BOOLEANS[name] for name in named]
    if sorted(named) != sorted(classes) and named == [str(code) for code in range(len(classes))]:
        named = list(classes)
    if sorted(named) != sorted(classes):
        raise EstimatorError.other_classes(file, named, classes)
    return tuple(named.index(name) for name in classes)
