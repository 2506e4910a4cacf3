"""Personal data is followed through nodes of every kind, and what cannot be followed counts as personal.

A manifest as `dbt compile` leaves it, and the tables that its nodes are: no process of dbt.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from training.data.compiled_graph import CompiledGraph, read_nodes
from training.personal.carried import Carried
from training.personal.flow import Flow
from training.personal.recorded import recorded
from training.personal.uses import problem_of, use_of

PEOPLE = "select 1 as id, 'zoe@example.org' as email, 'Rome' as city"


class Warehouse:
    """A project that is written node by node, each with its table."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._nodes: dict[str, Any] = {}
        self._sources: dict[str, Any] = {}
        self.connection = duckdb.connect(str(folder / "w.duckdb"))
        self.connection.execute("create schema raw; create schema staging")

    def add(
        self,
        name: str,
        query: str,
        *,
        kind: str = "model",
        reads: tuple[str, ...] = (),
        schema: str = "staging",
        is_built: bool = True,
        package: str = "own",
        **facts: Any,
    ) -> str:
        """Add a node and return its id; columns that are only marked or not are given by `marks`."""
        unique_id = f"{kind}.{package}.{name}"
        meta, marks = facts.pop("meta", {}), facts.pop("marks", {})
        node = {
            "unique_id": unique_id,
            "name": name,
            "resource_type": kind,
            "package_name": package,
            "database": "w",
            "schema": schema,
            "alias": name,
            "raw_code": query,
            "compiled_code": query,
            "language": facts.pop("language", "sql"),
            "depends_on": {"nodes": list(reads)},
            "config": {"materialized": facts.pop("materialized", "table"), "meta": meta},
            "columns": {column: {"config": {"meta": {"pii": mark}}} for column, mark in marks.items()},
        }
        if kind == "source":
            node |= {"identifier": name}
        (self._sources if kind == "source" else self._nodes)[unique_id] = node
        if is_built:
            self.connection.execute(f'create table {schema}."{name}" as {facts.pop("table", query)}')
        return unique_id

    def people(self, kind: str = "seed", **facts: Any) -> str:
        """Add the raw table of people."""
        return self.add("people", PEOPLE, kind=kind, schema="raw", marks={"email": True}, **facts)

    def flow(self) -> tuple[Flow, CompiledGraph]:
        manifest = {"nodes": self._nodes, "sources": self._sources}
        (self._folder / "manifest.json").write_text(json.dumps(manifest))
        graph = CompiledGraph(read_nodes(self._folder), self.connection)
        return Flow(graph), graph

    def of(self, unique_id: str) -> Carried:
        return self.flow()[0].of(unique_id)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path)


def how(carried: Carried) -> dict[str, set[str]]:
    return {name: {trace.how for trace in traces} for name, traces in carried.columns.items()}


@pytest.mark.parametrize("kind", ["seed", "source", "snapshot", "model"])
def test_a_mark_may_stand_on_any_kind_of_node(warehouse: Warehouse, kind: str) -> None:
    people = warehouse.people(kind)
    copy = warehouse.add("copy", "select * from w.raw.people", reads=(people,))
    assert how(warehouse.of(people)) == {"email": {"marked"}}
    assert how(warehouse.of(copy)) == {"email": {"copied"}}


@pytest.mark.parametrize(
    "query",
    [
        "select email from raw.people",
        'select email from "w"."raw"."people"',
        "select email from RAW.People as p",
    ],
)
def test_a_table_that_is_read_by_its_name_is_followed_too(warehouse: Warehouse, query: str) -> None:
    warehouse.people()
    assert how(warehouse.of(warehouse.add("bare", query))) == {"email": {"copied"}}


