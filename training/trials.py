"""A/B tests: the second version that scores a share of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scoring.decisions import Decision
from scoring.loading import damage
from scoring.warehouse import Relation, Warehouse
from training.declared.spec import Trial


def problem(
    warehouse: Warehouse, versions: Relation, numbers: Sequence[int], trial: Trial | None
) -> str | None:
    """Return why the A/B test of a model takes no effect; None if it does, or there is none.

    Parameters
    ----------
    versions, numbers
        The table of the model's versions, and their numbers.
    trial
        The test of the model's block.
    """
    if trial is None:
        return None
    number = trial.version
    reason = damage(warehouse, versions, number) if number in numbers else "there is no such version"
    if reason is None:
        return None
    return (
        f"The A/B test of {versions.name} with version {number} takes no effect: {reason.rstrip('.')}. The champion "
        "scores all rows. Correct ab_test in the model's block."
    )


def added(decision: Decision, trial: Trial | None) -> Decision:
    """Return a decision with the second version of a test; a test with the champion itself is over."""
    if trial is None or decision.version in (None, trial.version):
        return decision
    return replace(decision, challenger=trial.version, challenger_share=trial.share)
