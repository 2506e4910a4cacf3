"""A version's training set is built again from its row, whatever was loaded since."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import ml_project
import pytest
from project import Project

from scoring.errors import RebuildError
from scoring.rebuilding import rebuild
from scoring.registry import resolve
from scoring.warehouse import Warehouse

STAGED = """
select * exclude (known_at) from {{ ref('readings') }}
where {{ warehouse_ml.is_known('known_at') }}
qualify row_number() over (partition by sample_id order by known_at desc) = 1
"""
TRAINING = """
{%- set names = adapter.get_columns_in_relation(ref('kinds')) | map(attribute='name') if execute else [] %}
-- Waits for {{ ref('waited_for') }}
with kinds as (
    select {{ names | join(', ') }} from {{ ref('kinds') }}
)
select stg_readings.*, kinds.weight
from {{ ref('readings_within') }} as stg_readings
inner join kinds on stg_readings.sample_id % 3 = kinds.kind_id
"""
CONFIG = {**ml_project.CONFIG, "gates": [{"metric": "roc_auc", "min": 0.5}]}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = ml_project.make(tmp_path_factory.mktemp("rebuilt"))
    models = {
        "staging/stg_readings": STAGED,
        "marts/waited_for": "select 1 as one",
        "marts/readings_within": "{{ config(materialized='ephemeral') }} select * from {{ ref('stg_readings') }}",
        "marts/training_rows": TRAINING,
    }
    for path, sql in models.items():
        ml_project.write(project, f"models/{path}.sql", sql)
    ml_project.write(
        project,
        "models/staging/stg_readings.yml",
        json.dumps({"models": [{"name": "stg_readings", "config": {"materialized": "view"}}]}),
    )
    samples = project.folder / "seeds/samples.csv"
    header, *rows = samples.read_text().splitlines()
    readings = [f"{row},2024-01-{number % 28 + 1:02d} 06:00:00" for number, row in enumerate(rows)]
    ml_project.write(project, "seeds/readings.csv", "\n".join([f"{header},known_at", *readings, ""]))
    ml_project.write(project, "seeds/kinds.csv", "kind_id,weight\n0,1.5\n1,2.5\n2,4\n")
    types = json.loads((project.folder / "seeds/samples.yml").read_text())["seeds"][0]["config"][
        "column_types"
    ]
    seeds = {
        "readings": {**types, "known_at": "timestamp"},
        "kinds": {"kind_id": "integer", "weight": "double"},
    }
    blocks = [{"name": name, "config": {"column_types": kinds}} for name, kinds in seeds.items()]
    ml_project.write(project, "seeds/readings.yml", json.dumps({"seeds": blocks}))
    ml_project.write(
        project,
        "models/marts/tumour_predictions.sql",
        ml_project.PREDICTIONS.replace("'samples'", "'training_rows'"),
    )
    ml_project.declare(project, CONFIG, "select * from {{ ref('training_rows') }}")
    run = project.dbt("build", "-s", "package:small")
    assert run.code == 0, run.output
    return project


@pytest.fixture
def project(trained: Project, tmp_path: Path) -> Project:
    return trained.copy_to(tmp_path)


def call(project: Project, *arguments: str) -> tuple[int, str, str]:
    command = [
        Path(sys.executable).with_name("warehouse-ml"),
        "training-set",
        "--model",
        "tumour",
        *arguments,
    ]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def change(project: Project, *statements: str) -> None:
    with duckdb.connect(str(project.warehouse)) as warehouse:
        for statement in statements:
            warehouse.execute(statement)


def attempt(project: Project) -> str:
    """Return the sentence that a rebuild ends in; empty if it succeeds."""
    with duckdb.connect(str(project.warehouse), read_only=True) as connection:
        warehouse = Warehouse(connection)
        try:
            rebuild(warehouse, resolve(warehouse, "tumour@1"))
        except RebuildError as error:
            return str(error)
    return ""


COPIED = "insert into raw.readings select * replace ({}) from raw.readings where sample_id < 100"
BROKEN = """
update ml.tumour
set training_set = struct_update(training_set, query := replace(training_set.query, '% 3', '% 2'))
"""
LATER = COPIED.format("sample_id + 1000 as sample_id, timestamp '2024-02-01' as known_at")
CORRECTION = COPIED.format("mean_area * 2 as mean_area, timestamp '2024-03-01' as known_at")


def test_rows_are_those_that_the_version_was_trained_on(project: Project) -> None:
    code, out, complaint = call(project, "--version", "1", "--output", "rows.parquet")
    ((fingerprint, rows),) = project.query(
        "select data_fingerprint, (select count(*) from marts.training_rows) from ml.tumour"
    )
    assert (code, complaint) == (0, "")
    assert out == (
        f"tumour@1: {rows} rows, as of 2024-01-28 06:00:00, fingerprint {fingerprint} as stored. "
        "Written to rows.parquet.\n"
    )
    file = f"'{project.folder}/rows.parquet'"
    assert project.query(f"select count(*) from (from {file} except all from marts.training_rows)") == [(0,)]


def test_later_loads_and_late_corrections_are_not_seen(project: Project) -> None:
    change(project, LATER, CORRECTION)
    assert attempt(project) == ""
    run = project.dbt("build", "-s", "stg_readings+")
    assert run.code == 0, run.output
    assert project.query("select count(distinct data_fingerprint), max(version) from ml.tumour") == [(2, 2)]
    assert attempt(project) == ""
    assert call(project, "--version", "2")[0] == 0


@pytest.mark.parametrize(
    ("statement", "named", "innocent"),
    [
        ("update raw.readings set mean_area = 0 where sample_id = 5", "'raw.readings'", "raw.kinds"),
        ("update raw.kinds set weight = 9 where kind_id = 1", "'raw.kinds'", "raw.readings"),
        ("alter table raw.kinds drop column weight", "'raw.kinds'", "raw.readings"),
        ("drop table raw.kinds cascade", "'raw.kinds'", "raw.readings"),
    ],
)
def test_raw_table_that_changed_is_named(project: Project, statement: str, named: str, innocent: str) -> None:
    change(project, LATER, statement)
    sentence = attempt(project)
    assert named in sentence
    assert innocent not in sentence


def test_what_is_only_waited_for_is_no_input(project: Project) -> None:
    inputs = (
        "select list_sort(list_transform(training_set.inputs, lambda input: input.relation)) from ml.tumour"
    )
    assert project.query(inputs) == [
        (["main.stg_readings", "marts.training_rows", "raw.kinds", "raw.readings", "tumour"],)
    ]


IN_PYTHON = """
def model(dbt, session):
    dbt.config(materialized="ml_model")
    return dbt.ref("training_rows")
