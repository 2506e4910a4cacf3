"""The defaults against those of LightGBM and of AutoGluon's LightGBM, on many tables of other people.

Each table of `default_tables.py` is divided by a hash of its row number and a seed: 60 % train, 15 %
validation, 25 % test; of large ones `--rows` rows are drawn. On the same matrices are fitted: a constant; a
linear model; LightGBM with its own defaults, on the training rows; LightGBM as AutoGluon has it (up to 10,000
slow iterations stopped by the validation rows, also with extra trees and with large trees, the best on the
validation rows); a block with task, label and key; with `--auto SECONDS` also ``estimator: auto``. Prints the
test loss of each, log loss or root mean squared error, the geometric mean of its ratio to that of LightGBM's
defaults, and on how many tables it is no worse. `--large ROWS` measures a fit of that many rows instead.

Usage: python benchmarks/defaults.py [--seeds 3] [--rows 10000] [--auto SECONDS] [--large ROWS] [TABLE ...]
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from hashlib import md5
from time import perf_counter

import duckdb
import numpy as np
import pandas as pd
from default_tables import TABLES, Table
from numpy.typing import NDArray

from training.data.dataset import Source
from training.data.prepared_rows import Rows
from training.declared.config import parse
from training.estimators import ESTIMATORS
from training.estimators.base import Fitted, Setting
from training.evaluation.baselines import baselines
from training.tuning.objectives import OBJECTIVES
from training.tuning.search import Search

Values = NDArray[np.float64]

PLAIN: Mapping[str, Setting] = {
    "num_iterations": 100,
    "learning_rate": 0.1,
    "min_data_in_leaf": 20,
    "min_data_per_group": 100,
    "bagging_fraction": 1.0,
    "bagging_freq": 0,
    "feature_fraction": 1.0,
    "lambda_l2": 0.0,
}
"""The defaults of LightGBM, where ours differ."""

AUTOGLUON: Mapping[str, Setting] = {
    **PLAIN,
    "num_iterations": 10_000,
    "early_stopping_round": 150,
    "learning_rate": 0.05,
}
AUTOGLUON_SETS: tuple[Mapping[str, Setting], ...] = (
    AUTOGLUON,
    {**AUTOGLUON, "extra_trees": True},
    {**AUTOGLUON, "learning_rate": 0.03, "num_leaves": 128, "feature_fraction": 0.9, "min_data_in_leaf": 3},
)
KINDS = ("constant", "linear", "LightGBM", "AutoGluon", "ours", "auto")
FLOOR = 0.01
"""Added to log losses before they are divided, so that no two nearly perfect models are far apart."""


def read(table: Table, seed: int, most_rows: int, block: Mapping[str, object]) -> Rows:
    """Return the rows of a table, divided."""
    frame = table.read()
    frame = frame.sample(min(len(frame), most_rows), random_state=seed)
    frame["row_number"] = np.arange(len(frame))
    shares = [int(md5(f"{seed} {n}".encode()).hexdigest()[:8], 16) / 2**32 for n in range(len(frame))]
    frame["part"] = pd.cut(shares, [-1, 0.25, 0.4, 1], labels=["test", "validation", "train"]).astype(str)
    split = {"method": "custom", "column": "part"}
    settings = {"task": table.task, "label": table.label, "key": "row_number", "split": split, **block}
    return divided(frame, settings)


def divided(frame: pd.DataFrame, settings: Mapping[str, object]) -> Rows:
    """Return the rows that a block describes."""
    with duckdb.connect() as connection:
        relation = connection.from_df(frame)
        with Source(relation, model_name="benchmark") as source:
            data = source.read(parse(settings, model_name="benchmark"))
    signature = data.signature()
    return Rows(data, signature, data.matrix(signature, model="benchmark"))


def plain(rows: Rows) -> Fitted:
    """Return LightGBM with its own defaults, fitted on the training rows alone."""
    return ESTIMATORS["lightgbm"].fit(replace(rows.request(PLAIN), validation=None))


def as_autogluon(rows: Rows) -> Fitted:
    """Return the best of AutoGluon's settings of LightGBM on the validation rows."""
    fitted = [ESTIMATORS["lightgbm"].fit(rows.request(params)) for params in AUTOGLUON_SETS]
    return min(fitted, key=lambda model: loss(rows, model, "validation"))


