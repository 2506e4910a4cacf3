"""Feature views not declared as they must be are refused before anything is built, all errors at once."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import feature_project
import pytest
from project import Project
from yaml import safe_dump

COLUMNS = {"shop_id": None, "amount": "never", "remark": "not applicable", "event_at": None, "known_at": None}
SOUND: dict[str, Any] = {"entity": "shop", "keys": ["shop_id"], "ttl": "1 day", "owner": "shops"}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project with its views as they should be; not to be changed."""
    return feature_project.make(tmp_path_factory.mktemp("views"))


def view(
    name: str, block: Any, columns: dict[str, str | None] | None = None, **config: Any
) -> dict[str, Any]:
    """Return a feature view's YAML: its block and, per column, the null rule; the columns are described."""
    described = [
        {"name": column, "description": "Said.", "config": {"meta": {"nulls": rule} if rule else {}}}
        for column, rule in (columns or COLUMNS).items()
    ]
    return {"name": name, "columns": described, "config": {"meta": {"feature_view": block}, **config}}


def declare(project: Project, *views: dict[str, Any]) -> None:
    """Write views beside the project's own one, which goes."""
    for yaml in ("joined.yml", "rolled.yml"):
        (project.folder / "models" / yaml).unlink(missing_ok=True)
    for declared in views:
        sql = project.folder / "models" / f"{declared['name']}.sql"
        if not sql.exists():
            sql.write_text("select * from {{ ref('sales') }}\n")
    (project.folder / "models" / "views.yml").write_text(safe_dump({"models": list(views)}))


WRONG = (
    view("sales", SOUND | {"ownr": "shops", "owner": True}),
    view("dated", SOUND | {"known_at": datetime.date(2024, 1, 1)}),
    view("fleeting", SOUND, materialized="ephemeral"),
)
SENTENCES = (
    "models/views.yml: sales: feature_view.owner is true; it must be text; YAML reads yes, no, on and off",
    "models/views.yml: sales: feature_view.ownr is not a key. Did you mean 'owner'?",
    "models/views.yml: dated: feature_view.known_at is '2024-01-01'; it must be one of the columns",
    "models/views.yml: fleeting: materialized is 'ephemeral'",
    "seeds/counted.yml: counted: raw_contract.max_bad_share is 2; it must be a number between 0 and 1",
)


def test_wrong_blocks_are_reported_all_at_once_before_the_first_node(sound: Project, tmp_path: Path) -> None:
    project = sound.copy_to(tmp_path)
    declare(project, *WRONG)
    counted = {
        "name": "counted",
        "config": {"column_types": {"n": "integer"}, "meta": {"raw_contract": {"max_bad_share": 2}}},
    }
    (project.folder / "seeds/counted.csv").write_text("n\n1\n")
    (project.folder / "seeds/counted.yml").write_text(json.dumps({"seeds": [counted]}))
    run = project.dbt("build", "-s", "instants")
    assert run.code != 0
    assert [sentence for sentence in SENTENCES if sentence not in run.output] == [], run.output
    assert "model features.instants" not in run.output
    assert not project.warehouse.exists() or project.contents("features") == {}


def test_declared_columns_are_compared_with_the_table_once_it_is_built(
    sound: Project, tmp_path: Path
) -> None:
    project = sound.copy_to(tmp_path)
    project.replace("models/joined.yml", "- name: remark", "- name: remarks")
    run = project.dbt("build", "-s", "sales")
    assert run.code != 0
    assert "column remarks of feature view sales is not in its table; columns are: " in run.output
    assert "Did you mean 'remark'?" in run.output
    assert "column remark of feature view sales is not described" in run.output
