"""Live metrics and their estimates: of every task by a monitor, on simulated rows, and in a user's own query."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import own_project
import pyarrow as pa
import pytest
from project import ROOT, Project
from sklearn import metrics as sk

from training.evaluation.metric_macros import render
from training.evaluation.metrics import MACROS

PERIODS, HELD_OUT, LIVE = 40, 3000, 800
"""Simulated versions, each with rows that calibrate it and one period, and as many with drift."""
SPLIT: Mapping[str, Any] = {"method": "sequential", "validation": 0.1, "test": 0.4}
SHARED: Mapping[str, Any] = {"key": "id", "time": "seen_at", "split": SPLIT}
BLOCKS: Mapping[str, Mapping[str, Any]] = {
    "binary": {"task": "binary", "label": "answer", "positive": "yes", "estimator": "logistic_regression"},
    "multiclass": {"task": "multiclass", "label": "kind", "estimator": "logistic_regression"},
    "regression": {
        "task": "regression",
        "label": "amount",
        "weight": "size",
        "estimator": "linear_regression",
    },
    "quantile": {
        "task": "regression",
        "label": "amount",
        "estimator": "lightgbm",
        "params": {"objective": "quantile", "alpha": 0.8, "num_iterations": 20},
    },
    "anomaly": {"task": "anomaly", "label": "is_odd", "params": {"n_estimators": 20, "contamination": 0.1}},
    "clustering": {"task": "clustering", "params": {"clusters": 3}},
}
LABELS = ("answer", "kind", "amount", "is_odd")
OUTPUTS = {
    "multiclass": ("predicted_class", "['predicted_class', 'probabilities']"),
    "clustering": ("predicted_class", "['predicted_class']"),
}
ESTIMATED = {
    "binary": set(MACROS["binary"]),
    "multiclass": set(MACROS["multiclass"]),
    "regression": set(MACROS["regression"]),
    "quantile": {*MACROS["regression"], "pinball"},
    "anomaly": set(),
    "clustering": set(),
}
PAGE = ROOT / "docs" / "live_performance.md"


def seed() -> str:
    random = np.random.default_rng(1)
    x, y = random.normal(size=(2, 1500))
    lines = ["id,seen_at,x,y,size,answer,kind,amount,is_odd"]
    for n in range(1500):
        answer = "yes" if random.random() < 1 / (1 + np.exp(-2 * x[n])) else "no"
        kind = ["late", "on time", "lost"][int(np.argmax(np.array([x[n], y[n], 0]) + random.gumbel(size=3)))]
        amount = 30 + 3 * x[n] + random.normal()
        at = f"2024-03-{1 + n // 75:02d} 08:00:00"
        lines.append(
            f"{n},{at},{x[n]:.6f},{y[n]:.6f},{1 + n % 3},{answer},{kind},{amount:.6f},{int(abs(x[n]) > 2)}"
        )
    return "\n".join(lines) + "\n"


EVERY = {
    "roc_auc": ("chance", sk.roc_auc_score),
    "average_precision": ("chance", sk.average_precision_score),
    "log_loss": ("chance", sk.log_loss),
    "brier": ("chance", sk.brier_score_loss),
    "accuracy": ("chance", lambda y, p: sk.accuracy_score(y, p > 0.5)),
    "f1": ("chance", lambda y, p: sk.f1_score(y, p > 0.5)),
    "mae": ("chance", sk.mean_absolute_error),
    "rmse": ("chance", sk.root_mean_squared_error),
    "r2": ("chance", sk.r2_score),
    "pinball": ("chance", sk.mean_pinball_loss),
    "accuracy_multiclass": ("guess", sk.accuracy_score),
    "f1_macro": ("guess", lambda y, p: sk.f1_score(y, p, average="macro")),
}
"""Macros that a user runs over two columns: what is predicted, and what scikit-learn gives."""
VENDOR = duckdb.sql("""
    select (hash(range) % 3 = 0) as was_late, (hash(range, 'p') % 1000) / 1000 as chance, range % 2 as region,
        (hash(range, 'g') % 2) as guess
    from range(300)
