"""Personal data enters no training set, artifact, feature view, slice or error unless it is allowed by name.

One project is built twice: first with everything that may be there and models that may not, then with what is wrong
besides. Every customer has an address that nobody else has, so that a single one anywhere shows a leak.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import pytest
import shop_with_people as shop
from click.testing import CliRunner
from ml_project import write
from project import Project, Run

import scoring
from scoring.cli.train import train

ALL = "select * from {{ ref('stg_customers') }}"
FEW = "select customer_id, city, amount, is_late from {{ ref('stg_customers') }}"
CLOCKS = "timestamp '2024-01-01 00:00:00' as event_at, timestamp '2024-01-01 00:00:00' as known_at"
PYTHON = """
def model(dbt, session):
    dbt.config(materialized="ml_model")
    {code}
    return dbt.ref("stg_customers").project("{columns}")
"""
QUERIES = {
    "stg_customers": "select *, split_part(email, '@', 2) as domain, length(email) as size from {{ ref('customers') }}",
    "masked_customers": """
        select
            customer_id, city, amount, is_late,
            {{ warehouse_ml.mask('email') }} as email,
            {{ warehouse_ml.mask('email', 'truncate', to=2) }} as initials,
            {{ warehouse_ml.mask('email', 'null') }} as nobody,
            {{ warehouse_ml.mask('born', 'truncate', to='year') }} as born,
            {{ warehouse_ml.mask('nullif(customer_id, 3)') }} as number
        from {{ ref('customers') }}
    """,
    "spending": f"select email, amount, {CLOCKS} from {{{{ ref('stg_customers') }}}}",
    "birthdays": f"select email, born, {CLOCKS} from {{{{ ref('stg_customers') }}}}",
    "spine": "select customer_id, email, is_late, timestamp '2024-02-01 00:00:00' as predicted_at "
    "from {{ ref('stg_customers') }}",
    "joining": "select * exclude (email, predicted_at) from ("
    "{{ warehouse_ml.point_in_time_join(ref('spine'), 'predicted_at', [ref('birthdays'), ref('spending')]) }})",
    "leaking": ALL,
    "allowing": "select email, born, customer_id, amount, is_late from {{ ref('stg_customers') }}",
    "masking": "select * from {{ ref('masked_customers') }}",
    "keyed": "select email, city, amount, is_late from {{ ref('stg_customers') }}",
    "declared": "select customer_id, size, amount, is_late from {{ ref('stg_customers') }}",
    "pivoting": "select * from (pivot (select customer_id, email, is_late from {{ ref('stg_customers') }}) "
    "on email using count(*) group by customer_id, is_late)",
    "failing": f"{FEW} where cast(email as integer) > 0",
    "raising": f"{FEW} where error('There is ' || email) is null",
}
MODELS = {
    "joining": shop.BLOCK,
    "leaking": shop.BLOCK,
    "pivoting": shop.BLOCK,
    "allowing": {**shop.BLOCK, "allow_pii": ["email", "born"]},
    "masking": shop.BLOCK,
    "keyed": {**shop.BLOCK, "key": "email"},
    "declared": shop.BLOCK,
    "failing": shop.BLOCK,
    "raising": shop.BLOCK,
    "misnaming": {**shop.BLOCK, "allow_pii": ["emial"]},
    "in_python": shop.BLOCK,
    "allowing_python": {**shop.BLOCK, "allow_pii": ["email", "born", "domain"]},
    "raising_python": {**shop.BLOCK, "allow_pii": ["email", "born", "domain"]},
}
COLUMNS = "customer_id, city, amount, is_late"
FILES = {
    "models/ml/in_python.py": PYTHON.format(code="", columns=COLUMNS),
    "models/ml/allowing_python.py": PYTHON.format(code="", columns=COLUMNS),
    "models/ml/raising_python.py": PYTHON.format(
        code='float(dbt.ref("stg_customers").project("email").fetchone()[0])', columns=COLUMNS
    ),
}
PYTHON_MODELS = {"in_python": "refused", "allowing_python": "allowed", "raising_python": "allowed"}
DESCRIBED = [
    shop.node("stg_customers", size={"pii": False}),
    shop.view("spending", "amount"),
    shop.view("birthdays", "born", allow_pii=["born"]),
]
MONITOR = """
    {{ config(materialized='ml_monitor') }}
    -- depends_on: {{ ref('keyed') }}
    select
        email, city, amount, is_late, domain, timestamp '2024-01-01 00:00:00' as seen_at,
        ml_predict('keyed', c) as prediction, 1 as model_version
    from {{ ref('stg_customers') }} as c