def test_an_ephemeral_model_is_followed_whether_or_not_dbt_has_put_it_in(warehouse: Warehouse) -> None:
    people = warehouse.people()
    thin = warehouse.add(
        "thin",
        "select email as mail from w.raw.people",
        reads=(people,),
        materialized="ephemeral",
        is_built=False,
    )
    left = warehouse.add("left", "select mail from __dbt__cte__thin", reads=(thin,), is_built=False)
    put_in = (
        "with __dbt__cte__thin as (select email as mail from w.raw.people) select * from __dbt__cte__thin"
    )
    right = warehouse.add("right", put_in, reads=(thin,))
    assert how(warehouse.of(left)) == how(warehouse.of(right)) == {"mail": {"copied"}}


def test_what_python_makes_of_a_personal_table_counts_as_personal_unless_it_is_declared(
    warehouse: Warehouse,
) -> None:
    people = warehouse.people()
    made = warehouse.add(
        "made",
        "def model(dbt, session): ...",
        language="python",
        reads=(people,),
        table="select 1 as id, 2 as score, 'z' as guess",
        marks={"score": False, "id": False},
    )
    read = warehouse.add("read", "select score, guess from staging.made", reads=(made,))
    carried = warehouse.of(made)
    assert how(carried) == {"guess": {"not followed"}}
    assert [name for name, _ in carried.hidden] == ["id", "score"]
    assert how(warehouse.of(read)) == {"guess": {"not followed"}}


def test_a_query_that_cannot_be_followed_counts_as_personal(warehouse: Warehouse) -> None:
    people = warehouse.people()
    strange = warehouse.add("strange", "from query_table('raw.people')", reads=(people,), table=PEOPLE)
    assert how(warehouse.of(strange)) == {name: {"not followed"} for name in ("id", "email", "city")}
    assert [(relation, name) for relation, name, _ in warehouse.of(strange).inputs] == [
        ("raw.people", "email")
    ]


def test_a_column_without_a_name_is_found_by_its_place(warehouse: Warehouse) -> None:
    people = warehouse.people()
    nameless = warehouse.add("nameless", "select id, upper(email), city from raw.people", reads=(people,))
    assert how(warehouse.of(nameless)) == {"upper(email)": {"derived"}}


def test_a_mask_and_a_declaration_end_the_flow(warehouse: Warehouse) -> None:
    people = warehouse.people()
    query = "select ml_mask(email) as mail, length(email) as size, left(email, 1) as first from raw.people"
    hidden = warehouse.add(
        "hidden",
        query,
        reads=(people,),
        table="select 'a' as mail, 1 as size, 'z' as first",
        marks={"size": False},
    )
    after = warehouse.add("after", "select * from staging.hidden", reads=(hidden,))
    flow, graph = warehouse.flow()
    assert how(flow.of(after)) == {"first": {"derived"}}
    rows = [row for row in recorded(flow, graph) if row["relation"] == "staging.hidden"]
    assert {(row["column_name"], row["method"], row["is_personal"]) for row in rows} == {
        ("first", "derived", True),
        ("mail", "masked by hash", False),
        ("size", "declared", False),
    }


def test_rows_in_quarantine_hold_what_the_raw_table_holds(warehouse: Warehouse) -> None:
    people = warehouse.people(meta={"raw_contract": {}})
    quarantine = warehouse.add(
        "quarantine",
        "select * from staging.quarantine",
        materialized="ephemeral",
        package="warehouse_ml",
        table="select 'people' as table_name, '{}' as raw_row",
    )
    looked = warehouse.add(
        "looked",
        "select table_name, raw_row from __dbt__cte__quarantine",
        reads=(quarantine, people),
        table="select 'x' as table_name, '' as raw_row",
    )
    assert how(warehouse.of(looked)) == {"raw_row": {"derived"}}


def test_versions_and_monitors_hold_no_row_that_they_read(warehouse: Warehouse) -> None:
    people = warehouse.people()
    model = warehouse.add(
        "late",
        "select * from raw.people",
        reads=(people,),
        materialized="ml_model",
        table="select 1 as version",
    )
    after = warehouse.add("after", "select * from staging.late", reads=(model,), table="select 1 as version")
    assert how(warehouse.of(model)) == {"email": {"copied"}}
    assert how(warehouse.of(after)) == {}