""")


def every_metric() -> str:
    """Return a model with all of them."""
    parts = []
    for macro, (column, _) in EVERY.items():
        argument = "predicted" if column == "guess" else "score"
        call = f"warehouse_ml.{macro}(ref('vendor_scores'), label='cast(was_late as integer)', {argument}='{column}')"
        parts.append(f"select '{macro}' as metric, * from ({{{{ {call} }}}})")
    return " union all ".join(parts)


def files() -> dict[str, str]:
    """Return predictions and a monitor for each model."""
    (example,) = re.findall(r"```sql\n-- (models\S*)\n(.*?)```", PAGE.read_text(), re.DOTALL)
    written = {example[0]: example[1], "models/marts/every_metric.sql": every_metric()}
    for name, block in BLOCKS.items():
        column, outputs = OUTPUTS.get(block["task"], ("prediction", "['prediction']"))
        written[f"models/marts/{name}_scores.sql"] = (
            f"select * from ({{{{ warehouse_ml.predict(ref('{name}'), ref('rows'), outputs={outputs}) }}}})"
        )
        written[f"models/marts/{name}_monitor.sql"] = (
            f"{{{{ config(materialized='ml_monitor') }}}}\nselect * from {{{{ ref('{name}_scores') }}}}"
        )
        monitor = {"model": name, "period": "month", "prediction": column}
        entry = {"name": f"{name}_monitor", "config": {"meta": {"ml_monitor": monitor}}}
        written[f"models/marts/{name}_monitor.yml"] = json.dumps({"models": [entry]})
    for task in ("binary", "multiclass", "regression"):
        written[f"models/marts/simulated_{task}.sql"] = (
            f"{{{{ warehouse_ml._metrics_of_cells('sim.{task}_rows', '{task}', 'sim.{task}_curves') }}}}"
        )
    return written


def simulated(task: str, rows: int, *, has_drifted: bool) -> dict[str, Any]:
    """Return rows of many versions, whose probabilities are off by the same in all of them."""
    random = np.random.default_rng([rows, has_drifted])
    version = np.repeat(np.arange(1, PERIODS + 1), rows)
    if task == "multiclass":
        p = random.dirichlet([1.5, 3, 3] if has_drifted else [4, 1, 1], len(version))
        truth = p**1.4 / (p**1.4).sum(axis=1, keepdims=True)
        names = np.array(["a", "b of c", "d"], dtype=object)
        label = names[(random.random((len(p), 1)) > truth.cumsum(axis=1)).sum(axis=1)]
        named = dict(zip(("pa", "pb", "pc"), p.T, strict=True))
        return {"version": version, "predicted": names[p.argmax(axis=1)], "label": label, **named}
    if task == "binary":
        score = random.beta(*((4, 4) if has_drifted else (2, 5)), len(version))
        odds = 1.3 * np.log(score / (1 - score)) + 0.4
        label = (random.random(len(version)) < 1 / (1 + np.exp(-odds))).astype(float)
    else:
        score = random.normal(20 if has_drifted else 16, 4, len(version)).clip(8, 25)
        label = score + 1 + (0.2 * score) * random.normal(size=len(version))
    return {"version": version, "score": score, "label": label}


def add_simulation(connection: duckdb.DuckDBPyConnection, task: str) -> None:
    probabilities = "map {'a': pa, 'b of c': pb, 'd': pc}"
    held_out = pa.table(simulated(task, HELD_OUT, has_drifted=False))
    live = pa.concat_tables(
        pa.table(simulated(task, LIVE, has_drifted=drifted)).append_column(
            "week", pa.array([int(drifted)] * PERIODS * LIVE)
        )
        for drifted in (False, True)
    )
    connection.register("held_out", held_out)
    connection.register("live", live)
    columns, of = "score", ""
    query = render(
        "_expected_errors" if task == "regression" else "_expected_chances", "held_out", by=["version"]
    )
    if task == "multiclass":
        columns = f"""predicted, {probabilities} as probabilities, probabilities[label] as probability,
            pa * pa + pb * pb + pc * pc as squares"""
        pairs = f"""(select version, each.key as class, each.value as score, (label = each.key)::double as label
            from (select *, unnest(map_entries({probabilities})) as each from held_out))"""
        query, of = render("_expected_chances", pairs, by=["version", "class"]), "|| ' of ' || class"
    connection.execute(f"""
        create table sim.{task}_rows as
        select version, 'champion' as role, timestamp '2024-01-01' + to_days(7 * week) as period_start, {columns},
            label, 1e0 as weight, true as is_finite
        from live
    """)
    connection.execute(f"""
        create table sim.{task}_curves as
        with bins as ({query})
        select version, 'test' as dataset, 'expected' {of} as curve, x, y, threshold from bins
        union all
        select distinct version, 'test', 'expected_rows' {of}, null, effective_rows, threshold from bins
    """)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("tasks")
    blocks = {name: {**SHARED, **block} for name, block in BLOCKS.items()}
    queries = {
        name: f"select * exclude ({', '.join(label for label in LABELS if label != block.get('label'))}) "
        "from {{ ref('rows') }}"
        for name, block in BLOCKS.items()
    }
    vendor = VENDOR.df().to_csv(index=False)
    seeds = {"rows": seed(), "vendor_scores": vendor}
    project = own_project.make(folder, seeds, blocks, queries=queries, files=files())
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute("create schema sim")
        for task in ("binary", "multiclass", "regression"):
            add_simulation(connection, task)
    run = project.build("--exclude", "package:warehouse_ml,resource_type:test")
    assert run.code == 0, run.output
    return project


@pytest.mark.parametrize("name", BLOCKS)
def test_a_monitor_measures_what_training_measures_and_estimates_it(built: Project, name: str) -> None:
    rows = built.query(f"""
        select each.metric, labelled_rows, each.value, each.estimate, each.estimate_lower, each.estimate_upper
        from (select labelled_rows, unnest(metrics) as each from marts.{name}_monitor)
    """)
    entries = {metric: values for metric, *values in rows}
    assert entries.pop("non_finite_scores")[1] == 0
    expected = {"clustering": set(), "quantile": ESTIMATED["quantile"]}.get(
        name, {*MACROS[BLOCKS[name]["task"]]}
    )
    assert entries.keys() == expected
    assert all(rows == 750 or name == "clustering" for rows, *_ in entries.values())
    for metric, (_, value, estimate, lower, upper) in entries.items():
        assert value is not None, metric
        if metric in ESTIMATED[name]:
            assert lower <= estimate <= upper, metric
            assert value == pytest.approx(estimate, abs=max(upper - lower, 0.02)), metric
        else:
            assert (estimate, lower, upper) == (None, None, None), metric


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_an_estimate_is_right_before_and_after_drift_and_its_interval_covers(
    built: Project, task: str
) -> None:
    rows = built.query(f"""
        select
            entry.metric,
            avg(entry.value) filter (where not drifted),
            avg(entry.value) filter (where drifted),
            avg(entry.estimate) filter (where not drifted),
            avg(entry.estimate) filter (where drifted),
            stddev(entry.value),
            avg(is_covered::int) filter (where not drifted),
            avg(is_covered::int) filter (where drifted)
        from (
            select *, entry.value between entry.estimate_lower and entry.estimate_upper as is_covered
            from (select period_start > '2024-01-02' as drifted, unnest(metrics) as entry from marts.simulated_{task})
        )
        where entry.metric <> 'non_finite_scores'
        group by all
    """)
    assert {metric for metric, *_ in rows} == {*MACROS[task]}
    for metric, *means, spread, covered, covered_after in rows:
        before, after, estimated_before, estimated_after = means
        assert estimated_before == pytest.approx(before, abs=0.5 * spread + 0.01 * abs(before)), metric
        if abs(after - before) > spread:
            change = (estimated_after - estimated_before) / (after - before)
            assert 0.6 < change < 1.4, metric
        assert covered >= 0.9, metric
        assert covered_after >= 0.7, metric  # further from the rows that were held out


def test_a_user_runs_the_metric_macros_over_any_table(built: Project) -> None:
    columns = VENDOR.fetchnumpy()
    values = dict(built.query("select metric, metric_value from marts.every_metric"))
    for macro, (column, reference) in EVERY.items():
        expected = reference(columns["was_late"].astype(int), columns[column].astype(float))
        assert values[macro] == pytest.approx(expected, abs=1e-9), macro
    by_region = dict(built.query("select region, metric_value from marts.vendor_accuracy"))
    for region, value in by_region.items():
        rows = columns["region"] == region
        expected = sk.roc_auc_score(columns["was_late"][rows], columns["chance"][rows])
        assert value == pytest.approx(expected, abs=1e-9)
