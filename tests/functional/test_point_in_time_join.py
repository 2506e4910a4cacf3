"""The point-in-time join takes, per view, what was true and known, in both of its forms."""

from __future__ import annotations

from pathlib import Path

import feature_project
import pytest
from project import Project


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The wrapper models, built, and their unit tests passed."""
    project = feature_project.make(tmp_path_factory.mktemp("features"))
    run = project.dbt("build", "-s", "asked", "sales", "joined", "joined_by_block", "joined_portably")
    assert run.code == 0, run.output
    assert "7 unit tests" in run.output
    return project


def test_both_forms_agree(features: Project) -> None:
    fast, portable = "features.joined_by_block", "features.joined_portably"
    assert features.query(f"select count(*) from {fast}") == features.query(
        "select count(*) from features.asked"
    )
    assert features.query(f"from {fast} except all from {portable}") == []
    assert features.query(f"from {portable} except all from {fast}") == []


def test_the_random_sales_hold_every_difficulty(features: Project) -> None:
    ((late, corrected, twice, ahead, expired),) = features.query(
        "select count(*) filter (where event_at < latest and known_at > event_at), "
        "count(*) filter (where events > 1 and facts = 1), count(*) filter (where facts > 1), "
        "count(*) filter (where known_at < event_at), "
        "(select count(*) filter (where amount is not null and other_amount is null) "
        "from features.joined_by_block) "
        "from (select *, max(event_at) over (partition by shop_id order by known_at) as latest, "
        "count(*) over (partition by shop_id, event_at) as events, "
        "count(*) over (partition by shop_id, event_at, known_at) as facts from features.sales)"
    )
    assert min(late, corrected, twice, ahead, expired) > 20


def test_a_row_is_taken_by_the_stated_rule(features: Project) -> None:
    counting = (
        "from features.sales where shop_id = asked.shop_id and event_at <= asked_at and known_at <= asked_at"
    )
    expected = (
        f"select row_id, (select if(max(event_at) + interval 1 day >= asked_at, max_by(amount, "
        f"(event_at, known_at, hash(sales))), null) {counting}) from features.asked"
    )
    assert (
        features.query(f"({expected}) except all select row_id, amount from features.joined_by_block") == []
    )


def test_a_relation_that_is_no_feature_view_is_refused(tmp_path: Path) -> None:
    project = feature_project.make(tmp_path)
    project.replace("models/joined_by_block.sql", "        ref('sales'),", "        ref('rolled'),")
    run = project.dbt("compile", "-s", "joined_by_block")
    assert run.code != 0
    assert (
        "A point-in-time join must know the keys of the view rolled, but found neither keys beside it nor in "
        "`config: meta: feature_view:` of its YAML: declare them there or, in a model with unit tests, where "
        "dbt shows no YAML, write {'view': ref('rolled'), 'keys': [...]}." in run.output
    )


def test_views_are_checked_where_a_join_is_compiled(tmp_path: Path) -> None:
    project = feature_project.make(tmp_path)
    project.replace("models/joined.yml", "keys: [shop_id], event_at", "event_at")
    project.replace("models/joined.yml", "ttl: 1 day", "ttl: 1")
    run = project.dbt("compile", "-s", "joined_by_block")
    assert run.code != 0
    for sentence in (
        "The feature view sales must have as feature_view.keys a list of different columns, but found none: ",
        "The feature view sales must have as feature_view.ttl a number above 0 and a unit (second, minute, "
        "hour, day or week), but found 1: write such as ttl: 2 day",
    ):
        assert sentence in run.output