@pytest.mark.parametrize(
    ("query", "slices", "sentence"),
    [
        ("select id, email, city from raw.people", "email", "has email (raw.people.email)"),
        (
            "select * from (pivot raw.people on city using max(email) group by id)",
            "Rome",
            "has rome (raw.people.email",
        ),
        (
            "from query_table('raw.people')",
            "city",
            "what its query makes of 'raw.people.email' cannot be followed",
        ),
        ("select id, email, city from raw.people", "city", None),
        ("from query_table('raw.people')", [], None),
    ],
)
def test_a_monitor_slices_by_nothing_that_may_be_personal(
    warehouse: Warehouse, query: str, slices: Any, sentence: str | None
) -> None:
    people = warehouse.people()
    block = {"ml_monitor": {"model": "late", "slices": slices}}
    watched = warehouse.add(
        "watched",
        query,
        reads=(people,),
        materialized="ml_monitor",
        meta=block,
        table="select 1 as period_start",
    )
    flow, graph = warehouse.flow()
    use = use_of(graph.nodes[watched])
    assert use is not None
    problem = problem_of(use, flow.of(watched))
    assert sentence is None if problem is None else (sentence or "none") in problem


def test_an_incremental_model_that_reads_itself_is_followed(warehouse: Warehouse) -> None:
    people = warehouse.people()
    query = "select email, (select max(id) from staging.grown) as last from raw.people"
    grown = warehouse.add("grown", query, reads=(people,), table="select 'a' as email, 1 as last, 1 as id")
    assert how(warehouse.of(grown)) == {"email": {"copied"}}


@pytest.mark.parametrize(
    ("marks", "meta", "problem"),
    [
        ({"email": "yes"}, {}, "columns.email.config.meta.pii is 'yes'; it must be true or false"),
        ({"email": None}, {}, "columns.email.config.meta.pii is null; it must be true or false"),
        ({}, {"pii": True}, "stands on the whole seed"),
    ],
)
def test_a_wrong_mark_is_a_problem(warehouse: Warehouse, marks: Any, meta: Any, problem: str) -> None:
    people = warehouse.add("people", PEOPLE, kind="seed", schema="raw", marks=marks, meta=meta)
    (sentence,) = warehouse.flow()[0].marks[people].problems
    assert problem in sentence


def test_a_mark_of_a_column_that_is_not_there_is_missing(warehouse: Warehouse) -> None:
    people = warehouse.add("people", PEOPLE, kind="seed", schema="raw", marks={"E-Mail": True})
    assert warehouse.of(people).missing == ("E-Mail",)


def test_only_relations_that_are_there_are_recorded_each_with_its_way(warehouse: Warehouse) -> None:
    people = warehouse.people("source")
    first = warehouse.add("first", "select email as mail from raw.people", reads=(people,))
    warehouse.add("second", "select lower(mail) as mail from staging.first", reads=(first,))
    warehouse.add("unbuilt", "select mail from staging.first", reads=(first,), is_built=False)
    rows = {row["relation"]: (row["method"], row["path"]) for row in recorded(*warehouse.flow())}
    assert rows == {
        "raw.people": ("marked", ["raw.people.email"]),
        "staging.first": ("copied", ["raw.people.email", "staging.first.mail"]),
        "staging.second": ("derived", ["raw.people.email", "staging.first.mail", "staging.second.mail"]),
    }


def test_a_project_without_a_mark_follows_nothing(warehouse: Warehouse) -> None:
    people = warehouse.add("people", PEOPLE, kind="seed", schema="raw")
    warehouse.add("copy", "this is not even SQL", reads=(people,), is_built=False)
    flow, graph = warehouse.flow()
    assert (flow.reached, recorded(flow, graph)) == (frozenset(), [])
