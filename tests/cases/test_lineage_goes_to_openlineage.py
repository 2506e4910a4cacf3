"""`dbt-ol`, the wrapper of `openlineage-dbt`, sends a build's lineage: a model of ours is a job between its tables."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import own_project
from project import Project
from webhook_receiver import receiving

TABLE = "id,x,y\n" + "".join(f"{n},{n * 37 % 100},{int(n * 37 % 100 > 50)}\n" for n in range(300))
BLOCK = {
    "task": "binary",
    "label": "y",
    "key": "id",
    "split": {"method": "random", "test": 0.4},
    "params": {"min_data_in_leaf": 10, "num_iterations": 10},
}
FILES = {
    "models/marts/people_cleaned.sql": "select id, x, y from {{ ref('people') }}",
    "models/marts/scores.sql": "{{ warehouse_ml.predict(ref('good'), ref('people_cleaned')) }}",
    "models/marts/broken.sql": "select id / x as share, 'a' + 1 as b from {{ ref('scores') }}",
}
QUERIES = {"good": "select * from {{ ref('people_cleaned') }}"}


def make(folder: Path) -> Project:
    return own_project.make(folder, {"people": TABLE}, {"good": BLOCK}, queries=QUERIES, files=FILES)


def test_events_of_a_build_reach_a_receiver(tmp_path: Path) -> None:
    project = make(tmp_path)
    programs = Path(sys.executable).parent
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DBT_", "WAREHOUSE_"))}
    with receiving(200) as receiver:
        done = subprocess.run(
            [programs / "dbt-ol", "build", "-s", "people+"],
            cwd=project.folder,
            env={
                **inherited,
                "PATH": f"{programs}:{os.environ['PATH']}",
                "OPENLINEAGE_URL": f"http://127.0.0.1:{receiver.port}",
                "OPENLINEAGE_NAMESPACE": "own",
            },
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1, done.stdout + done.stderr
    ends = {
        event["job"]["name"]: (
            event["eventType"],
            {each["name"] for each in event["inputs"]},
            {each["name"] for each in event["outputs"]},
        )
        for event in receiver.posts
        if event["eventType"] != "START" and event["job"]["name"].endswith(".build.run")
    }
    assert ends == {
        "warehouse.marts.own.people_cleaned.build.run": (
            "COMPLETE",
            set(),
            {"warehouse.marts.people_cleaned"},
        ),
        "warehouse.ml.own.good.build.run": (
            "COMPLETE",
            {"warehouse.marts.people_cleaned"},
            {"warehouse.ml.good"},
        ),
        "warehouse.marts.own.scores.build.run": (
            "COMPLETE",
            {"warehouse.ml.good", "warehouse.marts.people_cleaned"},
            {"warehouse.marts.scores"},
        ),
        "warehouse.marts.own.broken.build.run": ("FAIL", {"warehouse.marts.scores"}, set()),
    }
