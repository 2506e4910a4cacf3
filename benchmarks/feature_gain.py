"""What select_features and generate_features gain on the flights: flight_delay trained in four ways.

Builds the default project up to the training data of flight_delay in a warehouse of its own; makes more
features of flights and weather by ``generate_features``; and trains the model as it is declared, with and
without them, with and without selection, once with each of `SEEDS`. Prints side by side the number of
features, the mean area under the ROC curve and log loss on the test rows, and the mean seconds: of the query
that makes the features that are added, and of training.

Usage: python benchmarks/feature_gain.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import mean
from time import perf_counter
from typing import Any

import duckdb
import yaml

from training import train

ROOT = Path(__file__).parents[1]
SEEDS = (20130331, 2, 3)
SPINE = (
    *("flight_id", "airline_id", "aircraft_id", "origin_airport_id", "destination_airport_id"),
    "predicted_at",
)
METRICS = ("roc_auc", "log_loss")
GENERATE = """
{%- set departures = {
    'child': ref('fct_flights'),
    'event_at': 'departed_at',
    'known_at': 'departure_known_at',
    'values': {'departure_delay': 'departure_delay_minutes', 'late_share': 'departure_delay_minutes >= 15'},
} -%}
{%- set arrivals = {
    'child': ref('fct_flights'),
    'event_at': 'arrived_at',
    'known_at': 'arrival_known_at',
    'values': {'arrival_delay': 'arrival_delay_minutes', 'air_time': 'air_time_minutes'},
} -%}
{%- set weather = {
    'child': ref('fct_weather_observations'),
    'name': 'weather',
    'keys': {'origin_airport_id': 'airport_id'},
    'event_at': 'observed_at',
    'known_at': 'observation_known_at',
    'values': ['visibility_miles', 'wind_speed_mph', 'pressure_millibars', 'precipitation_inches'],
    'windows': {'6h': '6 hour', '24h': '24 hour'},
} -%}
{{ generate_features(
    spine=ref('flight_delay_spine'),
    at='predicted_at',
    windows={'6h': '6 hour', '3d': '3 day', '28d': '28 day'},
    children=[
        dict(departures, name='departures'),
        dict(departures, name='route_departures', keys=['origin_airport_id', 'destination_airport_id'],
             children=[dict(arrivals, name='arrivals', keys=['aircraft_id'], windows={'24h': '24 hour'})]),
        dict(arrivals, name='arrivals'),
        weather,
    ],
) }}
"""


def dbt(folder: Path, *arguments: str) -> str:
    """Run dbt on a warehouse in a folder and return what it prints."""
    command = [Path(sys.executable).with_name("dbt"), "--quiet", *arguments]
    environment = os.environ | {"WAREHOUSE_PATH": str(folder / "warehouse.duckdb")}
    target = ["--target-path", str(folder / "target")]
    done = subprocess.run([*command, *target], cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"dbt {arguments[0]} failed: mend it before measuring.\n{done.stdout}{done.stderr}")
    return done.stdout


def declared() -> dict[str, Any]:
    """Return the configuration of the model, without its gates."""
    (model,) = yaml.safe_load((ROOT / "models/ml/flight_delay.yml").read_text())["models"]
    return {key: value for key, value in model["config"]["meta"]["ml"].items() if key != "gates"}


def measure(
    connection: duckdb.DuckDBPyConnection, rows: str, config: dict[str, Any]
) -> tuple[int, list[float], float]:
    """Return the number of features, the metrics on the test rows and the seconds of training."""
    (row,) = train(connection.sql(f"from {rows}"), model_name="flight_delay", config=config).to_pylist()
    values = {
        entry["metric"]: entry["value"]
        for entry in row["metrics"]
        if (entry["dataset"], entry["predictor"], entry["slice_column"]) == ("test", "model", None)
    }
    return len(row["signature"]["features"]), [values[name] for name in METRICS], row["training_seconds"]


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        dbt(folder, "build", "-s", "+flight_delay_training")
        query = dbt(folder, "compile", "--inline", GENERATE)
        with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
            started = perf_counter()
            connection.execute(f"create temporary table generated as {query}")
            seconds = perf_counter() - started
            connection.execute(
                "create temporary table more as "
                f"select training.*, generated.* exclude ({', '.join(SPINE)}) "
                "from features.flight_delay_training as training inner join generated using (flight_id)"
            )
            ways = {
                "as declared": ("features.flight_delay_training", False, 0.0),
                "selected": ("features.flight_delay_training", True, 0.0),
                "generated": ("more", False, seconds),
                "generated and selected": ("more", True, seconds),
            }
            print(f"{'':24}{'features':>12}{'roc_auc':>10}{'log_loss':>10}{'made in':>9}{'trained in':>12}")
            for way, (rows, is_selecting, made) in ways.items():
                runs = [
                    measure(connection, rows, {**declared(), "seed": seed, "select_features": is_selecting})
                    for seed in SEEDS
                ]
                features = "/".join(str(number) for number in sorted({run[0] for run in runs}))
                roc_auc, log_loss = (mean(run[1][n] for run in runs) for n in range(2))
                trained = mean(run[2] for run in runs)
                print(f"{way:24}{features:>12}{roc_auc:10.4f}{log_loss:10.4f}{made:9.1f}{trained:12.1f}")


if __name__ == "__main__":
    main()
