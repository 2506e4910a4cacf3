"""Rows that cannot be true go to quarantine; many of them, or grave ones, end the build before training."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from project import Lines, Project, line


def values(**changed: str) -> Callable[[str], str]:
    """Return a change of values by their position in the line, as in v3="2575"."""
    return lambda text: ",".join(changed.get(f"v{n}", value) for n, value in enumerate(text.split(",")))


FLIGHTS: dict[int, tuple[Callable[[str], str], set[str]]] = {
    101: (values(v3="2575"), {"possible_clock_dep_time"}),
    201: (values(v1="2", v2="30"), {"possible_date"}),
    301: (values(v13="XXX"), {"reference_dest"}),
    401: (values(v9="XX", v15="0"), {"reference_carrier", "range_distance"}),
    501: (values(v9=""), {"required_carrier"}),
    601: (values(v4="noon", v14="long"), {"type_sched_dep_time", "type_air_time"}),
    701: (lambda text: text.rsplit(",", 1)[0], {"too_few_values"}),
    801: (lambda text: f"{text},1,2", {"too_many_values"}),
}
TWICE = 4999
RULES = "select rule from staging.quarantine where table_name = 'flights' and {} order by rule"


def broken(lines: Lines) -> Lines:
    """Break eight flights, each in its way, and put one there twice."""
    lines = [*lines, lines[TWICE]]
    for number, (change, _) in FLIGHTS.items():
        lines[number - 1] = change(lines[number - 1])
    return lines


CASES: dict[str, dict[str, tuple[Callable[[Lines], Lines], str]]] = {
    "too many, and all": {
        "flights.csv": (
            lambda lines: [*lines[:1000], *map(values(v3="2575"), lines[1000:2000]), *lines[2000:]],
            "The raw table flights must have at most 1.0 % of its rows in quarantine, but 1000 of 80789 are "
            "there, most for possible_clock_dep_time: see staging.quarantine,",
        ),
        "weather.csv": (
            lambda lines: [lines[0], *(f"{text},1" for text in lines[1:])],
            "The raw table weather must have at most 1.0 % of its rows in quarantine, but 6463 of 6463 are there",
        ),
    },
    "grave kind": {
        "flights.csv": (
            line(5000, values(v12="XXX")),
            "The raw table flights must have at most 0.0 % of its rows break the rule reference_origin "
            "(origin must be in airports.faa or airports_supplement.faa), but 1 of 80789 do:",
        ),
    },
}


@pytest.mark.parametrize("changes", CASES.values(), ids=CASES)
def test_build_ends_and_what_is_read_stays(
    assert_refused: Callable[..., None],
    project: Project,
    changes: dict[str, tuple[Callable[[Lines], Lines], str]],
) -> None:
    base = "from staging.base_flights order by all"
    before = project.query(base)
    assert_refused(changes, "marts", "features", "ml")
    assert project.query(base) == before
    builds = "select count(distinct build_id), bool_and(input_rows = accepted_rows + quarantined_rows) "
    assert project.query(f"{builds} from monitoring.data_quality") == [(2, True)]


def test_few_broken_rows_are_left_out_and_the_others_scored(project: Project) -> None:
    # The rows are what this is about, and training on them anew takes long.
    project.replace(
        "models/ml/flight_delay.yml", "seed: 20130331", "seed: 20130331\n          retrain: never"
    )
    project.rewrite("seeds/flights.csv", broken)
    # An hour that the day does not have.
    project.rewrite("seeds/weather.csv", line(5000, values(v10="2013-03-01T26:00:00Z")))

    # Features that are replayed as of an instant are those of the build of yesterday.
    run = project.build("--select", "+flight_delay_predictions", "--exclude", "test_name:replays_as_of")

    assert run.code == 0, run.output
    assert (
        "The raw table flights has 1 row(s) in quarantine for possible_clock_dep_time (dep_time must"
        in run.output
    )
    lines = (project.folder / "seeds/flights.csv").read_text().splitlines()
    for number, (_, rules) in FLIGHTS.items():
        flight = lines[number - 1].split(",")[10]
        row = f"(row_id = 'line {number}' or raw_row like '%\"flight\":{flight},%')"
        assert {rule for (rule,) in project.query(RULES.format(row))} == rules
    assert project.query(RULES.format("rule = 'repeated_row'")) == [("repeated_row",)]
    assert project.query("select row_id, rule from staging.quarantine where table_name = 'weather'") == [
        ("line 5000", "type_time_hour")
    ]
    assert project.query("select count(*) from marts.fct_flights") == [(80_789 - len(FLIGHTS),)]
    assert project.query("select count(*) from marts.flight_delay_predictions") == [(80_789 - len(FLIGHTS),)]
