"""A project of its own with one small model in SQL, on a bundled data set of scikit-learn as its seed."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from project import ROOT, Project, install
from sklearn import datasets

FEATURES = ("mean_radius", "mean_texture", "mean_area", "mean_concavity")
CONFIG: Mapping[str, Any] = {
    "task": "binary",
    "label": "is_benign",
    "key": "sample_id",
    "split": {"method": "random", "validation": 0.2, "test": 0.3},
    "params": {"num_iterations": 20, "num_leaves": 5, "min_data_in_leaf": 10},
    "gates": [{"metric": "roc_auc", "min": 0.9}],
}
QUERY = "select * from {{ ref('samples') }}"

PROJECT = """
name: small
version: 0.1.0
config-version: 2
profile: my_warehouse
flags: {send_anonymous_usage_stats: false}
models:
  small:
    +materialized: table
    ml: {+schema: ml}
    marts: {+schema: marts}
seeds:
  small: {+schema: raw}
"""
PREDICTIONS = "{{ warehouse_ml.predict(ref('tumour'), ref('samples')) }}"
ROWS = """
select sample_id, mean_radius + case when sample_id = {changed} then 1e0 else 0e0 end as mean_radius, mean_texture,
    mean_area, mean_concavity
from {{{{ ref('samples') }}}}
where sample_id between {first} and {last}
"""
ADDED_TO = {
    "rows_to_ask": ROWS.format(first=0, last=99, changed=-1),
    "tumour_scores": """
        {{ config(
            materialized='incremental',
            unique_key='sample_id',
            post_hook="{{ warehouse_ml.drop_gone_rows(ref('rows_to_ask'), key='sample_id') }}"
        ) }}

        {{ warehouse_ml.predict(ref('tumour'), ref('rows_to_ask'), outputs=['prediction'], key='sample_id') }}
    """,
    "tumour_explanations": "{{ warehouse_ml.explain(ref('tumour'), ref('rows_to_ask'), k=2) }}",
}
ANOMALY: Mapping[str, Any] = {
    "task": "anomaly",
    "key": "sample_id",
    "split": {"method": "random", "test": 0.3},
    "params": {"n_estimators": 30, "contamination": 0.1},
}
ANOMALIES = {
    "labelled": (
        {**ANOMALY, "label": "is_benign", "positive": 0, "gates": [{"metric": "roc_auc", "min": 0.7}]},
        QUERY,
    ),
    "unlabelled": (
        {**ANOMALY, "gates": [{"metric": "flagged_share", "max": 0.2}]},
        "select * exclude (is_benign) from {{ ref('samples') }}",
    ),
}
CLASSES = "{{{{ warehouse_ml.predict(ref('{}'), ref('samples'), ['prediction', 'predicted_class']) }}}}"


def make(folder: Path) -> Project:
    """Write the project; nothing is built yet."""
    starter = ROOT / "dbt_project"
    shutil.copytree(starter / "macros", folder / "macros")
    shutil.copy(starter / "profiles.yml", folder)
    project = Project(folder)
    install(project)
    write(project, "dbt_project.yml", PROJECT.lstrip())
    write_samples(project)
    declare(project)
    write(project, "models/marts/tumour_predictions.sql", PREDICTIONS)
    return project


def make_several(folder: Path) -> Project:
    """Write the project with two anomaly models beside, and predictions that are added to and explained."""
    project = make(folder)
    for name, (config, query) in ANOMALIES.items():
        declare(project, config, query, name)
        write(project, f"models/marts/{name}_predictions.sql", CLASSES.format(name))
    for name, query in ADDED_TO.items():
        write(project, f"models/marts/{name}.sql", query)
    return project


def declare(
    project: Project, config: Mapping[str, Any] | None = None, query: str = QUERY, name: str = "tumour"
) -> None:
    """Write a model: one SQL file and one YAML block."""
    write(project, f"models/ml/{name}.sql", f"{{{{ config(materialized='ml_model') }}}}\n\n{query}\n")
    block = {"name": name, "config": {"meta": {"ml": dict(config or CONFIG)}}}
    write(project, f"models/ml/{name}.yml", json.dumps({"models": [block]}))  # JSON is YAML


def write_samples(project: Project, rows: int | None = None) -> None:
    """Write the seed, all rows or the first ones."""
    data = datasets.load_breast_cancer()
    positions = [list(data.feature_names).index(name.replace("_", " ")) for name in FEATURES]
    path = project.folder / "seeds/samples.csv"
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sample_id", *FEATURES, "is_benign"])
        values = np.asarray(data.data)[:rows, positions]
        for number, (features, label) in enumerate(zip(values, data.target[:rows], strict=True)):
            writer.writerow([number, *features.tolist(), int(label)])
    types = dict.fromkeys(FEATURES, "double") | {"sample_id": "integer", "is_benign": "integer"}
    seed = {"name": "samples", "config": {"column_types": types}}
    write(project, "seeds/samples.yml", json.dumps({"seeds": [seed]}))


def write(project: Project, path: str, text: str) -> None:
    file = project.folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
