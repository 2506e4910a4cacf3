"""A project is built from any folder: what its files name is relative to the project."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import onnx
import onnx.parser
from ml_project import CONFIG, declare, make

GRAPH = """
<ir_version: 10, opset_import: ["": 17]>
g (double[N, 4] x) => (double[N, 1] y) {y = ReduceMean<axes=[1]>(x)}
"""


def test_onnx_file_is_found_from_another_folder(tmp_path: Path) -> None:
    project = make(tmp_path / "project")
    onnx.save(onnx.parser.parse_model(GRAPH), project.folder / "models/ml/mean.onnx")
    config = {**CONFIG, "task": "regression", "estimator": "onnx", "params": {"file": "models/ml/mean.onnx"}}
    declare(project, {**config, "gates": [], "must_beat_constant": False})
    command = [
        Path(sys.executable).with_name("dbt"),
        "build",
        "--project-dir",
        "project",
        "--profiles-dir",
        "project",
    ]
    selected = ["--select", "samples", "tumour"]
    done = subprocess.run([*command, *selected], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as warehouse:
        ((params,),) = warehouse.sql("select params from ml.tumour").fetchall()
    assert json.loads(params) == config["params"]
