from collections.abc import Callable

import duckdb
import pytest

import scoring
from scoring.errors import (
    ChampionsError,
    ModelReferenceError,
    NoChampionError,
    UnknownModelError,
    UnknownVersionError,
)
from scoring.registry import CHALLENGER, CHAMPION, Reference, resolve

Add = Callable[..., None]


@pytest.mark.parametrize(
    ("text", "name", "selector"),
    [
        ("m", "m", CHAMPION),
        ("m@champion", "m", CHAMPION),
        ("m@challenger", "m", CHALLENGER),
        ("m@3", "m", 3),
        ("a b", "a b", CHAMPION),
    ],
)
def test_reference_is_taken_apart(text: str, name: str, selector: int | str) -> None:
    assert Reference.parse(text) == Reference(name, selector)


@pytest.mark.parametrize("text", ["", "@1", "m@", "m@-1", "m@1.5", "m@newest", "m@1@2", "m@99999999999"])
def test_malformed_reference_is_refused(text: str) -> None:
    with pytest.raises(ModelReferenceError, match="write it in one of these forms"):
        Reference.parse(text)


@pytest.mark.parametrize(
    ("text", "version"), [("m", 2), ("m@champion", 2), ("m@challenger", 3), ("m@1", 1), ("M", 2)]
)
def test_reference_selects_a_version(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add, text: str, version: int
) -> None:
    for number in (1, 2, 3):
        add_version("m", number, champion=number == 2)
    assert resolve(warehouse, text).name == f"m@{version}"


@pytest.mark.parametrize("name", ['my "own" model', "drop table; --", "Größe", "select"])
def test_any_model_name_is_safe(warehouse: duckdb.DuckDBPyConnection, add_version: Add, name: str) -> None:
    add_version(name)
    assert resolve(warehouse, name).model_name == name


def test_unknown_model_is_told_with_the_known_ones(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add
) -> None:
    add_version("flight_delay", champion=False)
    add_version("taxi_out")
    warehouse.execute("create table ml.gate_failures (model_name varchar)")
    with pytest.raises(
        UnknownModelError, match=r"found 'flight_delay', 'taxi_out';.*Did you mean 'flight_delay'\?"
    ):
        resolve(warehouse, "flight_dela")


def test_unknown_version_is_told_with_the_known_ones(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add
) -> None:
    add_version(version=1)
    add_version(version=2)
    with pytest.raises(UnknownVersionError, match=r"'m' has no version 7.*found versions 1, 2;"):
        resolve(warehouse, "m@7")


def test_model_without_versions_has_no_challenger(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add
) -> None:
    add_version()
    warehouse.execute("delete from ml.m")
    with pytest.raises(UnknownVersionError, match="'m' has no version yet"):
        resolve(warehouse, "m@challenger")


def test_model_without_champion_points_to_the_gates(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add
) -> None:
    add_version(champion=False)
    for _ in range(2):
        with pytest.raises(NoChampionError, match=r"found versions 1; look at ml\.gate_failures"):
            resolve(warehouse, "m")
        warehouse.execute("drop table if exists ml.champions")


def test_champions_that_cannot_be_read_are_told(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add
) -> None:
    add_version(champion=False)
    warehouse.execute("drop table ml.champions; create table gone (x integer)")
    warehouse.execute("create view ml.champions as select 'm' as model_name, x as version from gone")
    warehouse.execute("drop table gone")
    with pytest.raises(ChampionsError, match=r"DuckDB says: .*gone.*open the file under its own name"):
        resolve(warehouse, "m")
    assert resolve(warehouse, "m@1").version == 1


def test_empty_warehouse_has_no_models() -> None:
    with scoring.connect() as connection, pytest.raises(UnknownModelError, match="found nothing"):
        resolve(connection, "m")
