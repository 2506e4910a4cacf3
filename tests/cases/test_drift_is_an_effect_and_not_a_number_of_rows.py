"""Drift of features and predictions: the same verdict on few rows and on many, no alarm by chance, and equal to scipy.

Every day of the monitor `watch` holds one change, see `monitored_project`; `calm` holds none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import monitored_project
import numpy as np
import pytest
from project import Project, Run
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy, wasserstein_distance

ALL = "slice_column is null and role = 'champion' and period_start"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return monitored_project.make(tmp_path_factory.mktemp("monitored"))


@pytest.fixture(scope="module")
def built(project: Project) -> Run:
    run = project.build(
        "-s", "late", "watch", "calm", "weekends", "seasons", "drift", "profile", "live_metrics"
    )
    assert run.code == 0, run.output
    return run


@pytest.fixture
def warehouse(project: Project, built: Run) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(project.warehouse), read_only=True) as connection:
        yield connection


def verdicts(warehouse: duckdb.DuckDBPyConnection, day: int, feature: str) -> Any:
    """Return verdict, psi and reason against training."""
    return warehouse.execute(
        f"select verdict, psi, reason from monitoring.drift where {ALL} = ? and feature = ? "
        "and compared_with = 'training'",
        [f"2024-01-{day:02}", feature],
    ).fetchone()


@pytest.mark.parametrize(
    ("days", "feature", "verdict", "fact"),
    [
        ((1, 2, 14), "amount", "stable", None),
        ((1, 2, 14), "region", "stable", None),
        ((1, 2, 14), "prediction", "stable", None),
        ((3, 4), "amount", "drift", "PSI is"),
        ((5,), "amount", "drift", "PSI is"),
        ((6,), "region", "warn", "% of the rows have a value that training did not see"),
        ((7,), "region", "drift", "in bins that are empty now"),
        ((8,), "amount", "drift", "100.0 % of the rows have no value, and 0.0 %"),
        ((9,), "amount", "too few rows", "50 rows, fewer than 200"),
        ((10,), "amount", "too few rows", "0 rows, fewer than 200"),
        ((11,), "amount", "drift", "PSI is"),
        ((12,), "pages", "drift", "have a value that training did not see"),
    ],
)
def test_a_change_has_its_verdict(
    warehouse: duckdb.DuckDBPyConnection, days: tuple[int, ...], feature: str, verdict: str, fact: str | None
) -> None:
    for day in days:
        actual, _, reason = verdicts(warehouse, day, feature)
        assert (actual, fact is None or fact in reason) == (verdict, True), (day, reason)


def test_too_few_rows_are_neither_zero_nor_an_error(warehouse: duckdb.DuckDBPyConnection) -> None:
    for day, feature in ((9, "amount"), (10, "amount"), (8, "amount"), (13, "gust")):
        assert verdicts(warehouse, day, feature)[1] is None


def test_what_is_unchanged_is_stable_on_any_number_of_rows(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.sql(
        "select entry.verdict, count(*) from (select unnest(drift) as entry from calm) group by 1"
    ).fetchall()
    comparisons = monitored_project.CALM_DAYS * 2 * (len(monitored_project.FEATURES) + 2)
    # The first day has none before it.
    first = len(monitored_project.FEATURES) + 2
    assert dict(rows) == {"stable": comparisons - first, "no reference": first}


def test_every_statistic_is_that_of_scipy_on_the_same_bins(warehouse: duckdb.DuckDBPyConnection) -> None:
    reference = {
        (entry["kind"], entry["feature"], entry["slice_value"]): entry
        for (entries,) in warehouse.sql("select reference_profile from ml.late").fetchall()
        for entry in entries
    }
    rows = warehouse.sql(
        "select columns(*) from monitoring.drift as drift inner join monitoring.profile as profile using "
        "(version, role, period_start, kind, feature) where drift.slice_value is not distinct from profile.slice_value "
        "and compared_with = 'training' and psi is not null and profile.period_start < '2025-01-01'"
    )
    names = rows.columns
    compared = 0
    for values in rows.fetchall():
        row = dict(zip(names, values, strict=True))
        trained = reference[row["kind"], row["feature"], row["slice_value"]]
        p = counts(row["bins"], row["non_finite"], row["nulls"], row["unseen"])
        q = counts(trained["bins"], trained["non_finite"], trained["nulls"], 0)
        assert row["js_distance"] == pytest.approx(jensenshannon(p, q), abs=1e-9)
        smooth, smooth_reference = smoothed(p, q), smoothed(q, p)
        psi = entropy(smooth, smooth_reference) + entropy(smooth_reference, smooth)
        assert row["psi"] == pytest.approx(psi, rel=1e-9, abs=1e-9)
        if row["ks"] is not None:
            finite, finite_reference = p[3:] / p[3:].sum(), q[3:] / q[3:].sum()
            means = [each["mean"] for each in trained["bins"]]
            distance = wasserstein_distance(means, means, finite, finite_reference) / trained["stddev"]
            assert row["wasserstein"] == pytest.approx(distance, rel=1e-9, abs=1e-9)
            largest = np.abs(np.cumsum(finite - finite_reference)).max()
            assert row["ks"] == pytest.approx(largest, abs=1e-9)
        compared += 1
    assert compared > 100


def counts(bins: list[dict[str, Any]], *others: int) -> Any:
    return np.array([*others, *(each["row_count"] for each in bins)], dtype=float)


def smoothed(p: Any, q: Any) -> Any:
    """Return shares in which an empty bin holds half a row, or the fewer rows that were to be expected."""
    filled = np.where(p > 0, p, np.minimum(0.5, p.sum() * q / q.sum()))[(p > 0) | (q > 0)]
    return filled / filled.sum()


def test_a_slice_is_compared_with_the_same_slice(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.sql(
        "select slice_value, reference_rows from monitoring.drift where slice_column = 'region_name' "
        "and feature = 'amount' and compared_with = 'training' and period_start = '2024-01-02' order by 1"
    ).fetchall()
    trained = warehouse.sql(
        "select entry.slice_value, entry.row_count from (select unnest(reference_profile) as entry from ml.late) "
        "where entry.feature = 'amount' and entry.slice_value is not null order by 1"
    ).fetchall()
    assert [each for each in rows if each[0] != "abroad"] == trained


def test_the_period_before_is_the_other_reference(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.sql(
        f"select day(period_start), day(reference_start), verdict from monitoring.drift where {ALL} "
        "< '2024-01-06' and feature = 'amount' and compared_with = 'previous' order by 1"
    ).fetchall()
    expected = [
        (1, None, "no reference"),
        (2, 1, "stable"),
        (3, 2, "drift"),
        (4, 3, "stable"),
        (5, 4, "drift"),
    ]
    assert rows == expected


def test_a_day_is_compared_with_the_same_weekday_where_that_is_declared(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.sql(
        "select date_diff('day', entry.reference_start, period_start), entry.verdict, count(*) "
        "from (select period_start, unnest(drift) as entry from weekends) "
        "where entry.feature = 'amount' and entry.compared_with = 'previous' group by all order by 1"
    ).fetchall()
    assert rows == [(7, "stable", (monitored_project.WEEKS - 1) * 7), (None, "no reference", 7)]


def test_a_month_is_compared_with_the_same_month_where_that_is_declared(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.sql(
        "select date_diff('month', entry.reference_start, period_start), entry.verdict, count(*) "
        "from (select period_start, unnest(drift) as entry from seasons) "
        "where entry.feature = 'amount' and entry.compared_with = 'previous' group by all order by 1"
    ).fetchall()
    assert rows == [(12, "stable", monitored_project.MONTHS - 12), (None, "no reference", 12)]


def test_views_tell_the_monitors_of_a_model_apart(warehouse: duckdb.DuckDBPyConnection) -> None:
    for view in ("drift", "profile", "live_metrics"):
        rows = warehouse.sql(f"select distinct monitor from monitoring.{view} order by 1").fetchall()
        assert rows == [("calm",), ("seasons",), ("watch",), ("weekends",)]
    # 2025-01-06 is a day of both calm and weekends; each published all of its own rows.
    shares = warehouse.sql(
        "select monitor, published_share from monitoring.live_metrics where period_start = '2025-01-06' "
        "and period = 'day' and slice_column is null and metric = 'non_finite_scores' order by 1"
    ).fetchall()
    assert shares == [("calm", 1.0), ("weekends", 1.0)]


def test_the_generic_test_says_what_drifts(built: Run) -> None:
    assert "PASS drift_error_all" in built.output
    assert "drift_warn_gust" in built.output


def test_rows_of_other_periods_stay_and_serve_as_the_period_before(project: Project, built: Run) -> None:
    days = "select day(period_start), count(*) from main.watch group by 1 order by 1"
    before = project.query(days)
    project.replace(
        "models/monitoring/watch.sql", "-- all days", "where predicted_at >= timestamp '2024-01-13'"
    )
    run = project.plain("run", "-s", "watch", "--full-refresh")
    assert run.code == 0, run.output
    assert [day for day, _ in project.query(days)] == [day for day, _ in before] == [*range(1, 15)]
    rows = project.query(
        "select day(entry.reference_start), entry.verdict "
        "from (select period_start, slice_column, unnest(drift) as entry from main.watch) "
        "where day(period_start) = 13 and slice_column is null and entry.feature = 'amount' "
        "and entry.compared_with = 'previous'"
    )
    assert rows == [(12, "stable")]
