"""The latest values of an entity: one row each, of what a point-in-time join gives at the same instant."""

from __future__ import annotations

from pathlib import Path

import feature_project
import pytest
from project import Project

LATEST = "{{{{ warehouse_ml.latest_values({}, at=\"timestamp '{}'\") }}}}\n"
JOINED = """
{{%- set spine -%}}
    (select distinct shop_id, timestamp '{0}' as latest_at
    from {{{{ ref('sales') }}}} where shop_id is not null)
{{%- endset -%}}
{{{{ warehouse_ml.point_in_time_join(spine, 'latest_at', [ref('sales')]) }}}}
"""
NOW = "2024-01-03 06:00:00"
LATER = "2024-02-01 00:00:00"
MODELS = {
    "shop_latest": LATEST.format("ref('sales')", NOW),
    "shop_joined": JOINED.format(NOW),
    "shop_expired": LATEST.format("[ref('sales')]", LATER),
    "shop_twice": LATEST.format(
        "[ref('sales'), {'view': ref('sales'), 'prefix': 'last_', 'ttl': '99 day'}]", LATER
    ),
    "shop_today": "{{ warehouse_ml.latest_values(ref('sales')) }}\n",
}


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = feature_project.make(tmp_path_factory.mktemp("latest"))
    for name, sql in MODELS.items():
        (project.folder / "models" / f"{name}.sql").write_text(sql)
    run = project.dbt("build", "-s", "instants", "sales", *MODELS)
    assert run.code == 0, run.output
    return project


def test_latest_values_are_those_of_the_join_at_the_same_instant(shops: Project) -> None:
    latest = shops.query("from features.shop_latest order by shop_id")
    assert latest == shops.query("from features.shop_joined order by shop_id")
    assert [row[0] for row in latest] == ["a", "b", "c"]
    assert all(row[2] is not None for row in latest)


def test_values_expire_but_no_entity_is_lost(shops: Project) -> None:
    assert shops.query("select shop_id, amount, remark from features.shop_expired order by 1") == [
        (shop, None, None) for shop in "abc"
    ]


def test_views_of_an_entity_stand_side_by_side(shops: Project) -> None:
    counted = "select count(*), count(amount), count(last_amount) from features.shop_twice"
    assert shops.query(counted) == [(3, 0, 3)]


def test_now_is_the_present_or_the_cutoff_of_the_build(shops: Project, tmp_path: Path) -> None:
    recent = "select bool_and(abs(date_diff('minute', latest_at, now() at time zone 'utc')) < 60) from "
    assert shops.query(recent + "features.shop_today") == [(True,)]
    project = shops.copy_to(tmp_path)
    run = project.dbt("build", "-s", "shop_latest", "shop_today", as_of="2024-01-02 12:00:00")
    assert run.code == 0, run.output
    instants = "select distinct cast(latest_at as varchar) from features."
    assert project.query(f"{instants}shop_latest") == [("2024-01-02 12:00:00",)]
    assert project.query(f"{instants}shop_today") == [("2024-01-02 12:00:00",)]


def test_views_of_two_entities_are_refused(shops: Project, tmp_path: Path) -> None:
    project = shops.copy_to(tmp_path)
    views = "[ref('sales'), {'view': ref('sales'), 'keys': {'other_shop_id': 'shop_id'}, 'prefix': 'other_'}]"
    (project.folder / "models/mixed.sql").write_text(LATEST.format(views, NOW))
    run = project.dbt("compile", "-s", "mixed")
    assert run.code != 0
    assert (
        "latest_values must have views of one entity, but sales has the keys shop_id and other_sales "
        "other_shop_id: write a query for each entity." in run.output
    )


def test_every_entity_of_the_flights_has_its_latest_values(yesterday: Project) -> None:
    entities = yesterday.query("select distinct entity from features.feature_catalog")
    tables = yesterday.query(
        "select table_name from duckdb_tables() where schema_name = 'features' and table_name like '%_latest'"
    )
    assert {name for (name,) in tables} == {f"{entity}_latest" for (entity,) in entities}
