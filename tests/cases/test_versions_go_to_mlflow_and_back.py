"""A version that MLflow keeps has the scores of the warehouse, and says which version it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from made_versions import add, decide, made

import scoring
from scoring.cli import main
from scoring.errors import ArtifactError, ExchangeError, VersionRowError
from scoring.exchange import Logged, load_from_mlflow, log_to_mlflow
from scoring.exchange.mlflow_client import imported
from training import train

mlflow: Any = imported()

# MLflow's own database layer uses what the latest SQLAlchemy deprecates.
pytestmark = pytest.mark.filterwarnings(
    "ignore:The ``noload`` loader strategy:sqlalchemy.exc.SADeprecationWarning"
)

ROWS = """
    select
        range as id,
        case when range % 23 <> 0 then (range * 7919 % 1000) / 100e0 end as "Amount Paid",
        range * 31 % 17 as visits,
        range % 3 = 1 as is_member,
        ['north', 'süd', 'a "b"', null][1 + (range * 13 % 4)] as region,
        timestamp '2024-01-01 00:00:00.123457' + to_microseconds(range * 977777777) as since_at
    from range(900)
"""
LABEL = "(range * 7919 % 1000) / 100e0 + (range % 7)"
SPLIT = {"method": "random", "validation": 0.1, "test": 0.2}
SMALL = {"num_iterations": 5, "num_leaves": 5, "min_data_in_leaf": 5}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "binary": (f", {LABEL} > 7 as label", {"label": "label", "params": SMALL}),
    "multiclass": (
        f", ['low', 'mid dle', 'high'][least(3, 1 + floor(({LABEL}) / 6)::integer)] as label",
        {"label": "label", "params": SMALL},
    ),
    "regression": (f", {LABEL} as label", {"label": "label", "params": SMALL}),
    "anomaly": ("", {"params": {"n_estimators": 10, "contamination": 0.1}}),
}
LIBRARIES = [{"name": "duckdb", "version": "1.5.5"}]
IN_SQL = {
    "prediction": "ml_predict('{0}', t)",
    "predicted_class": "ml_predict_class('{0}', t)",
    "probability_low": "ml_predict_proba('{0}', t)['low']",
    "probability_mid dle": "ml_predict_proba('{0}', t)['mid dle']",
    "probability_high": "ml_predict_proba('{0}', t)['high']",
}
COLUMNS = {
    "binary": ["prediction", "predicted_class"],
    "multiclass": ["predicted_class", "probability_high", "probability_low", "probability_mid dle"],
    "regression": ["prediction"],
    "anomaly": ["prediction", "predicted_class"],
}


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        patch.setenv("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        yield


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("warehouse") / "warehouse.duckdb"
    with scoring.connect(path) as connection:
        connection.execute(f"create table rows_to_score as {ROWS}")
        for task, (label, block) in MODELS.items():
            rows = connection.sql(
                f"select columns(*){label} from ({ROWS}) join range(900) numbers on range = id"
            )
            rows = rows.project("* exclude (range)")
            row = train(rows, model_name=task, config={"task": task, "key": "id", "split": SPLIT, **block})
            add(connection, row)
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database of MLflow, with the artifacts beside it."""
    folder = tmp_path_factory.mktemp("mlflow")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # where MLflow keeps the artifacts of a database
        yield f"sqlite:///{folder / 'mlflow.db'}"


@pytest.fixture(scope="module")
def logged(file: Path, server: str) -> dict[str, Logged]:
    return {task: log_to_mlflow(task, file, tracking_uri=server) for task in MODELS}


@pytest.fixture
def connected(server: str, logged: dict[str, Logged]) -> Iterator[Any]:
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(server)
    yield mlflow.MlflowClient()
    mlflow.set_tracking_uri(before)


def frame(file: Path) -> pd.DataFrame:
    with duckdb.connect(file, read_only=True) as connection:
        return connection.sql("from rows_to_score order by id").df()


