"""The SQL function that gives the query of a model as of a cutoff, by an entry point."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from scoring import training_packages
from scoring.errors import WarehouseMLError

FUNCTION = "ml_replay"


def replay(request: str) -> str:
    """Return the answer to a request of the dbt project, as JSON: a ``query`` and its ``steps``, or a ``problem``.

    Parameters
    ----------
    request
        JSON with the keys ``node``, ``cutoff`` and ``as_built``.
    """
    try:
        answer: Callable[..., dict[str, Any]] = training_packages.load("replay", "replays_as_of")
        return json.dumps(answer(**json.loads(request)))
    except WarehouseMLError as error:
        return json.dumps({"problem": str(error)})
