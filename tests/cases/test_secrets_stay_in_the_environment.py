"""What a project logs in with comes from the environment, and is in no file, log, output or message afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import pytest
import yaml
from dbt.adapters.duckdb.credentials import Attachment
from outside_tables import COMMAND, COPIES, FILES, OWNER, PAGE, READER, SECRETS, Outside, serving
from project import Project

from scoring.duckdb_extensions import load_extension
from scoring.profile_connections import connect
from scoring.profile_secrets import problems, redacted

ENVIRONMENT = {"DBT_ENV_SECRET_CRM": "hunter22", "CRM": "hunter33", "AWS_ACCESS_KEY_ID": "AKID1234"}


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with serving(tmp_path_factory.mktemp("servers")) as outside:
        yield outside


@pytest.fixture(scope="module")
def built(outside: Outside, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """The project of the page after a build, and all that dbt said; tests change it from top to bottom."""
    project = outside.make(tmp_path_factory.mktemp("shop"), {})
    outside.write_files(project.folder, *COPIES)
    said = [
        outside.dbt(project, *COMMAND.split(), "--log-level-file", "debug"),
        outside.dbt(project, "debug"),
    ]
    assert [run.code for run in said] == [0, 0], said
    return project, " ".join(run.output for run in said)


def places_with_secrets(project: Project, output: str = "") -> list[str]:
    """Return what holds a secret, in any form that dbt or DuckDB may write it in."""
    forms = {
        form.encode()
        for secret in SECRETS
        for form in (
            secret,
            secret.replace("'", "''"),
            secret.replace("\\", "\\\\"),
            json.dumps(secret)[1:-1],
        )
    }
    contents = {
        str(path.relative_to(project.folder)): path.read_bytes()
        for path in project.folder.rglob("*")
        if path.is_file() and "dbt_packages" not in path.parts
    }
    contents["output"] = output.encode()
    return [name for name, content in contents.items() if any(form in content for form in forms)]


def test_no_file_and_no_output_holds_a_secret(built: tuple[Project, str]) -> None:
    project, said = built
    assert places_with_secrets(project, said) == []
    assert {"shop.duckdb", "logs", "target"} <= {path.name for path in project.folder.iterdir()}


def test_secrets_are_gone_with_the_process(built: tuple[Project, str]) -> None:
    with duckdb.connect(str(built[0].warehouse)) as connection:
        load_extension(connection, "httpfs")
        assert connection.sql("select name from duckdb_secrets()").fetchall() == []


@pytest.mark.parametrize(
    ("changed", "facts"),
    [
        ({"DBT_ENV_SECRET_CRM_PASSWORD": "wr0ng Gehe1m"}, ["database crm", "cannot be attached", "reader"]),
        ({"DBT_ENV_SECRET_S3_SECRET": "wr0ng+Gehe1m"}, ["provider.payments", "403", "s3://shop/payments/"]),
    ],
    ids=["wrong password", "wrong key"],
)
def test_a_server_that_cannot_be_used_ends_in_a_sentence(
    outside: Outside, built: tuple[Project, str], changed: dict[str, str], facts: list[str]
) -> None:
    project, _ = built
    before = project.contents("main")
    run = outside.dbt(project, *COMMAND.split(), **changed)
    assert run.code != 0
    assert [fact for fact in facts if fact not in run.output] == [], run.output
    assert "Traceback" not in run.output
    assert project.contents("main") == before
    assert places_with_secrets(project, run.output) == []
    assert "Gehe1m" not in run.output + (project.folder / "logs/dbt.log").read_text()


PROFILES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a password from dbt's own variable": ({"attach": [{"path": "host=db password=hunter22"}]}, []),
    "a written password": (
        {"attach": [{"alias": "crm", "path": "host=db password='other word'"}]},
        ["the password in attach.crm.path is written out"],
    ),
    "a password in a URL": (
        {"attach": [{"alias": "crm", "path": "postgres://me:p@ss@db/crm"}]},
        ["the password in attach.crm.path is written out"],
    ),
    "a URL without one": (
        {"attach": [{"alias": "crm", "path": "postgres://me@db/crm", "secret": "login"}]},
        [],
    ),
    "a variable that dbt would log": (
        {"secrets": [{"type": "postgres", "password": "hunter33"}]},
        ["secrets.1.password is from the variable CRM"],
    ),
    "a key": (
        {"secrets": [{"name": "lake", "key_id": "AKID1234", "secret": "abcd+efgh"}]},
        ["secrets.lake.secret is written out"],
    ),
    "a written key id": (
        {"settings": {"s3_access_key_id": "AKID9999"}},
        ["settings.s3_access_key_id is written out"],
    ),
    "a number": ({"secrets": [{"password": 12345}]}, ["secrets.1.password is written out"]),
    "a header": (
        {"secrets": [{"extra_http_headers": {"Authorization": "Bearer abcdef"}}]},
        ["secrets.1.extra_http_headers.Authorization is written out"],
    ),
    "a header with a variable": (
        {"secrets": [{"extra_http_headers": {"Authorization": "Bearer hunter22"}}]},
        [],
    ),
    "a token in a plugin": (
        {"plugins": [{"alias": "sheet", "config": {"access_token": "abcdef"}}]},
        ["plugins.sheet.config.access_token is written out"],
    ),
    "a token in a path": (
        {"path": "md:shop?motherduck_token=abcdef"},
        ["the password in path is written out"],
    ),
    "nothing secret": (
        {
            "settings": {"memory_limit": "1GB", "s3_region": "eu"},
            "secrets": [
                {"provider": "credential_chain", "kms_key_id": "alias/x", "use_ssl": False, "password": ""}
            ],
        },
        [],
    ),
}


@pytest.mark.parametrize(("profile", "expected"), PROFILES.values(), ids=PROFILES)
def test_a_profile_names_what_is_not_from_the_environment(
    profile: Mapping[str, Any], expected: list[str]
) -> None:
    assert problems(profile, ENVIRONMENT) == expected


def test_a_written_password_and_a_kept_secret_are_rejected(
    outside: Outside, built: tuple[Project, str]
) -> None:
    project, _ = built
    path = project.folder / "profiles.yml"
    for change, facts in (
        ({"password": OWNER}, ["secrets.2.password is written out", "DBT_ENV_SECRET_"]),
        ({"persistent": True}, ["'crm_login' of secrets has persistent: true"]),
    ):
        profile = yaml.safe_load(FILES["profiles.yml"])
        profile["shop"]["outputs"]["dev"]["secrets"][1].update(change)
        path.write_text(json.dumps(profile))
        run = outside.dbt(project, *COMMAND.split())
        assert run.code != 0
        assert [fact for fact in facts if fact not in run.output] == [], run.output
        assert OWNER not in run.output + (project.folder / "logs/dbt.log").read_text()
    path.write_text(FILES["profiles.yml"])


def test_a_profile_without_a_secret_will_do_for_postgres(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    (text,) = re.findall(r"`attach: (\[.*?\])`", PAGE, re.DOTALL)
    (database,) = yaml.safe_load(text)
    assert problems({"attach": [database]}, {}) == []
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPORT", str(outside.postgres.port))
    monkeypatch.setenv("PGPASSWORD", READER)
    with duckdb.connect() as connection:
        connect(connection, ["postgres_scanner"], [], [("crm", Attachment(**database).to_sql())])
        assert connection.sql("select count(*) from crm.public.customers").fetchall() == [(3,)]


def test_what_the_library_of_postgres_quotes_is_hidden() -> None:
    text = (
        "at \"host=db password='r\\'ead er\\\\ Gehe1m!' user=x\" and postgres://me:Gehe1m@db and z='Gehe1m'"
    )
    hidden = redacted(text, {"DBT_ENV_SECRET_Z": "Gehe1m"})
    assert hidden == "at \"host=db password=***** user=x\" and postgres://me:*****@db and z='*****'"
