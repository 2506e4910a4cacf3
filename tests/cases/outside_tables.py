"""A Postgres and an S3 server, and the project of docs/sources.md, whose raw tables lie there and in Parquet files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dbt_process
import duckdb
import own_project
from project import ROOT, Project, Run
from servers import S3, Postgres, postgres, s3

from scoring.duckdb_extensions import load_extension
from scoring.places import literal

PAGE = (ROOT / "docs/sources.md").read_text()
FILES = dict(re.findall(r"`([\w/.]+)`:\n```\w+\n(.*?)```", PAGE, re.DOTALL))
COPIES = re.findall(r"```sql\n(copy .*?)\n```", PAGE, re.DOTALL)
(TABLES,) = re.findall(r"```sql\n(create table .*?)\n```", PAGE, re.DOTALL)
(COMMAND,) = re.findall(r"\$ dbt (.*)", PAGE)
OWNER, READER, KEY_ID, KEY = "0wnerGehe1m", "r'ead er\\ Gehe1m!", "AKIDGEHE1M", "s3/Gehe1m+secret"
SECRETS = (OWNER, READER, KEY_ID, KEY)


@dataclass(frozen=True)
class Outside:
    """What lies outside of the warehouse."""

    postgres: Postgres
    s3: S3

    @property
    def environment(self) -> dict[str, str]:
        """The variables that the profile of the page names."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DBT_", "WAREHOUSE_", "PG", "AWS_"))}
        return {
            **kept,
            "S3_ENDPOINT": f"127.0.0.1:{self.s3.port}",
            "DBT_ENV_SECRET_S3_KEY_ID": KEY_ID,
            "DBT_ENV_SECRET_S3_SECRET": KEY,
            "CRM_HOST": "127.0.0.1",
            "CRM_PORT": str(self.postgres.port),
            "DBT_ENV_SECRET_CRM_PASSWORD": READER,
        }

    def dbt(self, project: Project, *arguments: str, **changed: str) -> Run:
        """Run dbt with that environment, some variables changed."""
        code, output = dbt_process.run(
            ["--no-use-colors", *arguments], project.folder, self.environment | changed
        )
        return Run(code, " ".join(output.split()))

    @contextmanager
    def connected(self, path: str = ":memory:", **changed: object) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a DuckDB that reads from both servers, as dbt's would; settings of the S3 secret may be changed."""
        secret = {
            "key_id": KEY_ID,
            "secret": KEY,
            "endpoint": f"127.0.0.1:{self.s3.port}",
            "use_ssl": False,
            "url_style": "path",
        } | changed
        options = ", ".join(f"{name} {literal(str(value))}" for name, value in secret.items())
        with duckdb.connect(path) as connection:
            load_extension(connection, "httpfs")
            load_extension(connection, "postgres_scanner")
            connection.execute("set global TimeZone = 'UTC'")
            connection.execute(f"create secret (type s3, {options})")
            connection.execute(
                f"attach '{self.postgres.connection_string} password={OWNER}' as crm (type postgres, read_only)"
            )
            yield connection

    def write_files(self, folder: Path, *statements: str) -> None:
        """Run SQL that writes files, `data/` being in a folder."""
        (folder / "data").mkdir(exist_ok=True)
        with self.connected() as connection:
            for statement in statements:
                connection.execute(statement.replace("'data/", f"'{folder}/data/"))

    def make(self, folder: Path, files: Mapping[str, str], **variables: str) -> Project:
        """Write the project of the page with some more files and variables."""
        own_project.make(folder, {}, {}, files={**FILES, **files}, variables=variables)
        project = Project(folder, "shop.duckdb")
        project.replace("dbt_project.yml", "profile: my_warehouse", "profile: shop")
        return project


@contextmanager
def serving(folder: Path) -> Iterator[Outside]:
    """Run both servers, with the customers of the page; the reader of the page may read what there will be."""
    (folder / "buckets/shop/payments").mkdir(parents=True)
    with postgres(OWNER) as server, s3(folder / "buckets", KEY_ID, KEY) as store:
        server.execute(TABLES.replace("'…'", literal(READER)))
        server.execute("grant pg_read_all_data to reader")
        yield Outside(server, store)
