"""The SQL function that gives the query of a model as of a cutoff, by an entry point."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import entry_points

from scoring.errors import ReplayPackagesError, WarehouseMLError

GROUP, NAME = "warehouse_ml.replays", "query"
"""The entry point: takes the id of a node, a cutoff and names of models; gives a query."""
FUNCTION = "ml_replay"


def replay(request: str) -> str:
    """Return the answer to a request of the dbt project, as JSON: a ``query``, or a ``problem``.

    Parameters
    ----------
    request
        JSON with the keys ``node``, ``cutoff`` and ``as_built``.
    """
    found = entry_points(group=GROUP, name=NAME)
    try:
        try:
            if not found:
                raise ImportError(f"no entry point {NAME} in {GROUP}")
            query: Callable[..., str] = found[NAME].load()
        except (ImportError, OSError) as error:  # OSError: a library that a package itself needs
            raise ReplayPackagesError.missing(str(error)) from error
        return json.dumps({"query": query(**json.loads(request))})
    except WarehouseMLError as error:
        return json.dumps({"problem": str(error)})