"""


def test_a_model_in_python_is_trained_again(project: Project) -> None:
    ml_project.write(project, "models/ml/lump.py", IN_PYTHON)
    declared = {"name": "lump", "config": {"meta": {"ml": CONFIG}}}
    ml_project.write(project, "models/ml/lump.yml", json.dumps({"models": [declared]}))
    for statement in (LATER, CORRECTION):
        run = project.dbt("build", "-s", "stg_readings", "training_rows", "lump")
        assert run.code == 0, run.output
        change(project, statement)
    assert project.query("select version, training_set.problem from ml.lump") == [(1, None), (2, None)]


def test_a_query_that_is_not_the_same_twice_is_reported(project: Project) -> None:
    change(project, BROKEN)
    assert "'marts.training_rows' gives others" in attempt(project)


def test_an_as_of_build_keeps_its_own_cutoff(project: Project) -> None:
    run = project.dbt("build", "-s", "stg_readings+", as_of="2024-01-20")
    assert run.code == 0, run.output
    assert project.query("select training_set.cutoff::varchar from ml.tumour where version = 2") == [
        ("2024-01-20 00:00:00",)
    ]
    assert call(project, "--version", "2")[0] == 0


def test_macro_gives_the_same_rows(project: Project) -> None:
    ml_project.write(
        project,
        "models/marts/trained_on.sql",
        "select * from {{ warehouse_ml.training_set(ref('tumour'), 1) }}",
    )
    before = project.query("from marts.training_rows order by sample_id")
    change(project, LATER)
    run = project.dbt("build", "-s", "trained_on")
    assert run.code == 0, run.output
    assert project.query("from marts.trained_on order by sample_id") == before
