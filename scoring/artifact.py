"""The ONNX bytes of a version: checked, opened and run. The only module that imports onnxruntime."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from scoring.errors import ArtifactError
from scoring.onnx_bytes import defines_own_functions, operator_domains

INPUT_NAME = "features"
STANDARD_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})
ROWS_PER_RUN = 8192
"""Batches of this size run faster than one call over all rows and bound the memory of a run."""
LARGEST = 2**30
"""Bytes. An open session takes several times as much memory, and ONNX files end at 2 GiB."""


def digest(data: bytes) -> str:
    """Return the SHA-256 of the bytes in hexadecimal."""
    return sha256(data).hexdigest()


class Artifact:
    """An artifact that is ready to run.

    Parameters
    ----------
    data
        The ONNX model.
    expected_digest
        The SHA-256 that the version row gives for the bytes.
    model
        The model as the user named it, for error messages.

    Raises
    ------
    scoring.errors.ArtifactError
        If the bytes are too many, do not match the digest, use operators outside the ONNX standard,
        or cannot be opened.

    Notes
    -----
    A model given as bytes has no folder, so the runtime refuses any reference to data outside of them.
    """

    def __init__(self, data: bytes, *, expected_digest: str, model: str) -> None:
        if len(data) > LARGEST:
            raise ArtifactError.too_large(model, len(data), LARGEST)
        found = digest(data)
        if found != expected_digest:
            raise ArtifactError.digest_differs(model, expected_digest, found)
        try:
            foreign = operator_domains(data) - STANDARD_DOMAINS
            own_functions = defines_own_functions(data)
        except ValueError as error:
            raise ArtifactError.unreadable(model, str(error)) from error
        if foreign:
            raise ArtifactError.foreign_domain(model, min(foreign))
        if own_functions:
            raise ArtifactError.own_functions(model)
        try:
            self._session = onnxruntime.InferenceSession(data, _options(), providers=["CPUExecutionProvider"])
        except Exception as error:  # the runtime's error classes have no common base below Exception
            raise ArtifactError.unreadable(model, f"onnxruntime says: {error}") from error

    def run(
        self, matrix: NDArray[np.float64], output: str = "prediction", *, given: str = INPUT_NAME
    ) -> NDArray[np.float64]:
        """Return one output for every row.

        Parameters
        ----------
        matrix
            Shape ``(rows, features)``, as `scoring.signature.Signature.matrix` gives it.
        output
            The name of the output: ``prediction``, ``raw_score`` or ``probabilities``.
        given
            The name of the input.

        Returns
        -------
        numpy.ndarray
            Shape ``(rows,)`` or ``(rows, classes)``.
        """
        starts = range(0, max(len(matrix), 1), ROWS_PER_RUN)  # no rows take one run: it knows the shape
        parts = [
            self._session.run([output], {given: matrix[start : start + ROWS_PER_RUN]})[0] for start in starts
        ]
        return np.concatenate(parts)


def _options() -> onnxruntime.SessionOptions:
    """Return options for a session that works on the caller's thread alone and logs nothing."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4
    return options
