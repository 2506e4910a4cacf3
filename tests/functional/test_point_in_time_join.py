"""The point-in-time join takes, per view, what was true and known, in both of its forms."""

from __future__ import annotations

import json
from pathlib import Path

import feature_project
import pytest
from project import Project

# Of words that SQL keeps for itself, of names with blanks, and with a clock of another type than the spine's.
ODD_SALES = """
select
    shop_id as "order",
    amount as "group",
    remark as "What was said",
    timezone('UTC', event_at) as "at",
    known_at
from {{ ref('sales') }}
"""
ODD_BLOCK = {"entity": "order", "keys": ["order"], "event_at": "at", "ttl": "1 day", "owner": "shops"}
ODD_COLUMNS = {"order": None, "group": "never", "What was said": "unknown", "at": None, "known_at": None}
ODD_VIEW = {
    "name": "spine",
    "columns": [
        {"name": name, "description": "Said.", "config": {"meta": {"nulls": rule} if rule else {}}}
        for name, rule in ODD_COLUMNS.items()
    ],
    "config": {"meta": {"feature_view": ODD_BLOCK}},
}
# Far from UTC, where a timestamp is taken for local time wherever it meets one with a time zone.
SESSION = "{{ config(pre_hook=\"set TimeZone = 'America/New_York'\") }}"
ODD_ENTRY = "{'view': ref('spine'), 'keys': {'shop_id': 'order'}, 'prefix': 'Odd '}"
ODD_JOINS = {
    "joined_oddly": "warehouse_ml.point_in_time_join(instants, 'predicted_at', [entry])",
    "joined_oddly_portably": (
        "warehouse_ml.default___join_as_of(instants, 'predicted_at', [warehouse_ml._feature_view(entry)])"
    ),
}
# The engine takes a spine that is filtered by a subquery for a handful of rows.
PLAN = """
{%- set instants -%}
    (select * from {{ ref('instants') }} where predicted_at > (select min(predicted_at) from {{ ref('instants') }}))
{%- endset -%}
{%- set join -%}
    explain {{ warehouse_ml.point_in_time_join(instants, 'predicted_at', [ref('sales')]) }}
{%- endset -%}
select '{{ 'ASOF_JOIN' in run_query(join).rows[0][1] if execute }}' as is_as_of
"""


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The wrapper models, built, and their unit tests passed."""
    project = feature_project.make(tmp_path_factory.mktemp("features"))
    models = project.folder / "models"
    (models / "spine.sql").write_text(ODD_SALES)
    (models / "spine.yml").write_text(json.dumps({"models": [ODD_VIEW]}))
    for name, join in ODD_JOINS.items():
        entry = f"{{%- set instants, entry = ref('instants'), {ODD_ENTRY} -%}}"
        query = f"{SESSION}{entry}{{{{ {join} if execute }}}}\n"
        (models / f"{name}.sql").write_text(query)
    (models / "plan.sql").write_text(PLAN)
    wrapped = ("instants", "sales", "joined", "joined_by_block", "joined_portably", "plan")
    run = project.dbt("build", "-s", *wrapped, "spine", *ODD_JOINS)
    assert run.code == 0, run.output
    assert "8 unit tests" in run.output
    return project


def test_both_forms_agree(features: Project) -> None:
    fast, portable = "features.joined_by_block", "features.joined_portably"
    assert features.query(f"select count(*) from {fast}") == features.query(
        "select count(*) from features.instants"
    )
    assert features.query(f"from {fast} except all from {portable}") == []
    assert features.query(f"from {portable} except all from {fast}") == []


def test_a_filtered_spine_is_not_joined_by_nested_loops(features: Project) -> None:
    assert features.query("from features.plan") == [("True",)]


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
        "from features.sales where shop_id = instants.shop_id and event_at <= predicted_at "
        "and known_at <= predicted_at"
    )
    expected = (
        f"select row_id, (select if(max(event_at) + interval 1 day >= predicted_at, max_by(amount, "
        f"(event_at, known_at, hash(sales))), null) {counting}) from features.instants"
    )
    assert (
        features.query(f"({expected}) except all select row_id, amount from features.joined_by_block") == []
    )


@pytest.mark.parametrize("join", ODD_JOINS)
def test_names_and_types_of_columns_do_not_matter(features: Project, join: str) -> None:
    """Nor does the session's time zone: what counts is the number of microseconds."""
    joined = features.query(
        f'select row_id, "Odd group", "Odd spine_age_minutes" from features.{join} order by 1'
    )
    expected = features.query(
        "select row_id, if(age_hours <= 24, amount, null), if(age_hours <= 24, age_minutes, null) from ("
        'select row_id, max_by("group", rank) as amount, (predicted_us - max(rank[1])) / 3600e6 as age_hours, '
        "(predicted_us - max_by(known_us, rank)) / 60e6 as age_minutes from ("
        "select *, epoch_us(predicted_at) as predicted_us from features.instants) as instants left join ("
        'select *, epoch_us("at") as event_us, epoch_us(known_at) as known_us, '
        "(event_us, known_us, hash(odd)) as rank from features.spine as odd) as odd "
        'on instants.shop_id = odd."order" and event_us <= predicted_us and known_us <= predicted_us '
        "group by row_id, predicted_us) order by 1"
    )
    assert joined == expected
    assert sum(amount is not None for _, amount, _ in joined) > 200


