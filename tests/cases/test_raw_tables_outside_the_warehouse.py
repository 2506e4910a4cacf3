"""Raw tables in Parquet files, on a real S3 server and in a real Postgres: contracts, quarantine, no secret left."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dbt_process
import duckdb
import own_project
import pytest
from project import ROOT, Project, Run
from servers import S3, Postgres, postgres, s3

from scoring.duckdb_extensions import load_extension

PAGE = (ROOT / "docs/sources.md").read_text()
FILES = dict(re.findall(r"`([\w/.]+)`:\n```\w+\n(.*?)```", PAGE, re.DOTALL))
COPIES = re.findall(r"```sql\n(copy .*?)\n```", PAGE, re.DOTALL)
(TABLES,) = re.findall(r"```sql\n(create table .*?)\n```", PAGE, re.DOTALL)
(COMMAND,) = re.findall(r"\$ dbt (.*)", PAGE)
QUERIES = re.findall(r"```sql\n([^`]*)```\n```text\n([^`]*)```", PAGE)
PASSWORD, READER, S3_KEY, S3_SECRET = "0wnerGehe1m", "r'ead er\\ Gehe1m!", "AKIDGEHE1M", "s3/Gehe1m+secret"
FORKED = {k: v for k, v in os.environ.items() if not k.startswith(("DBT_", "WAREHOUSE_", "PG", "AWS_"))}


@dataclass(frozen=True)
class Outside:
    """What lies outside of the warehouse."""

    postgres: Postgres
    s3: S3

    @property
    def environment(self) -> dict[str, str]:
        return {
            **FORKED,
            "S3_ENDPOINT": f"127.0.0.1:{self.s3.port}",
            "DBT_ENV_SECRET_S3_KEY_ID": S3_KEY,
            "DBT_ENV_SECRET_S3_SECRET": S3_SECRET,
            "CRM_HOST": "127.0.0.1",
            "CRM_PORT": str(self.postgres.port),
            "DBT_ENV_SECRET_CRM_PASSWORD": READER,
        }

    def dbt(self, project: Project, *arguments: str, **changed: str) -> Run:
        code, output = dbt_process.run(
            ["--no-use-colors", *arguments], project.folder, self.environment | changed
        )
        return Run(code, " ".join(output.split()))


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    buckets = tmp_path_factory.mktemp("s3") / "buckets"
    (buckets / "shop/payments").mkdir(parents=True)
    with postgres(PASSWORD) as server, s3(buckets, S3_KEY, S3_SECRET) as store:
        yield Outside(server, store)


def write_files(outside: Outside, folder: Path, *statements: str) -> None:
    with duckdb.connect() as connection:
        load_extension(connection, "httpfs")
        connection.execute(
            f"create secret (type s3, key_id '{S3_KEY}', secret '{S3_SECRET}', use_ssl false, url_style 'path', "
            f"endpoint '127.0.0.1:{outside.s3.port}')"
        )
        connection.execute("set TimeZone = 'UTC'")
        (folder / "data").mkdir(exist_ok=True)
        for statement in statements:
            connection.execute(statement.replace("'data/", f"'{folder}/data/"))


@pytest.fixture(scope="module")
def shop(outside: Outside, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project of the page, built; not to be changed."""
    folder = tmp_path_factory.mktemp("shop")
    project = own_project.make(folder, {}, {}, files=FILES)
    project.replace("dbt_project.yml", "profile: my_warehouse", "profile: shop")
    outside.postgres.execute(TABLES.replace("'…'", "'" + READER.replace("'", "''") + "'"))
    write_files(outside, folder, *COPIES)
    run = outside.dbt(project, *COMMAND.split())
    assert run.code == 0, run.output
    return Project(folder, "shop.duckdb")


@pytest.mark.parametrize(("query", "printed"), QUERIES, ids=[f"query {n}" for n, _ in enumerate(QUERIES)])
def test_queries_print_what_the_page_shows(shop: Project, query: str, printed: str) -> None:
    with duckdb.connect(str(shop.warehouse), read_only=True) as connection:
        assert str(connection.sql(query)).split() == printed.split()
