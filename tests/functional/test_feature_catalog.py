"""The catalog tells of every feature what its view declares, what its table holds, and who uses it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import feature_project
import pytest
from project import Project

VISITS = """
select
    shop_id as "group",
    minutes as "end",
    cast(null as varchar) as "It's raining",
    timezone('UTC', known_at) as "at"
from (
    values
    ('a', 10, timestamp '2024-01-01 10:00:00'),
    ('a', null, timestamp '2024-01-02 10:00:00'),
    ('b', 30, timestamp '2024-01-03 10:00:00'),
    ('b', 40, timestamp '2024-01-04 10:00:00')
) as rows (shop_id, minutes, known_at)
where '{{ ref("instants") }}' <> ''
"""
DECLARED = {
    "name": "opening_visits",
    "description": "It's a view.",
    "config": {
        "meta": {
            "feature_view": {
                "entity": "visit",
                "keys": "group",
                "event_at": "at",
                "known_at": "at",
                "owner": "the shops' team",
            }
        }
    },
    "columns": [
        {"name": "group", "description": "Key."},
        {"name": "end", "description": "How long\nit's open.", "config": {"meta": {"nulls": "unknown"}}},
        {"name": "It's raining", "description": "Rain.", "config": {"meta": {"nulls": "none yet"}}},
        {"name": "at", "description": "When."},
    ],
}
# Never built: what counts is that it is downstream.
TRAINED = {"name": "restock", "config": {"meta": {"ml": {"task": "binary"}}}}


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project with a second view and a trained model far downstream, its catalog built."""
    project = feature_project.make(tmp_path_factory.mktemp("catalog"))
    models = project.folder / "models"
    (models / "opening_visits.sql").write_text(VISITS)
    (models / "between.sql").write_text("select * from {{ ref('opening_visits') }}\n")
    (models / "restock.sql").write_text("select * from {{ ref('between') }}\n")
    (models / "catalog.yml").write_text(json.dumps({"models": [DECLARED, TRAINED]}))
    run = project.dbt("build", "-s", "instants", "sales", "opening_visits")
    assert run.code == 0, run.output
    return project


def test_feature_is_reported_as_declared_and_as_found(shops: Project) -> None:
    rows = shops.query("from features.feature_catalog where view_name = 'opening_visits' order by feature")
    view = ("opening_visits", "visit")
    rest = ("the shops' team", None, ["instants"], ["restock"], 4)
    first, last = datetime(2024, 1, 1, 10), datetime(2024, 1, 4, 10)
    assert rows == [
        (*view, "It's raining", "VARCHAR", "Rain.", "none yet", *rest, 1.0, None, None),
        (*view, "end", "INTEGER", "How long it's open.", "unknown", *rest, 0.25, first, last),
    ]


def test_every_view_is_reported_with_its_lifetime(shops: Project) -> None:
    catalog = shops.query(
        "select feature, ttl, source_models, used_by_models, row_count from features.feature_catalog "
        "where view_name = 'sales' order by 1"
    )
    assert catalog == [("amount", "1 day", [], [], 600), ("remark", "1 day", [], [], 600)]


def test_nulls_that_the_rule_never_excludes_end_the_build(shops: Project, tmp_path: Path) -> None:
    project = shops.copy_to(tmp_path)
    project.replace("models/catalog.yml", '"nulls": "none yet"', '"nulls": "never"')
    problem = "The feature It's raining of opening_visits has nulls, and its null rule is never"
    for command in (("build", "-s", "opening_visits"), ("test", "-s", "feature_catalog")):
        run = project.dbt(*command)
        assert run.code == 1
        assert problem in run.output


def test_project_without_views_has_no_catalog(shops: Project, tmp_path: Path) -> None:
    project = shops.copy_to(tmp_path)
    for model in ("sales", "opening_visits"):
        (project.folder / "models" / f"{model}.sql").write_text("select 1 as n\n")
    for yaml in ("joined.yml", "rolled.yml", "catalog.yml"):
        (project.folder / "models" / yaml).unlink()
    project.warehouse.unlink()
    for command in ("build", "test"):
        run = project.dbt(command, "-s", "sales", "feature_catalog")
        assert run.code == 0, run.output
    assert project.query("select view_name from duckdb_views() where schema_name = 'features'") == []


def test_catalog_of_the_flights_is_complete(yesterday: Project) -> None:
    counted = yesterday.query(
        "select count(*), count(data_type), count(distinct view_name), bool_and(len(source_models) = 1) "
        "from features.feature_catalog"
    )
    assert counted == [(38, 38, 9, True)]
    users = ["arrival_delay_minutes", "flight_delay", "flight_outcome"]
    assert yesterday.query("select distinct used_by_models from features.feature_catalog") == [(users,)]