def ours(rows: Rows) -> Fitted:
    """Return what the block of the rows asks for."""
    search = Search.of(rows)
    if search is None:
        return ESTIMATORS["lightgbm"].fit(rows.request({}))
    search.run()
    if search.best is None:
        raise TypeError("the first candidate is always fitted")
    return search.best


def loss(rows: Rows, model: Fitted, part: str = "test") -> float:
    """Return the loss of a model."""
    return measured(rows, *rows.predicted(model, part), part)


def measured(rows: Rows, prediction: Values, probabilities: Values | None, part: str = "test") -> float:
    """Return the loss of predictions."""
    objective = next(iter(OBJECTIVES[rows.data.spec.task].values()))
    return objective(rows.data.label[rows.data.parts[part].slice], prediction, probabilities, None)


def losses(table: Table, seed: int, most_rows: int, auto: int) -> dict[str, float]:
    """Return the test loss of every kind."""
    rows = read(table, seed, most_rows, {})
    tested = rows.data.parts["test"].rows  # the last of the rows that are measured
    measures = {
        name: measured(
            rows, *(2 * [values[-tested:]] if table.task == "multiclass" else [values[-tested:], None])
        )
        for name, values in baselines(rows).items()
    }
    fits = {"LightGBM": plain, "AutoGluon": as_autogluon, "ours": ours}
    measures |= {name: loss(rows, fit(rows)) for name, fit in fits.items()}
    if auto:
        block = {"estimator": "auto", "time_budget_seconds": auto}
        measures["auto"] = loss(rows, ours(read(table, seed, most_rows, block)))
    return measures


def compare(tables: list[Table], seeds: int, most_rows: int, auto: int) -> None:
    """Print a line a table, and the means."""
    kinds = KINDS if auto else KINDS[:-1]
    ratios: dict[str, list[float]] = {kind: [] for kind in kinds}
    print(f"{'table':28}{'rows':>8} " + "".join(f"{kind:>11}" for kind in kinds))
    for table in tables:
        runs = [losses(table, seed, most_rows, auto) for seed in range(1, seeds + 1)]
        floor = 0.0 if table.task == "regression" else FLOOR
        for kind in kinds:
            logs = [np.log((run[kind] + floor) / (run["LightGBM"] + floor)) for run in runs]
            ratios[kind].append(float(np.exp(np.mean(logs))))
        means = "".join(f"{np.mean([run[kind] for run in runs]):11.4g}" for kind in kinds)
        print(f"{table.name:28}{len(table.read()):8} {means}", flush=True)
    print("geometric mean of the ratio to LightGBM's defaults; tables on which it is no worse")
    for kind in kinds:
        mean, wins = np.exp(np.mean(np.log(ratios[kind]))), sum(ratio <= 1 for ratio in ratios[kind])
        print(f"  {kind:10} {mean:6.3f}  {wins} of {len(tables)}")
    if auto:
        better = sum(one < other for one, other in zip(ratios["auto"], ratios["ours"], strict=True))
        print(f"auto is better than ours on {better} of {len(tables)}")


def large(count: int) -> None:
    """Print seconds and test loss of one fit of many rows, LightGBM's defaults beside ours."""
    draw = np.random.default_rng(1)
    features = draw.random((count, 10))
    odds = np.sin(6 * features[:, 0]) * features[:, 1] + features[:, 2] * features[:, 3] - features[:, 4]
    frame = pd.DataFrame(features, columns=[f"x{n}" for n in range(10)])
    frame["label"], frame["row_number"] = draw.random(count) < 1 / (1 + np.exp(-4 * odds)), np.arange(count)
    split = {"method": "random", "validation": 0.1, "test": 0.2}
    rows = divided(frame, {"task": "binary", "label": "label", "key": "row_number", "split": split})
    for name, fit in {"LightGBM": plain, "ours": ours}.items():
        started = perf_counter()
        model = fit(rows)
        print(f"{count} rows  {name:10} {perf_counter() - started:7.1f} s  log loss {loss(rows, model):.4f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", help="names as printed; all by default")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--auto", type=int, default=0, metavar="SECONDS")
    parser.add_argument("--large", type=int, default=0, metavar="ROWS")
    arguments = parser.parse_args()
    if arguments.large:
        large(arguments.large)
        return
    chosen = [table for table in TABLES if not arguments.tables or table.name in arguments.tables]
    compare(chosen, arguments.seeds, arguments.rows, arguments.auto)


if __name__ == "__main__":
    main()
