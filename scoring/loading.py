"""From a model reference to a version that is ready to score.

Nothing of a row reaches a parser before its digests agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from scoring import explainers, registry
from scoring.artifact import Artifact, check_digest
from scoring.digests import DECIDING, DIGEST, scoring_digest
from scoring.errors import PrunedVersionError, VersionRowError, WarehouseMLError
from scoring.scorer import Scorer
from scoring.signature import Signature
from scoring.warehouse import Relation, Warehouse


@dataclass(frozen=True)
class Contents:
    """What a version holds beside its row, as it was trained."""

    artifact: bytes
    native_model: str | None
    sql_form: dict[str, str] | None


@dataclass(frozen=True)
class Opened:
    """A version whose artifact is open."""

    signature: Signature
    artifact: Artifact


def contents(warehouse: Warehouse, row: registry.VersionRow) -> Contents:
    """Return the large columns of a version, compared with both of its digests.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If a digest is missing, or the columns are not what was trained or are there no longer.
    """
    if row.pruned_at is not None:
        left = registry.numbers_with_artifacts(warehouse, row.relation)
        raise PrunedVersionError.gone(row.model_name, row.version, row.pruned_at, row.pruned_by, left)
    artifact = registry.read_artifact(warehouse, row)
    check_digest(artifact, row.artifact_sha256, model=row.name)
    native_model, sql_form = registry.read(warehouse, row, "native_model", "sql_form")
    for column, value, kind in (("native_model", native_model, str), ("sql_form", sql_form, dict)):
        if value is not None and not isinstance(value, kind):
            raise VersionRowError.wrong(row.model_name, row.version, column, value, "as training wrote it")
    if row.has_digest:
        if row.scoring_sha256 is None:
            raise VersionRowError.null(row.model_name, row.version, DIGEST)
        values = {name: getattr(row, name, None) for name in DECIDING}
        actual = scoring_digest({**values, "native_model": native_model, "sql_form": sql_form})
        if actual != row.scoring_sha256:
            raise VersionRowError.altered(
                row.model_name, row.version, ", ".join(DECIDING), row.scoring_sha256, actual
            )
    return Contents(artifact, native_model, sql_form)


def damage(warehouse: Warehouse, relation: Relation, version: int) -> str | None:
    """Return why a version cannot score, as a sentence; None if its row is sound."""
    try:
        contents(warehouse, registry.version_row(warehouse, relation, version))
    except WarehouseMLError as error:
        return str(error)
    return None


def opened(warehouse: Warehouse, row: registry.VersionRow) -> Opened:
    """Return a version ready to run.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If its row is damaged or its artifact must not be loaded.
    """
    return open_artifact(row, contents(warehouse, row).artifact)


def open_artifact(row: registry.VersionRow, data: bytes) -> Opened:
    """Return the artifact of a version, whose digests agree, ready to run.

    Raises
    ------
    scoring.errors.ArtifactError
        If it must not be loaded, or belongs to another signature.
    """
    signature = Signature.from_row(row.signature)
    artifact = Artifact(data, expected_digest=row.artifact_sha256, model=row.name)
    artifact.check_fits(len(signature.features), {output.name for output in signature.outputs})
    return Opened(signature, artifact)


def explainer(warehouse: Warehouse, row: registry.VersionRow) -> explainers.Explainer:
    """Return what explains the scores of a version.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If its row is damaged, or its scores cannot be explained.
    """
    native_model = contents(warehouse, row).native_model
    return explainers.load(row.name, row.estimator, native_model, Signature.from_row(row.signature))


def load(warehouse: Warehouse, reference: str) -> Scorer:
    """Return the version that a model reference means right now.

    Parameters
    ----------
    warehouse
        The warehouse.
    reference
        See `scoring.registry.Reference`.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If there is no such model or version, the model has no champion, its row is damaged, or the artifact
        must not be loaded.
    """
    row = registry.resolve(warehouse, reference)
    ready = opened(warehouse, row)
    explain = partial(explainer, warehouse, row)
    return Scorer(row.name, row.task, ready.signature, ready.artifact, explain)