"""
PERSON = shop.PERSON.partition(".{}")[0]


def search(folder: Path, text: str, *endings: str) -> list[str]:
    """Return the files below a folder that hold a text."""
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and (not endings or path.suffix in endings) and text.encode() in path.read_bytes()
    ]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Run]:
    project = shop.make(tmp_path_factory.mktemp("people"), QUERIES, MODELS, FILES, described=DESCRIBED)
    for name in PYTHON_MODELS:
        (project.folder / f"models/ml/{name}.sql").unlink()
    (project.folder / "models/ml/misnaming.sql").write_text(
        f"{{{{ config(materialized='ml_model') }}}}\n{FEW}\n"
    )
    return project, shop.build(project)


@pytest.fixture(scope="module")
def decided(built: tuple[Project, Run]) -> dict[str, tuple[str, str]]:
    rows = built[0].query("select model_name, action, reason from ml.decisions order by sequence")
    return {name: (action, reason) for name, action, reason in rows}


@pytest.mark.parametrize(
    ("model", "sentences"),
    {
        "leaking": [
            "email (raw.customers.email → marts.stg_customers.email)",
            "domain (raw.customers.email → marts.stg_customers.domain, derived)",
            "allow_pii: [email, born, domain]",
            "mask()",
        ],
        "pivoting": [
            "columns that a pivot names after values (raw.customers.email → marts.stg_customers.email"
        ],
        "joining": [
            "has born (raw.customers.born → marts.stg_customers.born → marts.birthdays.born",
            "[born]",
        ],
        "in_python": ["'marts.stg_customers.email'", "Python file", "allow_pii: [email, born, domain]"],
        "misnaming": ["'emial'", "allow_pii", "'amount'"],
    }.items(),
)
def test_a_training_set_with_personal_data_is_refused(
    decided: dict[str, tuple[str, str]], built: tuple[Project, Run], model: str, sentences: list[str]
) -> None:
    action, reason = decided[model]
    assert action == "refuse"
    assert all(sentence in reason for sentence in sentences), reason
    assert built[1].code == 1 and reason in built[1].output


@pytest.mark.parametrize("model", ["allowing", "masking", "keyed", "declared", "allowing_python"])
def test_what_is_allowed_masked_a_key_or_declared_trains(
    decided: dict[str, tuple[str, str]], model: str
) -> None:
    assert decided[model] == ("accept", "gates")


@pytest.mark.parametrize(
    ("model", "kind"),
    {"failing": "Conversion Error", "raising": "Invalid Input Error", "raising_python": "ValueError"}.items(),
)
def test_an_error_quotes_nobody(decided: dict[str, tuple[str, str]], model: str, kind: str) -> None:
    action, reason = decided[model]
    assert action == "refuse" and kind in reason and "left out" in reason


def test_nobody_is_in_an_artifact_an_error_or_a_log(built: tuple[Project, Run]) -> None:
    project, run = built
    assert PERSON not in run.output
    assert search(project.folder / "target", PERSON) == []
    assert search(project.folder / "logs", PERSON) == []
    for table in ("keyed", "masking", "declared", "leaking", "decisions", "personal_data"):
        counts = project.query(
            f"select count(*) from ml.{table} as t where cast(t as varchar) like '%{PERSON}%'"
        )
        assert counts == [(0,)], table
    allowed = project.query(
        f"select count(*) from ml.allowing as t where cast(t as varchar) like '%{PERSON}%'"
    )
    assert allowed == [(1,)]


def test_a_mask_hides_keeps_nulls_and_still_joins(built: tuple[Project, Run]) -> None:
    def hashed(text: str) -> str:
        return hmac.new(shop.KEY.encode(), text.encode(), hashlib.sha256).hexdigest()

    rows = built[0].query(
        "select customer_id, email, number, initials, nobody, born::varchar from marts.masked_customers "
        "where customer_id in (3, 5) order by 1"
    )
    assert rows == [
        (3, hashed(shop.PERSON.format(3)), None, "zo", None, "1953-01-01 00:00:00"),
        (5, hashed(shop.PERSON.format(5)), hashed("5"), "zo", None, "1955-01-01 00:00:00"),
    ]
    joined = "marts.masked_customers as a join marts.masked_customers as b using (email)"
    assert built[0].query(f"select count(*), count(distinct a.email) from {joined}") == [
        (shop.ROWS, shop.ROWS)
    ]


def test_the_key_is_in_no_file(built: tuple[Project, Run]) -> None:
    assert search(built[0].folder, shop.KEY) == []
    assert shop.KEY not in built[1].output


def test_where_personal_data_flows_is_recorded(built: tuple[Project, Run]) -> None:
    rows = built[0].query(
        "select personal_column, relation, column_name, kind, method, permission, is_personal from ml.personal_data "
        "where personal_column = 'raw.customers.email'"
    )
    places = {(relation, column): facts for _, relation, column, *facts in rows}
    assert places == {
        ("raw.customers", "email"): ["seed", "marked", None, True],
        ("marts.stg_customers", "email"): ["model", "copied", None, True],
        ("marts.stg_customers", "domain"): ["model", "derived", None, True],
        ("marts.stg_customers", "size"): ["model", "declared", None, False],
        ("marts.masked_customers", "email"): ["model", "masked by hash", None, False],
        ("marts.masked_customers", "initials"): ["model", "masked by truncate", None, False],
        ("marts.masked_customers", "nobody"): ["model", "masked by null", None, False],
        ("marts.spending", "email"): ["feature view", "copied", "key", True],
        ("marts.birthdays", "email"): ["feature view", "copied", "key", True],
        ("marts.spine", "email"): ["model", "copied", None, True],
        ("ml.leaking", "email"): ["training set", "copied", "refused", True],
        ("ml.leaking", "domain"): ["training set", "derived", "refused", True],
        ("ml.pivoting", "email"): ["training set", "copied", "refused", True],
        ("ml.pivoting", "columns that a pivot names after values"): [
            "training set",
            "derived",
            "refused",
            True,
        ],
        ("ml.allowing", "email"): ["training set", "copied", "allowed", True],
        ("ml.keyed", "email"): ["training set", "copied", "key", True],
        **{
            (f"ml.{model}", column): ["training set", "not followed", permission, True]
            for model, permission in PYTHON_MODELS.items()
            for column in ("email", "domain")
        },
    }
    path = ["raw.customers.email", "marts.stg_customers.domain", "ml.leaking.domain"]
    assert [(path,)] == built[0].query(
        "select path from ml.personal_data where relation = 'ml.leaking' and column_name = 'domain'"
    )


def test_training_without_dbt_refuses_the_same(
    built: tuple[Project, Run], tmp_path: Path, decided: dict[str, tuple[str, str]]
) -> None:
    project = built[0].copy_to(tmp_path / "copy")
    assert project.dbt("compile", "-s", "package:own", "personal_data").code == 0
    (shown,) = project.folder.glob("target/compiled/warehouse_ml/models/registry/personal_data.sql")
    assert "-- raw.customers.email → marts.stg_customers.domain (derived)" in shown.read_text()

    result = CliRunner().invoke(
        train,
        ["leaking", "keyed", "--project-dir", str(project.folder), "--warehouse", str(project.warehouse)],
    )

    assert result.exit_code == 1, result.output
    assert decided["leaking"][1] in result.output
    assert "keyed: nothing has changed" in result.output


@pytest.fixture(scope="module")
def again(built: tuple[Project, Run], tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Run]:
    """The project with a monitor that slices, a mark of a column that is not there, and no key to mask with."""
    project = built[0].copy_to(tmp_path_factory.mktemp("again") / "copy")
    for name in MODELS.keys() - {"keyed"}:
        for path in (project.folder / "models/ml").glob(f"{name}.*"):
            path.unlink()
    write(project, "models/marts/watched.sql", MONITOR)
    write(
        project,
        "models/marts/seen.sql",
        f"{{{{ config(materialized='view') }}}} {QUERIES['masked_customers']}",
    )
    block = {"model": "keyed", "time": "seen_at", "slices": ["city", "domain"]}
    described = [*DESCRIBED, shop.node("watched", meta={"ml_monitor": block})]
    write(project, "models/described.yml", json.dumps({"models": described}))
    marks = {"email": shop.PERSONAL, "born": shop.PERSONAL, "emial": shop.PERSONAL}
    write(project, "seeds/customers.yml", shop.seeds(marks))
    with scoring.connect(project.warehouse) as connection:
        connection.execute(
            "drop table ml.personal_data; create view ml.personal_data as select 1 as personal_column"
        )
    return project, project.build("-s", "package:own")


def test_a_monitor_slices_by_no_personal_column(again: tuple[Project, Run]) -> None:
    assert "Monitor 'watched' must hold no personal data" in again[1].output
    assert "has domain (raw.customers.email → marts.stg_customers.domain, derived)" in again[1].output


def test_a_missing_key_is_one_sentence(again: tuple[Project, Run]) -> None:
    assert "The environment variable WAREHOUSE_ML_MASK_KEY is missing" in again[1].output
    assert "Traceback" not in again[1].output


def test_a_view_cannot_call_a_hash_whose_key_is_not_in_the_file(again: tuple[Project, Run]) -> None:
    assert "method hash needs a table, and seen is a view" in again[1].output


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (
            "mask('email', 'hsah')",
            "method is hsah; it must be one of hash, truncate, null. Did you mean 'hash'?",
        ),
        (
            "mask('email', 'truncate')",
            "to is missing; it must be a number of characters from 1 to 20, or year",
        ),
    ],
)
def test_a_wrong_mask_is_one_sentence(
    again: tuple[Project, Run], tmp_path: Path, call: str, problem: str
) -> None:
    project = again[0].copy_to(tmp_path / "copy")
    write(
        project,
        "models/marts/wrong.sql",
        f"select {{{{ warehouse_ml.{call} }}}} as e from {{{{ ref('customers') }}}}",
    )
    run = project.plain("parse")
    assert run.code != 0 and f"mask of email: {problem}" in run.output


def test_a_mark_of_a_column_that_is_not_there_is_reported(again: tuple[Project, Run]) -> None:
    assert again[1].code == 1
    assert "customers: column emial is marked" in again[1].output


def test_a_record_that_cannot_be_written_hides_no_history(again: tuple[Project, Run]) -> None:
    project, run = again
    assert "Personal data could not be" in run.output
    events = project.query("select event from monitoring.run_events order by happened_at desc limit 1")
    assert events == [("ended",)]


def test_a_feature_view_with_personal_data_is_rejected_before_the_first_node(
    built: tuple[Project, Run], tmp_path: Path
) -> None:
    project = built[0].copy_to(tmp_path / "copy")
    project.warehouse.unlink()
    write(
        project,
        "models/marts/contacts.sql",
        f"select email, domain, {CLOCKS} from {{{{ ref('stg_customers') }}}}",
    )
    wrong = [
        shop.node("stg_customers", size={"pii": False}, city={"pii": "yes"}, amount={"PII": True}),
        shop.view("contacts", "domain"),
    ]
    write(project, "models/described.yml", json.dumps({"models": [*wrong, *DESCRIBED[1:]]}))

    run = project.build("-s", "package:own")

    assert run.code != 0
    assert "Feature view 'contacts' must hold no personal data" in run.output
    assert "has domain (raw.customers.email → marts.stg_customers.domain, derived)" in run.output
    assert "columns.city.config.meta.pii is 'yes'; it must be true or false" in run.output
    assert "columns.amount.config.meta.PII is not a mark: write pii" in run.output
    assert project.query("select count(*) from duckdb_tables() where schema_name in ('raw', 'marts')") == [
        (0,)
    ]
