"""Generated features equal what a plain search finds in what was true and known before each spine row."""

from __future__ import annotations

from math import isclose, isnan
from pathlib import Path

import generated_project
import pytest
from project import Project

WINDOWS = {"6h": "6 hour", "3d": "3 day", "ever": "10000 day"}
MINUTES = "round(seen.minutes * 1e6) / 1e6"
PAID = "seen.is_paid::integer"
SLOPE = "regr_slope({}, epoch(seen.event_at) / 86400) filter (where {} is not null)"
IN_WINDOW = {
    "count": "count(seen.visit_id)",
    "mean_minutes": f"avg({MINUTES})",
    "mean_paid": f"avg({PAID})",
    "trend_minutes": SLOPE.format(MINUTES, MINUTES),
    "trend_paid": SLOPE.format(PAID, PAID),
}
LATEST = "(seen.event_at, seen.known_at, coalesce(seen.minutes, -1))"
OF_ALL = {
    "last_minutes": f"arg_max(struct_pack(value := seen.minutes), {LATEST}).value",
    "minutes_since_last": "epoch(any_value(spine.predicted_at) - max(seen.event_at)) / 60",
}
# The version of each visit that was known last before the instant.
SEARCH = """
    with seen as (
        select spine.row_id, visits.*
        from shops.spine as spine
        inner join shops.visits as visits
            on spine.shop_id = visits.shop_id and visits.event_at < spine.predicted_at
            and visits.known_at < spine.predicted_at
            and visits.event_at >= spine.predicted_at - interval '{length}'
        qualify row_number() over (partition by row_id, visit_id order by known_at desc) = 1
    )
    select spine.row_id, {value} as value
    from shops.spine as spine
    left join seen on spine.row_id = seen.row_id
    where spine.shop_id is not null
    group by spine.row_id
"""
ORDERS = """
    select visits.visit_id, visits.known_at, avg(orders.amount) as amount, count(orders.amount) as orders
    from shops.visits
    left join shops.orders
        on visits.customer_id = orders.customer_id and orders.event_at < visits.event_at
        and orders.known_at < visits.event_at and orders.event_at >= visits.event_at - interval '2 day'
    group by all
"""


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = generated_project.make(tmp_path_factory.mktemp("generated"))
    run = project.dbt("build", "-s", "package:shops,resource_type:model")
    assert run.code == 0, run.output
    return project


def is_same(actual: float | None, expected: float | None) -> bool:
    if actual is None or expected is None or isnan(expected):  # the slope of a single point
        return actual is None and (expected is None or isnan(expected))
    return isclose(actual, expected, rel_tol=1e-6, abs_tol=1e-6)


def differing(project: Project, feature: str, value: str, length: str) -> tuple[int, int, list[tuple]]:
    """Return rows, rows with a value, and the first rows where the feature is not what is expected."""
    search = SEARCH.format(value=value, length=length)
    rows = project.query(
        f"select row_id, {feature}, value from shops.generated inner join ({search}) using (row_id) "
        "order by row_id"
    )
    wrong = [row for row in rows if not is_same(row[1], row[2])]
    return len(rows), sum(bool(expected) for _, _, expected in rows), wrong[:5]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("name", IN_WINDOW)
def test_aggregate_of_a_window_is_what_a_search_finds(features: Project, name: str, window: str) -> None:
    rows, filled, wrong = differing(features, f"visits_{name}_{window}", IN_WINDOW[name], WINDOWS[window])
    assert (rows, wrong) == (460, [])
    assert filled > 50


@pytest.mark.parametrize("name", OF_ALL)
def test_latest_is_what_a_search_finds(features: Project, name: str) -> None:
    rows, filled, wrong = differing(features, f"visits_{name}", OF_ALL[name], WINDOWS["ever"])
    assert (rows, wrong) == (460, [])
    assert filled > 100


def test_spine_rows_all_come_back_once(features: Project) -> None:
    assert features.query("select count(*), count(distinct row_id) from shops.generated") == [(480, 480)]
    assert features.query(
        "select count(*), count(columns(* exclude (row_id, shop_id, predicted_at))) from shops.generated "
        "where shop_id is null"
    ) == [(20, *[0] * 18)]
    assert features.query(
        "select count(*) from shops.generated where shop_id = 's6' and visits_count_ever > 0"
    ) == [(0,)]


@pytest.mark.parametrize(("feature", "value"), [("mean_amount_2d", "amount"), ("count_2d", "orders")])
def test_features_of_a_child_become_its_values(features: Project, feature: str, value: str) -> None:
    search = SEARCH.format(value=f"avg(earlier.{value})", length="2 day").replace(
        "left join seen on spine.row_id = seen.row_id",
        f"left join seen on spine.row_id = seen.row_id left join ({ORDERS}) as earlier "
        "on seen.visit_id = earlier.visit_id and seen.known_at = earlier.known_at",
    )
    rows = features.query(
        f"select visits_mean_orders_{feature}_2d, value from shops.deep inner join ({search}) using (row_id)"
    )
    assert sum(expected is not None for _, expected in rows) > 150
    assert [actual for actual, _ in rows] == [pytest.approx(expected, abs=1e-6) for _, expected in rows]


