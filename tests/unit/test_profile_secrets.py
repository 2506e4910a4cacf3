"""A profile's secrets come from dbt's secret variables, and no text shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from scoring.profile_secrets import problems, redacted

ENVIRONMENT = {"DBT_ENV_SECRET_CRM": "hunter22", "CRM": "hunter33", "AWS_ACCESS_KEY_ID": "AKID1234"}

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


def test_what_the_library_of_postgres_quotes_is_hidden() -> None:
    text = (
        "at \"host=db password='r\\'ead er\\\\ Gehe1m!' user=x\" and postgres://me:Gehe1m@db and z='Gehe1m'"
    )
    hidden = redacted(text, {"DBT_ENV_SECRET_Z": "Gehe1m"})
    assert hidden == "at \"host=db password=***** user=x\" and postgres://me:*****@db and z='*****'"
