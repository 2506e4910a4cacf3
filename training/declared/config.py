"""A model's block ``config: meta: ml:``, read as a whole, and the hash of what decides the model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from training.declared.problems import read
from training.declared.spec import ModelSpec
from training.errors import ConfigError
from training.estimators import ESTIMATORS

JUDGING = (
    "allow_pii", "gates", "must_beat_constant", "pin", "retrain", "shadow", "ab_test", "retention", "renamed_from",
)  # fmt: skip
"""Keys that judge a trained model, or say when to train it, and do not decide it."""


def parse(config: Mapping[str, Any] | None, *, model_name: str, is_trained: bool = False) -> ModelSpec:
    """Return the spec that a model's block describes.

    Parameters
    ----------
    config
        The block as YAML gives it; None if there is none.
    model_name
        The model, for error messages.
    is_trained
        Whether a version was trained with a block that differs at most in what judges a version. Settings of
        the estimator, whose libraries take long to import, are not checked again then.

    Raises
    ------
    training.errors.ConfigError
        If anything is wrong with the block; one error reports all of it.
    """
    if config is None:
        raise ConfigError.without_block(model_name)
    keys = tuple(config) if isinstance(config, Mapping) else ()
    spec, problems = read(ModelSpec, config, "ml", is_trained=is_trained, keys=keys)
    if spec is None:
        raise ConfigError.from_problems(model_name, problems)
    return spec


def config_hash(config: Mapping[str, Any] | None) -> str:
    """Return a SHA-256 of what decides the trained model; what judges it afterwards is left out.

    The block is taken as it is written, so that an unchanged one is known before any of it is understood.
    A file that the estimator's settings name counts with its content.
    """
    written = config if isinstance(config, Mapping) else {}
    decisive = {key: value for key, value in written.items() if key not in JUDGING}
    params = decisive.get("params")
    if isinstance(params, Mapping) and "file" in params and decisive.get("estimator") in ESTIMATORS:
        decisive["file"] = ESTIMATORS[str(decisive["estimator"])].fingerprint(params)
    return sha256(json.dumps(decisive, sort_keys=True, default=str).encode()).hexdigest()
