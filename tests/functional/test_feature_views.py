"""Feature views not declared as they must be are refused before anything is built, all errors at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import feature_project
import pytest
from project import Project

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
    (project.folder / "models" / "views.yml").write_text(json.dumps({"models": list(views)}))


WRONG = (
    view("sales", SOUND | {"ownr": "shops", "owner": " ", "ttl": "2 dayz", "keys": ["shop_ids"]}),
    view("bare", "shop"),
    view("clocks", SOUND | {"event_at": "shop_id", "known_at": "knwon_at"}),
    view("dated", SOUND | {"known_at": 2024}),
    view("empty", SOUND | {"entity": "The Shop"}, dict.fromkeys(("shop_id", "event_at", "known_at"))),
    view("fleeting", SOUND, materialized="ephemeral"),
    view("keyless", {"entity": "shop", "owner": "shops"}),
    view("nulls", SOUND, COLUMNS | {"amount": None, "remark": "not aplicable"}),
    view("other", SOUND | {"keys": ["remark"]}, COLUMNS | {"shop_id": "unknown"}),
)
SENTENCES = (
    "The feature views cannot be used as they are declared.",
    "The feature view bare must have a mapping as feature_view, but found shop: write entity, keys and "
    "owner under it.",
    "The feature view sales must have no settings in feature_view but entity, keys, event_at, known_at, "
    "ttl, owner, but found 'ownr': correct or remove it. Did you mean 'owner'?",
    "The feature view sales must have as feature_view.owner who answers for it, but found : write such as "
    "owner:",
    "The feature view sales must have as feature_view.ttl a number above 0 and a unit (second, minute, "
    "hour, day or week), but found 2 dayz: write such as ttl: 2 day, or leave it out where values do not "
    "expire.",
    "The feature view sales must have as feature_view.keys what its YAML describes as columns, but found "
    "shop_ids: correct it or describe the column. Did you mean 'shop_id'?",
    "The feature view clocks must have as feature_view.event_at an instant and no key, but found shop_id, "
    "which is a key too: name another column.",
    "The feature view clocks must have as feature_view.known_at what its YAML describes as columns, but "
    "found knwon_at: correct it or describe the column. Did you mean 'known_at'?",
    "The feature view dated must have as feature_view.known_at what its YAML describes as columns, but "
    "found 2024: correct it or describe the column.",
    "The feature view empty must have as feature_view.entity a name of small letters, digits and "
    "underscores, but found The Shop: write what the view describes, such as entity: customer.",
    "The feature view empty must have features, columns beside its keys and clocks, but found none: "
    "describe them in its YAML.",
    "The feature view fleeting must be materialized as table, view or incremental, so that its values can "
    "be looked at, but found ephemeral: correct it.",
    "The feature view keyless must have as feature_view.keys a list of different columns, but found none: "
    "write the columns that name an entity, such as keys: [customer_id].",
    "The feature view nulls must say of its feature amount what a null means, with `config: meta: nulls:` "
    "and one of never, none yet, unknown, not applicable, but found none: write it there.",
    "but found not aplicable: write it there. Did you mean 'not applicable'?",
    "The feature view other must have as feature_view.keys those of every view of the entity shop, which are "
    "shop_id in clocks, but found remark: correct the keys, or name another entity.",
)


def test_wrong_views_are_told_all_at_once_before_the_first_node(sound: Project, tmp_path: Path) -> None:
    project = sound.copy_to(tmp_path)
    declare(project, *WRONG)
    run = project.dbt("build", "-s", "asked")
    assert run.code != 0
    assert [sentence for sentence in SENTENCES if sentence not in run.output] == []
    assert "model features.asked" not in run.output
    assert not project.warehouse.exists() or project.contents("features") == {}


def test_columns_without_a_description_are_told(sound: Project, tmp_path: Path) -> None:
    project = sound.copy_to(tmp_path)
    project.replace("models/joined.yml", "description: Amount of the sale.", "description: ''")
    run = project.dbt("compile", "-s", "joined_by_block")
    assert run.code != 0
    assert (
        "The feature view sales must describe its column amount, but found no description: write one."
        in run.output
    )


def test_declared_columns_are_compared_with_the_table_once_it_is_built(
    sound: Project, tmp_path: Path
) -> None:
    project = sound.copy_to(tmp_path)
    project.replace("models/joined.yml", "- name: remark", "- name: remarks")
    run = project.dbt("build", "-s", "sales")
    assert run.code != 0
    assert (
        "The feature view sales must have the columns that its YAML describes, but its table has no remarks: "
        "correct the name, or build the view again. Did you mean 'remark'?" in run.output
    )
    assert (
        "The feature view sales must describe every column of its table, but found remark without a "
        "description: write one in its YAML, with its null rule." in run.output
    )
