"""Rolling aggregates equal what a plain self-join finds in each row's window."""

from __future__ import annotations

from pathlib import Path

import feature_project
import pytest
from project import Project

FUNCTIONS = {
    "visits": "count(seen.visit_id)",
    "timed": "count(seen.minutes)",
    "total": "sum(seen.minutes)",
    "mean": "avg(seen.minutes)",
    "shortest": "min(seen.minutes)",
    "longest": "max(seen.minutes)",
    "spread": "stddev_samp(seen.minutes)",
    "long_share": "avg((seen.minutes >= 25)::integer)",
    "last": "arg_max(seen.minutes, (seen.known_at, seen.minutes)) filter (where seen.minutes is not null)",
    "since_visit": "epoch(any_value(visits.known_at) - max(seen.known_at)) / 60",
}
WINDOWS = {"1h": "1 hour", "1d": "1 day"}

BY_DAY = """
with days as (
    select shop_id, cast(known_at as date) as known_on from {{ ref('visits') }} where shop_id is not null
)

{{ warehouse_ml.rolling_aggregate(
    'days', 'shop_id', 'known_on', {'since': {'time_since': '*'}}, {'9d': '9 day'}
) }}
"""


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The wrapper models, built, and their unit tests passed."""
    project = feature_project.make(tmp_path_factory.mktemp("features"))
    (project.folder / "models/rolled_by_day.sql").write_text(BY_DAY)
    run = project.dbt("build", "-s", "visits", "rolled", "rolled_with_itself", "rolled_by_day")
    assert run.code == 0, run.output
    assert "5 unit tests" in run.output
    return project


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_aggregate_is_what_a_self_join_finds(features: Project, name: str, window: str) -> None:
    rows = features.query(
        f"select rolled.{name}_{window}, expected.value from features.rolled inner join ("
        f"select visits.visit_id, {FUNCTIONS[name]} as value from features.visits "
        "left join features.visits as seen on visits.shop_id = seen.shop_id "
        f"and seen.known_at >= visits.known_at - interval '{WINDOWS[window]}' "
        "and seen.known_at < visits.known_at group by visits.visit_id) as expected using (visit_id) "
        "where rolled.shop_id is not null and rolled.known_at is not null"
    )
    assert len(rows) > 250
    assert sum(expected is not None and expected != 0 for _, expected in rows) > 60
    assert [actual for actual, _ in rows] == [pytest.approx(expected) for _, expected in rows]


def test_a_row_without_key_or_instant_has_no_aggregates(features: Project) -> None:
    assert features.query(
        "select count(*) > 10, count(visits_1d), count(mean_1d), count(since_timed_1d) from features.rolled "
        "where shop_id is null or known_at is null"
    ) == [(True, 0, 0, 0)]


def test_a_window_with_itself_holds_all_of_its_instant(features: Project) -> None:
    rows = features.query(
        "select any_value(rolled.visits_1h), count(*) from features.rolled_with_itself as rolled "
        "inner join features.visits using (visit_id) inner join features.visits as seen "
        "on visits.shop_id = seen.shop_id and seen.known_at > visits.known_at - interval 1 hour and "
        "seen.known_at <= visits.known_at group by visits.visit_id"
    )
    assert rows
    assert [row for row in rows if row[0] != row[1]] == []


def test_an_instant_may_be_a_date(features: Project) -> None:
    rows = features.query(
        "select since_9d, 1440 * (known_on - max(known_on) over (partition by shop_id order by known_on "
        "range between unbounded preceding and interval 1 day preceding)) from features.rolled_by_day "
        "where known_on is not null"
    )
    assert len(rows) > 250
    assert sum(actual is not None for actual, _ in rows) > 100
    assert [row for row in rows if row[0] != row[1]] == []


def test_all_mistaken_measures_are_refused_at_once(tmp_path: Path) -> None:
    project = feature_project.make(tmp_path)
    project.replace("models/rolled.sql", "{'mean': 'minutes'}", "{'avg': 'minutes'}")
    project.replace("models/rolled.sql", "{'max': 'minutes'}", "{'max': '*'}")
    project.replace("models/rolled.sql", "'windows': ['1d']", "'windows': ['2d']")
    run = project.dbt("compile", "-s", "rolled")
    assert run.code != 0
    for fact in (
        "Measure mean has avg: a measure has one function of count, sum, mean",
        "Measure longest has '*': only count and time_since take all rows",
        "Measure since_timed uses unknown windows 2d: the windows are 1h, 1d",
    ):
        assert fact in run.output
