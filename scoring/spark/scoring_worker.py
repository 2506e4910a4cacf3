"""What a Python worker of Spark holds to score rows: the versions that came with the function, opened once each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import pyarrow as pa

from scoring import explainers
from scoring.answers import answers
from scoring.artifact import Artifact
from scoring.errors import (
    AmbiguousModelError,
    NoChampionError,
    SparkError,
    UnknownModelError,
    UnknownVersionError,
)
from scoring.functions import ARROW_TYPES, FUNCTIONS
from scoring.registry import CHALLENGER, Reference
from scoring.scorer import Scorer
from scoring.signature import Signature


@dataclass(frozen=True)
class PackedVersion:
    """A version as it travels: what scores it, and what explains its scores."""

    name: str
    task: str
    signature: Mapping[str, Any]
    artifact: bytes
    artifact_sha256: str
    estimator: str | None
    native_model: str | None


@dataclass(frozen=True)
class PackedModel:
    """The versions of a model that travel, and which of all there are.

    Parameters
    ----------
    schema, name
        The table of versions.
    champion
        The version that scores; None if none does.
    numbers
        The numbers of all versions, ascending.
    versions
        Those that can be called.
    """

    schema: str
    name: str
    champion: int | None
    numbers: tuple[int, ...]
    versions: Mapping[int, PackedVersion]


@dataclass(frozen=True)
class Models:
    """All models, as a function takes them along."""

    models: tuple[PackedModel, ...]

    def version(self, text: str) -> PackedVersion:
        """Return the version that a model reference means.

        Raises
        ------
        scoring.errors.WarehouseMLError
            If there is none.
        """
        reference = Reference.parse(text)
        model = self._model(reference)
        number = _number(model, reference.selector)
        if number is None or number not in model.numbers:
            raise UnknownVersionError.among(model.name, number, model.numbers)
        if number not in model.versions:
            raise SparkError.left_behind(model.name, number, sorted(model.versions))
        return model.versions[number]

    def _model(self, reference: Reference) -> PackedModel:
        named = [one for one in self.models if one.name.lower() == reference.model_name.lower()]
        schema = reference.schema
        chosen = [one for one in named if schema is None or one.schema.lower() == schema.lower()]
        if not chosen:
            raise UnknownModelError.among(reference.model_name, sorted({one.name for one in self.models}))
        if len(chosen) > 1:
            raise AmbiguousModelError.among(
                reference.model_name, [f"{one.schema}.{one.name}" for one in chosen]
            )
        return chosen[0]


def _number(model: PackedModel, selector: int | str) -> int | None:
    if isinstance(selector, int):
        return selector
    if selector == CHALLENGER:
        return model.numbers[-1] if model.numbers else None
    if model.champion is None:
        raise NoChampionError.among(model.name, model.numbers)
    return model.champion


_scorers: dict[tuple[str, str, bool], Scorer] = {}


def score(models: Models, function: str, model: pa.Array, rows: pa.Array, *others: pa.Array) -> pa.Array:
    """Return the values of one of ``FUNCTIONS`` for a batch of rows.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If a row has no value: the query ends with that sentence.
    """
    answered = answers(
        FUNCTIONS[function].answer,
        lambda reference: _scorer(models.version(reference)),
        pa.chunked_array([model]),
        pa.chunked_array([rows]),
        *(pa.chunked_array([other]) for other in others),
    )
    for _, problem in answered.problems:
        raise SparkError.of_a_row(problem)
    return answered.values(ARROW_TYPES[FUNCTIONS[function].value_type])


def _scorer(version: PackedVersion) -> Scorer:
    key = version.name, version.artifact_sha256, version.native_model is None
    if key not in _scorers:
        artifact = Artifact(version.artifact, expected_digest=version.artifact_sha256, model=version.name)
        signature = Signature.from_row(version.signature)
        explainer = cache(
            partial(explainers.load, version.name, version.estimator, version.native_model, signature)
        )
        _scorers[key] = Scorer(version.name, version.task, signature, artifact, explainer)
    return _scorers[key]
