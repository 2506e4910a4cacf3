"""Which version of a model may score after a build, and why: gates, pin and promotions judged together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from scoring.decisions import ACCEPT, HOLD, PIN, REFUSE, REFUSE_PIN, Decision, Past
from training.declared.spec import Pin
from training.evaluation.gate_messages import failure
from training.evaluation.gates import passing

Problem = Callable[[int], str | None]
"""Returns why the row of a version is damaged; None if it is not."""


def decide(
    model: str,
    numbers: Sequence[int],
    verdicts: Sequence[dict[str, Any]],
    *,
    pin: Pin | None,
    past: Past,
    problem: Problem,
) -> Decision:
    """Return the decision about a model.

    A pin comes first, then a promotion or rollback that was not released, then the newest version that passes its
    gates. A damaged version cannot become champion. A pin that cannot take effect leaves the champion as it is.

    Parameters
    ----------
    model
        Name of the model.
    numbers
        The numbers of its versions, ascending, not empty.
    verdicts
        See `training.evaluation.gates.verdicts`.
    pin
        The pin of the model's block.
    past
        The decisions so far.
    problem
        Tells whether a version is damaged.
    """
    newest = numbers[-1]
    judged = [
        {**verdict, "message": None if verdict["is_passed"] else failure(model, verdict)}
        for verdict in verdicts
    ]
    may_score = passing(judged)

    def made(version: int | None, action: str, reason: str, *, is_forced: bool = False) -> Decision:
        return Decision(model, version, action, reason, is_forced, newest, may_score, tuple(judged))

    if pin is not None:
        refusal = "there is no such version" if pin.version not in numbers else problem(pin.version)
        if refusal is not None:
            return made(
                past.champion,
                REFUSE_PIN,
                f"The pin of {model} to version {pin.version} takes no effect: {refusal}. {_scores(past.champion)} "
                "Correct pin in the model's block.",
            )
        return made(pin.version, PIN, f"pin: {pin.reason or 'no reason given'}")
    failures = [
        verdict["message"]
        for verdict in judged
        if verdict["version"] == newest
        and verdict["severity"] == "error"
        and verdict["is_declared_today"]
        and not verdict["is_passed"]
    ]
    refused = newest not in may_score or bool(failures)
    if past.held is not None:
        if refused:
            sentence = f"{' '.join(failures)} {_scores(past.held.version)}"
            return made(past.held.version, REFUSE, sentence, is_forced=past.held.is_forced)
        return made(past.held.version, HOLD, past.held.reason, is_forced=past.held.is_forced)
    sound = (number for number in sorted(may_score, reverse=True) if problem(number) is None)
    version = next(sound, None)
    if refused:
        return made(version, REFUSE, f"{' '.join(failures)} {_scores(version, newest)}")
    if version != newest:
        return made(version, REFUSE, f"{problem(newest)} {_scores(version)}")
    return made(version, ACCEPT, "gates")


def _scores(version: int | None, newest: int | None = None) -> str:
    """Return the sentence that says which version scores."""
    if version is None:
        return "No version scores."
    return "It goes on scoring." if version == newest else f"Version {version} goes on scoring."
