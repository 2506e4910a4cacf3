"""Errors of estimators, and of ONNX files from elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Self

from scoring.errors import WarehouseMLError, listed


class EstimatorError(WarehouseMLError):
    """An estimator that cannot learn from what it is given."""

    @classmethod
    def class_without_rows(cls, estimator: str, missing: Sequence[str]) -> Self:
        """Report which classes have no training row."""
        return cls(
            f"Estimator '{estimator}' cannot be fitted: every class must occur in the training rows, but "
            f"{listed(missing)} is only in others; widen the query's period or split the rows another way."
        )

    @classmethod
    def without_drawn_rows(cls, estimator: str, key: str, share: float, rows: int) -> Self:
        """Name the setting that leaves a tree no rows, and the least that leaves one."""
        least = math.ceil(1000 / rows) / 1000
        return cls(
            f"Estimator '{estimator}' cannot be fitted: {key} is {share:g} and must leave every tree a row, "
            f"but there are {rows} training rows; write at least {key}: {least:g}, or train on more rows."
        )

    @classmethod
    def no_file(cls, path: str) -> Self:
        """Report that there is no file to bring."""
        return cls(
            f"Estimator 'onnx' finds no file '{path}': params key 'file' is the path of an ONNX file, "
            "relative to the project; correct the path or put the file there."
        )

    @classmethod
    def file_takes_no_text(cls, file: str, features: Sequence[str]) -> Self:
        """Report which features are text."""
        return cls(
            f"ONNX file '{file}' cannot be used: its one input is a matrix, which takes numbers, booleans and "
            f"instants, but {listed(features)} is text; turn it into numbers in the query, as was done for the file, "
            "or export the model with one input per column."
        )

    @classmethod
    def other_inputs(cls, file: str, features: Sequence[str], inputs: Sequence[str]) -> Self:
        """Report inputs that are not those of the features."""
        return cls(
            f"ONNX file '{file}' cannot be used: it must have or be one input, a float or double matrix of "
            f"{len(features)} columns, one per feature, or an input for each feature, called like it; the features are "
            f"{listed(features)}, but its inputs are {listed(inputs)}; correct the query or export the model anew."
        )

    @classmethod
    def other_type(cls, file: str, feature: str, kind: str, actual: str) -> Self:
        """Report an input of another type than its feature."""
        expected = "string" if kind == "category" else "float, double, int64, int32 or bool"
        return cls(
            f"ONNX file '{file}' cannot be used: feature '{feature}' is a {kind}, so that its input must be one column "
            f"of {expected}, but it is {actual}; cast the column in the query or export the model anew."
        )

    @classmethod
    def file_without_null(cls, file: str, feature: str, name: str) -> Self:
        """Report an input that cannot be null, of a feature that can."""
        return cls(
            f"ONNX file '{file}' cannot be used: input {name} has no missing value, but feature '{feature}' may be "
            f"null; say what null is, for example features: {{{feature}: {{nulls: error}}}}, or export it as float."
        )

    @classmethod
    def other_classes(cls, file: str, labels: Sequence[str], classes: Sequence[str]) -> Self:
        """Report classes that are not those of the label."""
        return cls(
            f"ONNX file '{file}' cannot be used: its classes are {listed(labels)}, but those of the label are "
            f"{listed(classes)}; correct label or positive in the block, or the query."
        )

    @classmethod
    def file_without_threshold(cls, file: str) -> Self:
        """Report that nothing says what an anomaly is."""
        return cls(
            f"ONNX file '{file}' cannot be used: task anomaly needs the score above which a row is an "
            "anomaly, but it is missing; write params: {threshold: <number>}."
        )

    @classmethod
    def fixed_batch(cls, file: str, name: str, size: int) -> Self:
        """Report a model that takes or gives a certain number of rows."""
        return cls(
            f"ONNX file '{file}' cannot be used: the first axis of input '{name}' is fixed to {size}, but "
            "must take any number of rows; export the model with a dynamic batch axis."
        )

    @classmethod
    def depends_on_batch(cls, file: str, size: int, larger: int) -> Self:
        """Report a model that scores a row by the rows beside it."""
        return cls(
            f"ONNX file '{file}' cannot be used: a row's score must not depend on the rows beside it, but "
            f"the first rows score otherwise in a batch of {size} than of {larger}; export it for inference."
        )

    @classmethod
    def file_unusable(cls, file: str, expected: str, actual: str) -> Self:
        """Report what the file must be."""
        return cls(
            f"ONNX file '{file}' cannot be used: it must have or be {expected}; found {actual}; export the model "
            "anew or correct the query."
        )
