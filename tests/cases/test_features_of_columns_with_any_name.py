"""Feature macros take any name, leave out numbers that are not finite, and repeat no column."""

from __future__ import annotations

import json

import own_project
import pytest
from project import Project, Run

HOURS = "".join(
    f"order,2024-01-01 {n:02}:00:00,2024-01-01 {n:02}:30:00,{value}\n"
    for n, value in enumerate(["1", "2", "nan", "1e155", "inf", "1.797e308", "4", "6"])
)
COLUMNS = {"group": "varchar", "from": "timestamp", "user-id at": "timestamp", "Wert ü": "double"}
VIEW = {
    "name": "select-view",
    "description": "A view.",
    "config": {
        "meta": {
            "feature_view": {
                "entity": "thing",
                "keys": ["group"],
                "event_at": "from",
                "known_at": "user-id at",
                "owner": "us",
            }
        }
    },
    "data_tests": [
        {"warehouse_ml.replays_as_of": {"arguments": {"cutoff": "2024-01-01 04:00:00"}}},
        {"warehouse_ml.unique_combination": {"arguments": {"columns": ["group", "user-id at"]}}},
    ],
    "columns": [
        {"name": name, "description": "A column.", "config": {"meta": {"nulls": "unknown"}}}
        for name in ("group", "from", "user-id at", "Wert ü", 'a "quoted" one')
    ],
}
LISTED = (
    'select "group", "from", "user-id at", "Wert ü", {} as "a ""quoted"" one" from {{{{ ref(\'raw\') }}}}'
)
ROLLED = """
with "table" as (select * from {{ ref('select-view') }})
{{ warehouse_ml.rolling_aggregate(
    'table', 'group', 'user-id at',
    {'std': {'std': '"Wert ü"'}, 'in-mean': {'mean': '"Wert ü"'}, 'n': {'count': '*'}},
    {'6h': '6 hour', 'last-day': '1 day'}, with_itself=true
) }}
"""
JOINED = """
with "order" as (select "group", "user-id at" as "current" from {{ ref('select-view') }}),
joined as (
    {{ warehouse_ml.point_in_time_join(
        'order', 'current', [{'view': ref('select-view'), 'prefix': "in-'"}]
    ) }}
)
select * from joined
"""
GENERATED = """{{ warehouse_ml.generate_features(ref('select-view'), 'user-id at', [
    {'child': ref('select-view'), 'name': 'in-out', 'values': ['Wert ü']}
], windows={'last-6h': '6 hour', 'end': none}) }}"""
MODELS = {
    "select-view": LISTED.format("1") + " where {{ warehouse_ml.is_known('\"user-id at\"') }}",
    "rolled": ROLLED,
    "joined": JOINED,
    "generated": GENERATED,
    "latest": "{{ warehouse_ml.latest_values(ref('select-view'), at=\"timestamp '2024-01-02'\") }}",
    "rolled_twice": "{{ warehouse_ml.rolling_aggregate(ref('rolled'), 'group', 'from', "
    "{'N': {'count': '*'}}, {'6H': '1 hour'}) }}",
    "rolled_cte_twice": "with x as (select *, 1 as N_6H from {{ ref('raw') }}) "
    "{{ warehouse_ml.rolling_aggregate('x', 'group', 'from', {'n': {'count': '*'}}, {'6h': '1 hour'}) }}",
    "joined_cte_twice": "with x as (select *, \"from\" as t from {{ ref('select-view') }}), "
    "joined as ({{ warehouse_ml.point_in_time_join('x', 't', [ref('select-view')]) }}) select * from joined",
}
REFUSED = ("rolled_twice", "rolled_cte_twice", "joined_cte_twice")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Run]:
    files = {f"models/marts/{name}.sql": sql for name, sql in MODELS.items()}
    seed = {"seeds": [{"name": "raw", "config": {"column_types": COLUMNS}}]}
    files |= {"models/view.yml": json.dumps({"models": [VIEW]}), "seeds/raw.yml": json.dumps(seed)}
    project = own_project.make(
        tmp_path_factory.mktemp("names"),
        {"raw": f"{','.join(COLUMNS)}\n{HOURS}"},
        {},
        files=files,
        variables={"feature_views": ["select-view"]},
    )
    return project, project.build("-s", "raw+")


def test_only_repeated_columns_end_in_an_error_that_names_them(built: tuple[Project, Run]) -> None:
    project, run = built
    results = json.loads((project.folder / "target/run_results.json").read_text())["results"]
    outcomes = {
        result["unique_id"].split(".")[2]: result["message"] or ""
        for result in results
        if result["status"] not in ("success", "pass")
    }
    assert set(outcomes) == set(REFUSED), run.output
    for name, column in zip(REFUSED, ("n_6h", "n_6h", "wert ü"), strict=True):
        assert column in outcomes[name].lower()
        assert "name" in outcomes[name]


def test_numbers_that_are_not_finite_are_left_out(built: tuple[Project, Run]) -> None:
    project, _ = built
    rows = project.query('select "std_6h", "in-mean_6h", "n_6h" from marts.rolled order by "from"')
    assert [row[1] for row in rows] == [1, 1.5, 1.5, 1.5, 1.5, 1.5, 3, 5]
    assert [row[0] for row in rows] == [
        None,
        *[pytest.approx(0.5**0.5)] * 5,
        pytest.approx(2**0.5),
        pytest.approx(2**0.5),
    ]
    assert [row[2] for row in rows] == [1, 2, 3, 4, 5, 6, 6, 6]  # six hours of hourly readings are six


def test_joins_and_latest_values_have_the_columns_by_their_names(built: tuple[Project, Run]) -> None:
    project, _ = built
    values = 'select "in-\'Wert ü", "in-\'a ""quoted"" one" from marts.joined order by "current" desc limit 1'
    assert project.query(values) == [(6, 1)]
    assert project.query('select "group", "Wert ü" from marts.latest') == [("order", 6)]
    assert project.query(
        'select max("in-out_count_last-6h"), max("in-out_count_end") from marts.generated'
    ) == [(5, 7)]