def in_sql(file: Path, task: str, column: str) -> list[Any]:
    with scoring.connect(file, read_only=True) as connection:
        call = IN_SQL[column].format(task)
        rows = connection.sql(f"select {call} from rows_to_score as t order by id").fetchall()
    return [value for (value,) in rows]


@pytest.mark.parametrize("task", MODELS)
def test_the_model_of_mlflow_has_the_scores_of_sql(connected: Any, file: Path, task: str) -> None:
    model = mlflow.pyfunc.load_model(f"models:/{task}@champion")
    scores = model.predict(frame(file))
    assert list(scores) == COLUMNS[task] == [column.name for column in model.metadata.signature.outputs]
    for column in scores:
        assert scores[column].to_list() == in_sql(file, task, column)


def test_the_run_says_which_version_it_is(connected: Any, logged: dict[str, Logged], file: Path) -> None:
    run = connected.get_run(logged["binary"].run_id)
    metrics = "select dataset || '.' || metric || case predictor when 'model' then '' else '.' || predictor end, value"
    with duckdb.connect(file, read_only=True) as connection:
        wanted = connection.sql(
            f"{metrics} from (select unnest(metrics, recursive := true) from ml.binary)"
        ).fetchall()
        (row,) = connection.sql(
            "select artifact_sha256, scoring_sha256, data_fingerprint from ml.binary"
        ).fetchall()
    assert run.data.metrics == dict(wanted) and "test.roc_auc" in run.data.metrics
    assert run.data.params["params.num_leaves"] == "5"
    assert (run.data.params["estimator"], run.data.params["task"]) == ("lightgbm", "binary")
    registered = connected.get_model_version_by_alias("binary", "champion")
    for tags in (run.data.tags, registered.tags):
        keys = ("artifact_sha256", "scoring_sha256", "data_fingerprint")
        assert tuple(tags[f"warehouse_ml.{key}"] for key in keys) == row
        assert (tags["warehouse_ml.model"], tags["warehouse_ml.version"]) == ("binary", "1")
    signature = mlflow.models.get_model_info("models:/binary@champion").signature
    kinds = {column.name: str(column.type) for column in signature.inputs}
    assert "DataType.string" in kinds["region"] and "DataType.datetime" in kinds["since_at"]


def test_nothing_of_it_is_code_or_pickle(connected: Any, tmp_path: Path) -> None:
    place = Path(mlflow.artifacts.download_artifacts("models:/binary@champion", dst_path=str(tmp_path)))
    files = {path.name for path in place.rglob("*") if path.is_file()}
    assert {"MLmodel", "model.onnx", "version.json"} <= files
    assert not [name for name in files if name.endswith((".pkl", ".py", ".pickle"))]


def test_a_version_is_logged_once_and_a_new_champion_takes_the_alias(
    logged: dict[str, Logged], server: str, tmp_path: Path
) -> None:
    path = tmp_path / "warehouse.duckdb"
    with scoring.connect(path) as connection:
        add(connection, *(made("sum", n, library_versions=LIBRARIES) for n in (1, 2)), champion=False)
        decide(connection, "sum", 1, newest_version=2)
        first = log_to_mlflow("sum", connection, tracking_uri=server, name="Summe 'x'", experiment="other")
        again = log_to_mlflow("sum@1", connection, tracking_uri=server, name="Summe 'x'")
        second = log_to_mlflow("sum@challenger", connection, tracking_uri=server, name="Summe 'x'", alias="")
        assert (first.version, first.alias, first.is_new) == ("1", "champion", True)
        assert (again.version, again.run_id, again.is_new) == ("1", first.run_id, False)
        # Its artifact is the same; it is another version all the same.
        assert (second.version, second.alias, second.uri) == ("2", None, "models:/Summe 'x'/2")
        decide(connection, "sum", 2)
        assert log_to_mlflow("sum", connection, tracking_uri=server, name="Summe 'x'").version == "2"
    assert load_from_mlflow("models:/Summe 'x'@champion", tracking_uri=server).name == "sum@2"


