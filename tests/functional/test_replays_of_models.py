"""What kinds of models a replay renders again, and what it says of those that it cannot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import trips
from project import ROOT, Project
from trips import CUTOFFS, STAGING, Outcomes, build_and_test, write, write_model

COUNTED = """
    select
        trips.trip_id,
        trips.departed_at as predicted_at,
        count(reports.trip_id) as reports_so_far
    from {{{{ ref('trips') }}}} as trips
    left join {reports} as reports on reports.known_at <= trips.departed_at
    group by 1, 2
"""

PACKAGE: Mapping[str, str] = {
    "dbt_project.yml": (
        "{name: pack, version: 0.1.0, config-version: 2, "
        "models: {pack: {+schema: trips, +materialized: table}}}"
    ),
    "macros/late.sql": "{% macro late(minutes) %}delay_minutes > {{ minutes }}{% endmacro %}",
    # It calls the package's own macro as a package does, without its name.
    "models/late_reports.sql": "select * from {{ ref('trips', 'reports') }} where {{ late(20) }}",
}

PASSING: Mapping[str, str] = {
    "of_a_view": COUNTED.format(reports="{{ ref('reports_view') }}"),
    "of_an_ephemeral_model": COUNTED.format(reports="{{ ref('reports_within') }}"),
    "of_models_within_each_other": COUNTED.format(reports="{{ ref('long_reports_within') }}"),
    "of_an_alias": COUNTED.format(reports="{{ ref('reports_by_another_name') }}"),
    "of_a_macro_that_reads": COUNTED.format(reports="{{ all_reports() }}"),
    # Its own `trips` is not the model of that name.
    "with_a_step_of_a_model_s_name": """
        with reports as (select * from {{ ref('reports') }} where false)
        select trip_id, departed_at as predicted_at, (select count(*) from reports) as reports_so_far
        from {{ ref('trips') }}
    """,
    "incremental": """
        {{ config(materialized='incremental') }}
        select trip_id, departed_at as predicted_at from {{ ref('trips') }}
        {% if is_incremental() %} where departed_at > (select max(predicted_at) from {{ this }}) {% endif %}
    """,
    "of_sums_in_any_order": """
        select
            trip_id,
            departed_at as predicted_at,
            case when {{ warehouse_ml.as_of() is none }} then 0.1e0 + 0.2e0 else 0.3e0 end as total
        from {{ ref('trips') }}
    """,
    "of_a_package": COUNTED.format(reports="{{ ref('pack', 'late_reports') }}"),
    "with_names_in_texts": """
        -- It's not read from trips.reports.
        select trip_id, departed_at as predicted_at, 'from trips.reports' as said from {{ ref('trips') }}
    """,
    # What a model asks the warehouse while it is rendered is there.
    "with_columns_of_what_it_reads": """
        {%- set names = adapter.get_columns_in_relation(ref('trips')) | map(attribute='name') if execute else [] %}
        select {{ names | join(', ') }}, trips.departed_at as predicted_at from {{ ref('trips') }}
    """,
    "with_a_time_zone": """
        select trip_id, timezone('UTC', departed_at) as predicted_at from {{ ref('trips') }}
    """,
    "with_a_row_without_a_key": """
        select nullif(trip_id, 'north-1') as trip_id, departed_at as predicted_at from {{ ref('trips') }}
    """,
}

FAILING: Mapping[str, tuple[str, str]] = {
    "that_forgets": (
        "select trip_id, departed_at as predicted_at from {{ ref('trips') }} "
        "where trip_id not in (select trip_id from {{ ref('reports') }} where delay_minutes > 50)",
        "differs up to 2024-01-08 11:30:00 from a build as of then in row(s): 4 that",
    ),
    "that_backdates": (
        "select trip_id, min(known_at) - interval 1 day as predicted_at from {{ ref('reports') }} group by 1",
        "that were not there yet: let its SQL",
    ),
    "of_its_own_rows": (
        "select trip_id, departed_at as predicted_at from {{ ref('trips') }} -- {{ this }}",
        "must render of_its_own_rows again as of the cutoff, but it reads its own rows, which no query can",
    ),
    "of_raw_rows": (
        "select trip_id, departed_at as predicted_at, (select avg(delay_minutes) from "
        "{{ ref('raw_reports') }}) as mean_delay from {{ ref('raw_trips') }}",
        "must replay models that look at the cutoff, but nothing that of_raw_rows reads does, so that no "
        "leak can show: let what reads raw rows keep those for which is_known() holds.",
    ),
    "of_a_table_by_its_name": (
        COUNTED.format(reports='"trips".reports'),
        "must render of_a_table_by_its_name again as of the cutoff with all that it reads, but it reads the "
        "table of reports by its name: write ref('reports') in its place.",
    ),
    "of_a_table_in_the_default_schema": (
        "-- built after {{ ref('after_reports_in_main') }}\n"
        "with trips as (from {{ ref('trips') }}), late as (from late) "
        "select trip_id, departed_at as predicted_at from trips where trip_id in (select trip_id from late)",
        "it reads the table of reports_in_main by its name: write ref('reports_in_main') in its place.",
    ),
    "that_sees_the_replay": (
        "select trip_id, departed_at as predicted_at, {{ is_replayed() }} as is_seen from {{ ref('trips') }}",
        "with another is_seen",
    ),
    "of_a_python_model": (
        COUNTED.format(reports="{{ ref('reports_in_python') }}"),
        "must render reports_in_python again as of the cutoff, but it is a Python model, which no query can "
        "replay: test a model that does not read it, or name it under as_built to read its rows as they are.",
    ),
}


def replays(**arguments: Any) -> dict[str, Any]:
    return {
        "warehouse_ml.replays_as_of": {
            "arguments": {"cutoff": CUTOFFS[0], "at": "predicted_at", "key": "trip_id", **arguments}
        }
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = trips.make(tmp_path_factory.mktemp("kinds") / "trips", STAGING)
    reports = "select * from {{ ref('reports') }}"
    write_model(made, "reports_view", "{{ config(materialized='view') }}" + reports)
    write_model(made, "reports_within", "{{ config(materialized='ephemeral') }}" + reports)
    long_ones = "select * from {{ ref('reports_within') }} where delay_minutes > 9"
    write_model(made, "long_reports_within", "{{ config(materialized='ephemeral') }}" + long_ones)
    write_model(made, "reports_in_main", "{{ config(schema='main', alias='late') }}" + reports)
    write_model(made, "after_reports_in_main", "select * from {{ ref('reports_in_main') }}")
    write_model(made, "reports_by_another_name", "{{ config(alias='past reports') }}" + reports)
    write(made, "models/reports_in_python.py", "def model(dbt, session):\n    return dbt.ref('reports')\n")
    write(made, "macros/all_reports.sql", "{% macro all_reports() %}{{ ref('reports') }}{% endmacro %}")
    write(
        made,
        "macros/is_replayed.sql",
        "{% macro is_replayed() %}{{ context.get('replayed_as_of') is not none }}{% endmacro %}",
    )
    for path, text in PACKAGE.items():
        write(made, f"dbt_packages/pack/{path}", text)
    write(
        made, "packages.yml", json.dumps({"packages": [{"local": str(ROOT)}, {"local": "dbt_packages/pack"}]})
    )
    for name, query in [*PASSING.items(), *((name, query) for name, (query, _) in FAILING.items())]:
        write_model(made, name, query, replays())
    write_model(
        made,
        "as_built",
        COUNTED.format(reports="{{ ref('reports_in_python') }}"),
        replays(as_built=["reports_in_python"]),
    )
    write_model(made, "at_no_instant", "select 1 as trip_id", replays(cutoff="8.1.2024"))
    write_model(made, "without_a_clock", "select 1 as trip_id", trips.CLOCKS)
    late = (
        "timestamp '2024-01-01' as predicted_at, predicted_at as known_at, "
        "timezone('UTC', timestamp '2024-01-01 01:00:00') as \"Last_Known_At\""
    )
    write_model(made, "with_a_clock_in_capitals", f"select {late}", trips.CLOCKS)
    return made


@pytest.fixture(scope="module")
def outcomes(project: Project) -> Outcomes:
    return build_and_test(project)


@pytest.mark.parametrize("model", [*PASSING, "as_built"])
def test_model_is_replayed(outcomes: Outcomes, model: str) -> None:
    assert outcomes[f"replays_as_of_{model}"][0] == "pass", outcomes[f"replays_as_of_{model}"][1]


@pytest.mark.parametrize("model", FAILING)
def test_difference_or_what_cannot_be_replayed_is_reported(outcomes: Outcomes, model: str) -> None:
    status, message = outcomes[f"replays_as_of_{model}"]
    assert status == "error"
    assert FAILING[model][1] in message


def test_cutoff_that_is_no_instant_is_refused(outcomes: Outcomes) -> None:
    assert (
        "The cutoff of replays_as_of must be an ISO date or timestamp in UTC"
        in outcomes["replays_as_of_at_no_instant"][1]
    )


def test_table_without_clocks_is_refused(outcomes: Outcomes) -> None:
    assert (
        "known_before_prediction must find columns of without_a_clock with clocks or ages, but it has none "
        "named …known_at, …_age_minutes: name them in `clocks` or `ages`."
        in outcomes["known_before_prediction_without_a_clock"][1]
    )


def test_clock_in_capitals_and_with_a_time_zone_is_checked_too(outcomes: Outcomes) -> None:
    status, message = outcomes["known_before_prediction_with_a_clock_in_capitals"]
    assert status == "error"
    assert (
        "has row(s) that know more than is known at their prediction time: 1 with Last_Known_At:" in message
    )


def test_cutoff_after_the_instant_of_the_build_finds_no_difference(
    outcomes: Outcomes, project: Project
) -> None:
    earlier = build_and_test(project, as_of="2024-01-05 12:00:00")
    assert {earlier[f"replays_as_of_{model}"][0] for model in PASSING} == {"pass"}
