"""The quality of raw tables is measured in every build, and what is below its thresholds goes no further."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from project import Project
from shop import CONTRACTS, declare_contracts, make_shop

BUILD = ("-s", "+accepted_customers", "+accepted_orders", "+accepted_payments")
ORDERS = "from monitoring.data_quality where table_name = 'orders' order by measured_at"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The shop after its first build; not to be changed."""
    project = make_shop(tmp_path_factory.mktemp("shop"))
    run = project.build(*BUILD)
    assert run.code == 0, run.output
    return project


def test_input_rows_are_the_lines_of_the_file(shop: Project) -> None:
    counts = "table_name, input_rows, accepted_rows, quarantined_rows"
    assert shop.query(f"select {counts} from monitoring.data_quality order by 1") == [
        ("bank.payments", 5, 1, 4),
        ("customers", 5, 3, 2),
        ("orders", 16, 4, 12),
    ]


def test_score_is_the_weighted_mean(shop: Project) -> None:
    ((completeness, accuracy, validity, score),) = shop.query(
        f"select completeness, accuracy, validity, score {ORDERS}"
    )
    # No key, too few values · two negative, one nobody's and negative, one overpaid · the rest
    assert completeness == 1 - 2 / 16
    assert accuracy == 1 - 4 / 16
    assert validity == 1 - 7 / 16
    assert score == pytest.approx((1 * completeness + 2 * accuracy + 3 * validity) / 6, rel=1e-12)


def test_every_build_is_kept(shop: Project, tmp_path: Path) -> None:
    other = shop.copy_to(tmp_path / "shop")
    other.rewrite("seeds/orders.csv", lambda lines: [*lines, "30,1,5,,new"])
    run = other.build(*BUILD, "--full-refresh")
    assert run.code == 0, run.output
    assert other.query(f"select input_rows, accepted_rows {ORDERS}") == [(16, 4), (17, 5)]
    assert other.query("select count(distinct build_id) from monitoring.data_quality") == [(2,)]


def test_share_that_is_just_met_lets_the_table_through(shop: Project, tmp_path: Path) -> None:
    other = shop.copy_to(tmp_path / "shop")
    declare_contracts(other, {**CONTRACTS, "orders": {**CONTRACTS["orders"], "max_bad_share": 0.29}})
    rows = [f"{number},1,{-1 if number < 29 else 5},,told" for number in range(100)]
    other.rewrite("seeds/orders.csv", lambda lines: [lines[0], *rows])
    run = other.build(*BUILD)
    assert run.code == 0, run.output
    assert other.query("select count(*) from shop.accepted_orders") == [(71,)]


CASES: dict[str, tuple[Mapping[str, Any], str]] = {
    "share": (
        {"max_bad_share": 0.5},
        "The raw table orders must have at most 50.0 % of its rows in quarantine, but 12 of 16 are there,",
    ),
    "share of a rule": (
        {"max_bad_share_by_rule": {"conflicting_key": 0.1}},
        "The raw table orders must have at most 10.0 % of its rows break the rule "
        "conflicting_key (rows of the same order_id must not differ; none of them is kept), but 2 of 16 do:",
    ),
    "score": (
        {"min_score": 0.9},
        "The raw table orders must have a data quality score of at least 0.9, but it is 0.67",
    ),
}


@pytest.mark.parametrize(("changed", "sentence"), CASES.values(), ids=CASES)
def test_table_below_a_threshold_goes_no_further(
    shop: Project, tmp_path: Path, changed: Mapping[str, Any], sentence: str
) -> None:
    other = shop.copy_to(tmp_path / "shop")
    declare_contracts(other, {**CONTRACTS, "orders": {**CONTRACTS["orders"], **changed}})
    other.rewrite("seeds/customers.csv", lambda lines: [*lines, "5,e@example.org"])
    before = other.contents("shop")
    run = other.build(*BUILD)
    assert run.code == 1
    assert sentence in run.output
    # Payments of orders that are not to be trusted are none either; customers need no orders.
    assert " ERROR=2 " in run.output
    after = other.contents("shop")
    assert after.pop("shop.accepted_customers") != before.pop("shop.accepted_customers")
    assert after == before
    # Two nodes read the orders, and they are counted once.
    assert other.query(f"select count(*) {ORDERS[: ORDERS.index(' order')]}") == [(2,)]

    run = other.dbt("test")
    assert run.code == 1
    assert sentence in run.output
