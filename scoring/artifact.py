"""The ONNX bytes of a version: checked, opened and run. The only module that imports onnxruntime."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from hashlib import sha256
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from scoring import fast
from scoring.errors import ArtifactError
from scoring.onnx_bytes import contents

if TYPE_CHECKING:
    from scoring.fast.trees import Trees

INPUT_NAME = "features"
STANDARD_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})
ROWS_PER_RUN = 8192
"""Batches of this size run faster than one call over all rows and bound the memory of a run."""
FAST_AFTER = 5.0 * (os.cpu_count() or 1)
"""Seconds that runs of an artifact take, in all threads, before its trees are compiled: about as long as that takes."""
LARGEST = 2**30
"""Bytes. An open session takes several times as much memory, and ONNX files end at 2 GiB."""


def digest(data: bytes) -> str:
    """Return the SHA-256 of the bytes in hexadecimal."""
    return sha256(data).hexdigest()


def check_digest(data: bytes, expected: str, *, model: str) -> None:
    """Check that the bytes of an artifact are those that its row says.

    Raises
    ------
    scoring.errors.ArtifactError
        If their SHA-256 is another.
    """
    actual = digest(data)
    if actual != expected:
        raise ArtifactError.digest_differs(model, expected, actual)


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
        If the bytes are too many, do not match the digest, use operators outside the ONNX standard, refer to
        data outside of them, or cannot be opened.
    """

    def __init__(self, data: bytes, *, expected_digest: str, model: str) -> None:
        if len(data) > LARGEST:
            raise ArtifactError.too_large(model, len(data), LARGEST)
        check_digest(data, expected_digest, model=model)
        try:
            content = contents(data)
        except ValueError as error:
            raise ArtifactError.unreadable(model, str(error)) from error
        for verb, domains in (("imports", content.imports), ("has nodes of", content.domains)):
            if foreign := domains - STANDARD_DOMAINS:
                raise ArtifactError.foreign_domain(model, verb, min(foreign))
        if content.has_functions:
            raise ArtifactError.own_functions(model)
        if content.has_external_data:
            raise ArtifactError.external_data(model)
        self._model = model
        try:
            self._session = _session(data)
        except Exception as error:  # the runtime's error classes have no common base below Exception
            raise ArtifactError.unreadable(model, f"onnxruntime says: {error}") from error
        self._seconds = 0.0
        self._compiling = Lock()
        self._to_compile = data if fast.is_installed() else None
        self._compiled: _Compiled | None = None

    @property
    def is_compiled(self) -> bool:
        """Whether its trees are compiled by now."""
        return self._compiled is not None

    def run(self, matrix: NDArray[np.float64], output: str = "prediction") -> NDArray[np.float64]:
        """Return one output for every row.

        Parameters
        ----------
        matrix
            Shape ``(rows, features)``, as `scoring.signature.Signature.matrix` gives it.
        output
            The name of the output: ``prediction``, ``raw_score`` or ``probabilities``.

        Returns
        -------
        numpy.ndarray
            Shape ``(rows,)`` or ``(rows, classes)``.

        Raises
        ------
        scoring.errors.ArtifactError
            See `run_inputs`.
        """
        return self.run_inputs({INPUT_NAME: matrix}, output)

    def run_inputs(self, inputs: Mapping[str, NDArray[Any]], output: str) -> NDArray[np.float64]:
        """Return one output for every row of a model that need not have our input.

        Parameters
        ----------
        inputs
            What each input takes, by its name; all have as many rows.
        output
            The name of the output.

        Returns
        -------
        numpy.ndarray
            Shape ``(rows,)`` or ``(rows, classes)``.

        Raises
        ------
        scoring.errors.ArtifactError
            If the runtime cannot run it, or gives another number of rows than it was given.
        """
        rows = min(map(len, inputs.values()), default=0)
        if not rows:  # many operators take no empty matrix, and only a run knows the output's shape
            one = {name: _one_row(values) for name, values in inputs.items()}
            return self._run(one, output, 1)[:0]
        parts = []
        for start in range(0, rows, ROWS_PER_RUN):
            part = {name: values[start : start + ROWS_PER_RUN] for name, values in inputs.items()}
            parts.append(self._run(part, output, min(ROWS_PER_RUN, rows - start)))
        return np.concatenate(parts)

    def check_fits(self, features: int, outputs: Collection[str]) -> None:
        """Check that the artifact takes so many features and has these outputs.

        Raises
        ------
        scoring.errors.ArtifactError
            If it does not: it belongs to another signature.
        """
        inputs = {part.name: part.shape for part in self._session.get_inputs()}
        width = inputs.get(INPUT_NAME, [None])[-1]
        if list(inputs) != [INPUT_NAME] or (isinstance(width, int) and width != features):
            shown = ", ".join(f"{name} {shape}" for name, shape in inputs.items())
            raise ArtifactError.other_signature(
                self._model, f"the input {INPUT_NAME} with {features} columns", shown
            )
        names = [part.name for part in self._session.get_outputs()]
        if not {*outputs} <= {*names}:
            wanted, shown = ", ".join(sorted(outputs)), ", ".join(names)
            raise ArtifactError.other_signature(self._model, f"the outputs {wanted}", shown)

    def _run(self, inputs: Mapping[str, NDArray[Any]], output: str, rows: int) -> NDArray[np.float64]:
        try:
            scores = self._scores(inputs, output)
        except Exception as error:  # the runtime's error classes have no common base below Exception
            raise ArtifactError.not_run(self._model, str(error).splitlines()[0]) from error
        if not isinstance(scores, np.ndarray) or scores.ndim == 0:
            raise ArtifactError.no_rows(self._model, output)
        if len(scores) != rows:
            raise ArtifactError.rows_differ(self._model, output, rows, len(scores))
        return scores

    def _scores(self, inputs: Mapping[str, NDArray[Any]], output: str) -> Any:
        if self._compiled is not None:
            return self._compiled.run(inputs[INPUT_NAME], output)
        started = perf_counter()
        (scores,) = self._session.run([output], dict(inputs))
        self._seconds += perf_counter() - started
        # Other threads go on with the runtime meanwhile: the numbers are the same.
        if self._seconds >= FAST_AFTER and self._to_compile and self._compiling.acquire(blocking=False):
            self._compile(self._to_compile, inputs, output, scores)
        return scores

    def _compile(self, data: bytes, inputs: Mapping[str, NDArray[Any]], output: str, scores: Any) -> None:
        """Go on with compiled trees, if the artifact has such and they give the same scores bit for bit."""
        self._to_compile = None
        try:
            from scoring.fast.trees import Trees
        except ImportError:  # Numba is there, but not for this version of NumPy
            return
        trees = Trees.of(data) if list(inputs) == [INPUT_NAME] else None
        if trees is None:
            return
        compiled = _Compiled(trees)
        if np.array_equal(_bits(compiled.run(inputs[INPUT_NAME], output)), _bits(scores)):
            self._compiled = compiled


