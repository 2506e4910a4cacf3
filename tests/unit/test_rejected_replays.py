import json
from importlib.metadata import EntryPoints

import pytest

from scoring import replays, training_packages
from training.errors import ReplayError


def test_packages_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_packages, "entry_points", lambda group: EntryPoints())
    problem = json.loads(replays.replay(json.dumps({"node": "model.a.b"})))["problem"]
    assert "replays_as_of needs the packages that train models" in problem
    assert "pip install 'warehouse-ml[training]'" in problem


@pytest.mark.parametrize(
    ("error", "facts"),
    [
        (ReplayError.no_query("fct", "Python model"), ["fct again", "is a Python model", "as_built"]),
        (ReplayError.own_rows("fct"), ["fct again", "reads its own rows", "as_built"]),
        (ReplayError.bare_name("fct", "stg"), ["fct again", "the table of stg by its name", "ref('stg')"]),
        (ReplayError.no_cutoff("fct"), ["nothing that fct reads", "is_known()"]),
    ],
)
def test_refusals_say_what_to_do(error: ReplayError, facts: list[str]) -> None:
    assert all(fact in str(error) for fact in facts)