def test_a_loaded_version_is_a_model_like_any(logged: dict[str, Logged], server: str, file: Path) -> None:
    model = load_from_mlflow(logged["multiclass"].uri, tracking_uri=server)
    own = scoring.load("multiclass", file)
    rows = frame(file)
    assert (model.name, model.signature) == (own.name, own.signature)
    assert model.predict_proba(rows).equals(own.predict_proba(rows))


def test_the_command_line_does_the_same(server: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["--warehouse", str(file), "mlflow", "log", "regression", "--tracking-uri", server]
    assert main(call) == 0
    assert "regression@1 as version 1 of regression: models:/regression@champion." in capsys.readouterr().out
    onnx = file.with_name("own.onnx")
    call = ["mlflow", "load", "models:/regression@champion", "--tracking-uri", server, "--output", str(onnx)]
    assert main(call) == 0
    with duckdb.connect(file, read_only=True) as connection:
        assert connection.sql("select artifact from ml.regression").fetchall() == [(onnx.read_bytes(),)]
    assert json.loads(onnx.with_suffix(".json").read_text())["version"] == 1
    assert main(call) == 1  # it is there already
    assert capsys.readouterr().err.count("\n") == 1


def test_an_altered_file_is_refused(connected: Any, logged: dict[str, Logged], tmp_path: Path) -> None:
    place = Path(mlflow.artifacts.download_artifacts(logged["binary"].uri, dst_path=str(tmp_path)))
    (onnx,) = place.rglob("model.onnx")
    onnx.write_bytes(onnx.read_bytes()[:-1])
    with pytest.raises(ArtifactError, match="SHA-256"):
        mlflow.pyfunc.load_model(str(place))
    (text,) = place.rglob("version.json")
    text.write_text("{}")
    with pytest.raises(ExchangeError, match=r"version\.json.*model"):
        mlflow.pyfunc.load_model(str(place))
    for wrong in ('{"model": "m", "signature": {"features": 1}}', "[]", "nothing"):
        text.write_text(wrong)
        with pytest.raises((ExchangeError, VersionRowError)):
            mlflow.pyfunc.load_model(str(place))


def test_what_mlflow_does_not_have_or_take_is_said(
    connected: Any, logged: dict[str, Logged], server: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = [
        ["mlflow", "load", "models:/gone@champion", "--output", str(file.with_name("gone.onnx"))],
        ["--warehouse", str(file), "mlflow", "log", "binary", "--name", "a/b:c"],
        ["--warehouse", str(file), "mlflow", "log", "gone"],
    ]
    for call in calls:
        assert main([*call, "--tracking-uri", server]) == 1
        assert capsys.readouterr().err.strip().count("\n") == 0
    assert not file.with_name("gone.onnx").exists()
    experiment = connected.get_experiment_by_name("binary").experiment_id
    assert [run.info.run_id for run in connected.search_runs([experiment])] == [logged["binary"].run_id]


def test_a_model_that_is_not_ours_is_said(connected: Any, tmp_path: Path, server: str) -> None:
    (tmp_path / "a.txt").write_text("nothing")
    with mlflow.start_run():
        mlflow.log_artifact(str(tmp_path / "a.txt"), "model")
        uri = mlflow.get_artifact_uri("model")
    with pytest.raises(ExchangeError, match=r"version\.json"):
        load_from_mlflow(uri, tracking_uri=server)


def test_without_mlflow_a_sentence_names_what_to_install(file: Path, tmp_path: Path) -> None:
    (tmp_path / "mlflow.py").write_text("raise ImportError('no module named mlflow')")
    command = [sys.executable, "-m", "scoring.cli", "--warehouse", str(file), "mlflow", "log", "binary"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 1 and "'warehouse-ml[mlflow]'" in done.stderr and done.stderr.count("\n") == 1
