"""A node's place in a pipeline, and the memory and process of a run."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from scoring.runs.lineage import Lineage, Member
from scoring.runs.memory import NodeMemory, available_bytes, free_bytes, peak_resident_bytes, resident_bytes
from scoring.runs.process import is_alive, process_key


def member(kind: str, materialized: str | None, *parents: str, name: str, raw: bool = False) -> Member:
    return Member(kind, materialized, parents, ("db", "main", name), name if raw else None)


LINEAGE = Lineage(
    {
        "source.orders": member("source", None, name="shop.orders", raw=True),
        "seed.days": member("seed", "seed", name="days", raw=True),
        "clean": member("model", "view", "source.orders", "seed.days", name="clean"),
        "features": member("model", "table", "clean", "seed.days", name="features"),
        "churn": member("model", "ml_model", "features", name="churn"),
        "scores": member("model", "table", "churn", "features", name="scores"),
        "report": member("model", "table", "clean", name="report"),
        "test": member("test", None, "scores", name="test"),
        "page": member("exposure", None, "scores", name="page"),
    }
)


def test_steps() -> None:
    steps = {key: LINEAGE.step(key) for key in LINEAGE.members if not key.startswith("source")}
    assert steps == {
        "seed.days": "extract",
        "clean": "extract",
        "features": "transform",
        "churn": "transform",
        "scores": "store",
        "report": "store",
        "test": "test",
        "page": None,
    }


def test_pipeline_of_a_model() -> None:
    served = [key for key in LINEAGE.members if LINEAGE.serves(key) == ["churn"]]
    assert served == ["seed.days", "clean", "features", "churn", "scores"]
    assert [key for key in LINEAGE.members if LINEAGE.scores(key)] == ["scores"]
    assert LINEAGE.raw_tables("scores") == ["days", "shop.orders"]


def test_tables_behind_a_view_are_those_read() -> None:
    read = {table[-1] for table in LINEAGE.tables_read("report")}
    assert read == {"shop.orders", "days"}


def test_critical_path_is_the_longest_chain() -> None:
    seconds = {"clean": 1.0, "features": 2.0, "report": 5.0, "churn": 4.0, "test": 0.5, "scores": 1.0}
    assert LINEAGE.critical_path(seconds) == 1 + 2 + 4 + 1 + 0.5


def test_peak_of_a_node_is_that_while_it_ran() -> None:
    memory = NodeMemory()
    memory.begin()
    memory.node_started("small")
    memory.node_ended("small")
    memory.node_started("large")
    held = bytearray(os.urandom(1)) * 200_000_000
    time.sleep(0.2)  # four readings
    del held
    memory.node_ended("large")
    memory.end()
    (_, small), (start, large) = memory.of("small"), memory.of("large")
    assert small is not None and start is not None and large is not None
    assert large - start > 150_000_000 > small - start
    assert memory.of("unknown") == (None, None)
    assert (resident_bytes() or 0) <= peak_resident_bytes() <= available_bytes()
    assert 0 < (free_bytes() or 1) <= available_bytes()


def test_a_process_that_ended_is_gone_and_its_id_alone_proves_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        key = process_key(process.pid)
        assert key is not None and is_alive(key)
        pid, _, boot = key.split()
        assert not is_alive(f"{pid} 1 {boot}")
        process.kill()
    assert not is_alive(key)
