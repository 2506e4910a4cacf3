"""Copies of the project in folders of their own, built by dbt as a user builds them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dbt_process
import duckdb
import parsed_projects

ROOT = Path(__file__).parents[2]
NOT_COPIED = shutil.ignore_patterns(
    ".*", "*.duckdb*", "target", "logs", "dbt_packages", "unit", "functional", "docs", "benchmarks"
)

# A test of two relations is left out where only one of them is built.
UP_TO_TRAINING = ("build", "-s", "+flight_delay_training")
REGISTRY = "warehouse_ml.registry"
"""Selects the views over every model; the tests of this package take longer than most projects."""
WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")

Lines = list[str]


def line(number: int, change: Callable[[str], str]) -> Callable[[Lines], Lines]:
    """Return a change of one line of a file, counted from 1 as editors do."""
    return lambda lines: [*lines[: number - 1], change(lines[number - 1]), *lines[number:]]


@dataclass(frozen=True)
class Run:
    """What a dbt command ended with; the output is on one line, so that a sentence is found across wraps."""

    code: int
    output: str


@dataclass(frozen=True)
class Project:
    folder: Path
    file: str = "warehouse.duckdb"

    @property
    def warehouse(self) -> Path:
        return self.folder / self.file

    def copy_to(self, folder: Path) -> Project:
        """Return a copy with the same warehouse, which dbt need not parse again."""
        # An installed package is a link to the whole repository.
        ignored = shutil.ignore_patterns("target", "logs")
        shutil.copytree(self.folder, folder, symlinks=True, ignore=ignored, dirs_exist_ok=True)
        parsed_projects.copy(self.folder, folder)
        return Project(folder, self.file)

    def dbt(self, *arguments: str, **variables: str) -> Run:
        """Run dbt with warnings as errors."""
        options = ["--vars", json.dumps(variables)] if variables else []
        return self.plain("--warn-error", *arguments, *options)

    def build(self, *arguments: str) -> Run:
        """Build as a user does, warnings staying warnings."""
        return self.plain("build", *arguments)

    def plain(self, *arguments: str) -> Run:
        """Run dbt as a process of its own."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DBT_", "WAREHOUSE_"))}
        code, output = dbt_process.run(["--no-use-colors", *arguments], self.folder, inherited)
        return Run(code, " ".join(output.split()))

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.sql(sql).fetchall()

    def replace(self, path: str, old: str, new: str) -> None:
        """Change one place in a file; it must be there."""
        file = self.folder / path
        text = file.read_text()
        assert text.count(old) == 1, f"{path} has {old!r} {text.count(old)} times"
        file.write_text(text.replace(old, new))

    def rewrite(self, path: str, change: Callable[[Lines], Lines]) -> None:
        """Change the lines of a file; they must become others. Surrogates are written as bytes."""
        file = self.folder / path
        before = file.read_text().splitlines()
        after = change(before)
        assert after != before, f"{path} stays as it is"
        text = "".join(f"{line}\n" for line in after)
        file.write_text(text, encoding="utf-8", errors="surrogateescape")

    def contents(self, *schemas: str) -> dict[str, tuple]:
        """Return for every table the number of its rows and a hash that their order does not change."""
        listed = ", ".join(f"'{schema}'" for schema in schemas)
        # One connection for all tables: opening the file takes longer than reading a table.
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            tables = connection.sql(
                "select schema_name || '.' || table_name from duckdb_tables() "
                f"where schema_name in ({listed})"
            ).fetchall()
            return {
                name: connection.sql(
                    f"select count(*), sum(hash(rows)::hugeint) from {name} as rows"
                ).fetchall()[0]
                for (name,) in tables
            }


def profile(name: str, *, config: Mapping[str, Any] | None = None, **settings: Any) -> str:
    """Return a profile of the file ``warehouse.duckdb`` in the project, with the plugin and its ``config``."""
    plugin = {"module": "scoring.plugin", "alias": "warehouse_ml", **({"config": config} if config else {})}
    output = {"type": "duckdb", "path": "warehouse.duckdb", "threads": 2, "plugins": [plugin], **settings}
    return json.dumps({name: {"target": "dev", "outputs": {"dev": output}}})


def install(project: Project) -> None:
    """Make this repository a package of the project, as `dbt deps` does."""
    (project.folder / "packages.yml").write_text(json.dumps({"packages": [{"local": str(ROOT)}]}))
    (project.folder / "dbt_packages").mkdir()
    (project.folder / "dbt_packages/warehouse_ml").symlink_to(ROOT)