def test_a_relation_that_is_no_feature_view_is_refused(tmp_path: Path) -> None:
    project = feature_project.make(tmp_path)
    project.replace("models/joined_by_block.sql", "        ref('sales'),", "        ref('rolled'),")
    run = project.dbt("compile", "-s", "joined_by_block")
    assert run.code != 0
    assert "The keys of view rolled are missing from a point-in-time join" in run.output
    assert "write {'view': ref('rolled'), 'keys': [...]}." in run.output


def test_mistaken_joins_are_refused_with_all_that_is_wrong(features: Project, tmp_path: Path) -> None:
    project = features.copy_to(tmp_path)
    entries = (
        "{'view': ref('sales'), 'keys': {'other_shop_id': 'shop_ids'}, 'tll': '1 day'}, "
        "{'view': ref('sales'), 'prefix': 'other_'}, {'view': ref('sales'), 'prefix': 'Other_'}"
    )
    (project.folder / "models/mistaken.sql").write_text(
        f"{{{{ warehouse_ml.point_in_time_join(ref('joined_by_block'), 'predicted_at', [{entries}]) }}}}\n"
    )
    run = project.dbt("run", "-s", "mistaken")
    assert run.code != 0
    for fact in (
        "Unknown setting 'tll' beside view sales in a point-in-time join: settings are view, keys, prefix, ttl; ",
        "Did you mean 'ttl'?",
        "Key shop_ids of a point-in-time join is missing from view sales",
        "Did you mean 'shop_id'?",
        "more than one column shop_id, amount, remark, sales_age_minutes, other_amount, other_remark, "
        "other_sales_age_minutes:",
        "such as {'view': ref('sales'), 'prefix': 'sales_'}.",
    ):
        assert fact in run.output


def test_views_are_checked_where_a_join_is_compiled(tmp_path: Path) -> None:
    project = feature_project.make(tmp_path)
    project.replace("models/joined.yml", "keys: [shop_id], event_at", "event_at")
    project.replace("models/joined.yml", "ttl: 1 day", "ttl: 1")
    run = project.dbt("compile", "-s", "joined_by_block")
    assert run.code != 0
    for sentence in (
        "models/joined.yml: sales: feature_view.keys is missing",
        "models/joined.yml: sales: feature_view.ttl is 1; it must be a whole number above 0 and a unit",
    ):
        assert sentence in run.output
