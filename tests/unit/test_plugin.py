from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import SourceConfig
from dbt_common.exceptions import DbtRuntimeError
from dbt_common.invocation import get_invocation_id

from scoring.errors import PackageDataError


@pytest.fixture
def plugin() -> BasePlugin:
    return BasePlugin.create("scoring.plugin", alias="warehouse_ml")


def source(meta: Mapping[str, Any]) -> SourceConfig:
    return SourceConfig(
        name="raw", identifier="airlines", schema="raw", database=None, meta=dict(meta), tags=[]
    )


def test_every_cursor_has_the_functions_and_the_invocation_id(plugin: BasePlugin) -> None:
    with duckdb.connect() as connection:
        plugin.configure_connection(connection)
        for cursor in (connection.cursor(), connection.cursor()):
            plugin.configure_cursor(cursor)
            row = cursor.sql("select ml_predict('m', null), getvariable('dbt_invocation_id')").fetchone()
            assert row == (None, get_invocation_id())


def test_every_cursor_is_in_utc(plugin: BasePlugin) -> None:
    with duckdb.connect() as connection:
        connection.execute("set global TimeZone = 'America/New_York'")
        plugin.configure_connection(connection)
        cursor = connection.cursor()
        plugin.configure_cursor(cursor)
        noon = cursor.sql(
            "select cast(timestamptz '2024-01-01 12:00:00+00' as timestamp)::varchar"
        ).fetchone()
        assert noon == ("2024-01-01 12:00:00",)


def test_every_cursor_knows_the_folder_of_the_project(
    plugin: BasePlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dbt.flags.GLOBAL_FLAGS", Namespace(PROJECT_DIR=Path("/some/project")))
    with duckdb.connect() as connection:
        plugin.configure_connection(connection)
        plugin.configure_cursor(connection)
        assert connection.sql("select getvariable('dbt_project_folder')").fetchone() == ("/some/project",)


def test_source_reads_a_file_of_a_package(plugin: BasePlugin) -> None:
    with pytest.raises(PackageDataError, match="'no-such-package' is not installed"):
        plugin.load(source({"package": "no-such-package", "file": "data.csv"}))


@pytest.mark.parametrize(("meta", "key"), [({"file": "a.csv"}, "package"), ({"package": "p"}, "file")])
def test_source_without_package_or_file_is_refused(
    plugin: BasePlugin, meta: dict[str, str], key: str
) -> None:
    with pytest.raises(PackageDataError, match=f"Source 'airlines' lacks the meta key '{key}'"):
        plugin.load(source(meta))


@pytest.mark.parametrize(
    ("part", "facts"),
    [
        ({"password": "written 0ut"}, ["secrets.1.password is written out", "DBT_ENV_SECRET_"]),
        ({"persistent": True}, ["'login' of secrets has persistent: true"]),
    ],
    ids=["written out", "kept by DuckDB"],
)
def test_a_secret_that_would_be_in_a_file_is_rejected(part: Mapping[str, Any], facts: list[str]) -> None:
    secret = {"type": "postgres", "name": "login", "host": "db", **part}
    credentials = DuckDBCredentials.from_dict({"path": ":memory:", "secrets": [secret]})
    plugin = BasePlugin.create("scoring.plugin", alias="warehouse_ml", credentials=credentials)
    with pytest.raises(DbtRuntimeError) as raised:
        plugin.update_connection_config(credentials, {})
    assert [fact for fact in facts if fact not in str(raised.value)] == []
    assert "written 0ut" not in str(raised.value)
