"""The tables of a dbt project in each of its targets, for a comparison of the two."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from scoring.errors import NoWarehouseError, ParityError
from scoring.parity import Compared, Difference, compare
from scoring.places import literal, quoted
from scoring.projects import building

BUILT = ("table", "incremental", "view", "seed")
"""How what is compared is materialized."""


@dataclass(frozen=True)
class Table:
    """A table of the project.

    Parameters
    ----------
    schema, name
        Where it is, in either target.
    key
        The columns that its tests say name a row; none if they say nothing.
    is_personal
        Whether one of them holds personal data.
    """

    schema: str
    name: str
    key: tuple[str, ...]
    is_personal: bool = False

    def __str__(self) -> str:
        """Return its name as SQL has it."""
        return f"{self.schema}.{self.name}"


def tables_of(manifest: Mapping[str, Any], schemas: Collection[str]) -> list[Table]:
    """Return the tables and views of some schemas that a manifest declares, in the order of their names."""
    keys: dict[str, tuple[str, ...]] = {}
    for node in manifest["nodes"].values():
        for key in _keys(node):
            keys.setdefault(node["attached_node"], key)
    return sorted(
        (
            Table(
                node["schema"],
                node["alias"],
                keys.get(unique_id, ()),
                any(_is_personal(node["columns"].get(name, {})) for name in keys.get(unique_id, ())),
            )
            for unique_id, node in manifest["nodes"].items()
            if node["schema"] in schemas and node["config"].get("materialized") in BUILT
        ),
        key=str,
    )


def _keys(node: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    test = node.get("test_metadata") or {}
    if not node.get("attached_node"):
        return
    if test.get("name") == "unique_combination":
        yield tuple(test["kwargs"]["columns"])
    elif test.get("name") == "unique":
        yield (test["kwargs"]["column_name"],)


def _is_personal(column: Mapping[str, Any]) -> bool:
    return bool(column.get("config", {}).get("meta", {}).get("pii"))


@dataclass(frozen=True)
class Sides:
    """Two targets, seen from one connection of DuckDB.

    Parameters
    ----------
    connection
        It compares.
    names
        What the targets are called.
    sessions
        By target that is Spark's, its session; the others are attached databases of their names.
    """

    connection: duckdb.DuckDBPyConnection
    names: tuple[str, str]
    sessions: Mapping[str, Any]

    def compare(self, table: Table, excepted: Collection[str]) -> Compared | None:
        """Compare a table in both targets, but for some columns; None where neither has it."""
        there = [self._see(name, table, excepted) for name in self.names]
        if not any(there):
            return None
        if not all(there):
            missing = [name for name, is_there in zip(self.names, there, strict=True) if not is_there]
            return Compared(0, 0, tuple(Difference(f"is not there on {name}") for name in missing), ())
        one, other = map(_view_of, self.names)
        return compare(self.connection, one, other, table.key, self.names)

    def _see(self, name: str, table: Table, excepted: Collection[str]) -> bool:
        """Make a view of the table as it is in a target, and say whether it is there."""
        rows = self._rows(name, table)
        if rows is None:
            return False
        columns = [
            str(row[0]) for row in self.connection.execute(f"describe select * from {rows}").fetchall()
        ]
        kept = ", ".join(quoted(column) for column in columns if column not in excepted)
        self.connection.execute(
            f"create or replace temporary view {_view_of(name)} as select {kept} from {rows}"
        )
        return True

    def _rows(self, name: str, table: Table) -> str | None:
        if name in self.sessions:
            path = f"`{table.schema}`.`{table.name}`"
            if not self.sessions[name].catalog.tableExists(path):
                return None
            from scoring.spark.tables import arrow_of

            rows: pa.Table = arrow_of(self.sessions[name].table(path))
            self.connection.register(f"rows of {name}", rows)
            return quoted(f"rows of {name}")
        is_there = self.connection.execute(
            f"select 1 from duckdb_columns() where database_name = {literal(name)} and schema_name = "
            f"{literal(table.schema)} and table_name = {literal(table.name)} limit 1"
        ).fetchall()
        return f"{quoted(name)}.{quoted(table.schema)}.{quoted(table.name)}" if is_there else None


def _view_of(target: str) -> str:
    return quoted(f"compared of {target}")


@contextmanager
def opened(folder: Path, names: tuple[str, str]) -> Iterator[Sides]:
    """Open two targets of the project in a folder to read.

    Raises
    ------
    scoring.errors.ParityError
        If one of them is on another engine.
    scoring.errors.NoWarehouseError
        If a DuckDB file is not there.
    scoring.errors.SparkError
        If there is no session of Spark.
    """
    sessions: dict[str, Any] = {}
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name in dict.fromkeys(names):
            target = building.credentials_of(folder, name)
            if target["type"] == "duckdb":
                path = folder / target["path"]
                if not path.is_file():
                    raise NoWarehouseError.at(str(path))
                connection.execute(f"attach {literal(str(path))} as {quoted(name)} (read_only)")
            elif target["type"] == "warehouse_ml_spark":
                from scoring.spark.session import Options, session

                place = str(folder / target["folder"])
                settings = target["server_side_parameters"] or {}
                sessions[name] = session(Options.of(target["master"], target["remote"], place, settings))
            else:
                raise ParityError.other_type(name, target["type"])
        yield Sides(connection, names, sessions)