class _Compiled:
    """An artifact whose trees are compiled, and whose other operators the runtime computes."""

    def __init__(self, trees: Trees) -> None:
        before, behind = trees.graphs.before, trees.graphs.behind
        self._trees = trees
        self._before = None if before is None else _session(before)
        self._behind = _session(behind)
        self._takes_features = INPUT_NAME in {part.name for part in self._behind.get_inputs()}

    def run(self, matrix: NDArray[np.float64], output: str) -> Any:
        """Return one output for every row."""
        names, inputs = self._trees.sources, {INPUT_NAME: matrix}
        matrices = [matrix] * len(names) if self._before is None else self._before.run(names, inputs)
        sums = self._trees.sums(dict(zip(names, matrices, strict=True)))
        (scores,) = self._behind.run([output], sums | (inputs if self._takes_features else {}))
        return scores


def _one_row(values: NDArray[Any]) -> NDArray[Any]:
    blank = "" if values.dtype == object else 0
    return np.full((1, *values.shape[1:]), blank, values.dtype)


def _bits(scores: Any) -> NDArray[np.uint8]:
    return np.ascontiguousarray(scores).view(np.uint8)


def _session(data: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(data, _options(), providers=["CPUExecutionProvider"])


def _options() -> onnxruntime.SessionOptions:
    """Return options for a session that works on the caller's thread alone and logs nothing."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4
    # Else bytes that also read as the runtime's own format would be taken for that, which was not looked at.
    options.add_session_config_entry("session.load_model_format", "ONNX")
    return options