@pytest.mark.parametrize("model", ["generated", "deep"])
def test_both_forms_of_the_join_agree(features: Project, model: str) -> None:
    fast, portable = f"shops.{model}", f"shops.{model}_portable"
    for one, other in ((fast, portable), (portable, fast)):
        assert features.query(f"from {one} except all from {other}") == []
    compiled = features.folder / "target/compiled/shops/models"
    for name, join in ((model, "asof left join"), (f"{model}_portable", "__instants_of_entered")):
        assert join in (compiled / f"{name}.sql").read_text()


def test_what_was_known_later_changes_nothing(features: Project) -> None:
    later = features.query("select count(*) from shops.visits where known_at > timestamp '2024-01-05'")
    assert later[0][0] > 300
    earlier = "from shops.{} where predicted_at <= timestamp '2024-01-05'"
    assert features.query(f"select count(*) {earlier.format('deep')}") == [(289,)]
    for one, other in (("deep", "deep_known"), ("deep_known", "deep")):
        assert features.query(f"{earlier.format(one)} except all {earlier.format(other)}") == []


def test_relations_and_values_are_taken_from_yaml(features: Project) -> None:
    columns = features.query(
        "select column_name from duckdb_columns() where table_name = 'related' order by column_index"
    )
    assert [name for (name,) in columns] == [
        "row_id",
        "shop_id",
        "predicted_at",
        "visit_view_by_shop_id_count_7d",
        "visit_view_by_shop_id_mean_minutes_7d",
        "visit_view_by_shop_id_trend_minutes_7d",
        "visit_view_by_shop_id_count_28d",
        "visit_view_by_shop_id_mean_minutes_28d",
        "visit_view_by_shop_id_trend_minutes_28d",
        "visit_view_by_shop_id_last_minutes",
        "visit_view_by_shop_id_minutes_since_last",
    ]
    assert (
        features.query("select count(*) from shops.related where visit_view_by_shop_id_count_28d > 5")[0][0]
        > 100
    )


def test_clocks_may_be_dates(features: Project) -> None:
    is_before, is_in_week = "known_date < on_date", "event_date >= on_date - interval 7 day"
    rows = features.query(
        "select visits_count_7d, visits_minutes_since_last, "
        f"count(known_date) filter (where {is_before} and {is_in_week}), "
        f"epoch(on_date) / 60 - max(epoch(event_date)) filter (where {is_before}) / 60 "
        "from shops.daily left join shops.visit_days as visits "
        "on visits.shop_id = daily.shop_id and event_date < on_date where daily.shop_id is not null "
        "group by daily.shop_id, on_date, visits_count_7d, visits_minutes_since_last"
    )
    assert len(rows) > 30
    assert [row[:2] for row in rows] == [row[2:] for row in rows]


def test_two_columns_of_one_name_are_refused(features: Project, tmp_path: Path) -> None:
    project = features.copy_to(tmp_path / "shops")
    child = generated_project.MODELS["generated"].replace("'minutes': 'minutes'", "'a': '1', 'a_6h': '2'")
    for name, old, new in (
        ("one", "'6h':", "'6h': '1 hour', '6h_6h':"),
        ("other", "ref('spine')", "ref('counted_spine')"),
    ):
        (project.folder / f"models/{name}.sql").write_text(child.replace(old, new))
    counted = "select *, 1 as visits_count_6h from {{ ref('spine') }}"
    (project.folder / "models/counted_spine.sql").write_text(counted)
    run = project.dbt("build", "-s", "counted_spine", "one", "other")
    for name in ("visits_mean_a_6h_6h", "visits_count_6h"):
        assert f"Two columns would be called {name}:" in run.output


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    project = generated_project.make(tmp_path / "shops")
    mistaken = (
        "{{ warehouse_ml.generate_features(ref('spine'), 'predicted_at', [ref('orders'), {'kid': 1}, "
        "{'child': ref('days'), 'keys': 'shop_id', 'event_at': 'on_date', 'known_at': 'on_date', "
        "'values': 'minutes', 'windows': ['7 day'], 'functions': 'count'}, "
        "{'child': ref('visits'), 'keys': 'shop_id', 'event_at': 'event_at', 'known_at': 'known_at', "
        "'values': [], 'windows': {'2y': '2 year'}, 'functions': ['median'], 'name': 'v', 'children': ["
        "{'child': ref('visits'), 'keys': 'shop_id', 'event_at': 'event_at', 'known_at': 'known_at', "
        "'values': [], 'children': [ref('orders')]}]}]) }}"
    )
    (project.folder / "models" / "related.sql").write_text(mistaken)
    run = project.dbt("compile", "-s", "related")
    assert run.code != 0
    for fact in (
        "Child orders is not related to the spine",
        "Child orders lacks a clock: event_at is missing and known_at is missing",
        "The values of child orders are missing",
        "Unknown key kid of a child: keys are child, keys, event_at",
        "The relation of a child is missing: write",
        "Window 2y of visits is '2 year': it must be a number above 0 and a unit",
        "Values of days is minutes: it must be a list of columns",
        "Windows of days is ['7 day']: it must be a mapping of name to length",
        "Functions of days is count: it must be a list, such as ['count']",
        "Unknown function median of visits: functions are count, mean",
        "visits is a child of a child and has children of its own",
    ):
        assert fact in run.output
