"""A warehouse and a manifest with everything that a report can show, made by hand in a few seconds."""

from __future__ import annotations

import json
import math
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import made_versions
import pyarrow as pa
from made_versions import XY, made, measured

import scoring
from training import train

HOSTILE = 'sums "of" <b>/x & y</b> ../名'
"""The name of a model that no file name, address or page may take literally."""
SECRET = "Secret Person"
"""A value of rows that is no slice, and that no page may show."""
ROWS = f"""
    select
        range as id,
        timestamp '2024-01-01' + to_minutes(range * 30) as predicted_at,
        (range * 7919 % 1000) / 100e0 as amount,
        case when range % 11 = 0 then null else (range * 31 % 17)::integer end as visits,
        ['north', 'south', 'east'][1 + (range * 13 % 3)] as region,
        case when range % 3 = 0 then '{SECRET}' else 'customer ' || range % 5 end as customer,
        987654.321 + range as account,
        (range * 7919 % 1000) > 400 + 50 * (range % 7) as is_late
    from range(900)
"""
BLOCK = {
    "task": "binary",
    "label": "is_late",
    "key": "id",
    "time": "predicted_at",
    "slices": ["region"],
    "split": {"method": "sequential", "validation": 0.1, "test": 0.3},
    "estimator": "lightgbm",
    "params": {"num_iterations": 30, "num_leaves": 7, "min_data_in_leaf": 5},
    "gates": [{"metric": "roc_auc", "min": 0.6}],
}
MONITOR = """
    create table monitoring.late_monitor (
        model_schema varchar, model_name varchar, version integer, role varchar,
        slice_column varchar, slice_value varchar, period varchar,
        period_start timestamp, period_end timestamp, row_count bigint, labelled_rows bigint,
        profile struct(
            feature varchar, kind varchar, type varchar, row_count bigint, nulls bigint, non_finite bigint,
            unseen bigint, mean double, stddev double, min double, max double,
            bins struct(bin varchar, lower double, upper double, row_count bigint)[]
        )[],
        drift struct(
            feature varchar, kind varchar, compared_with varchar, reference_start timestamp, row_count bigint,
            reference_rows bigint, psi double, psi_lower double, psi_upper double, js_distance double, ks double,
            wasserstein double, null_share_change double, new_category_share double, empty_bins integer,
            verdict varchar, reason varchar
        )[],
        metrics struct(
            metric varchar, value double, estimate double, estimate_lower double, estimate_upper double
        )[],
        measured_at timestamp, dbt_invocation_id varchar
    )
"""
PERIODS = 10


def make(folder: Path) -> Path:
    """Write the warehouse and the manifest of a project into a folder, and return the warehouse's path."""
    path = folder / "warehouse.duckdb"
    with scoring.connect(path) as connection:
        connection.execute("create schema raw")
        connection.execute(f"create table raw.orders as {ROWS}")
        add_late(connection)
        add_hostile(connection)
        add_quality(connection)
        add_monitor(connection)
        add_runs(connection)
        add_personal_data(connection)
    (folder / "target").mkdir()
    (folder / "target/manifest.json").write_text(json.dumps(manifest()))
    return path


def add_late(connection: duckdb.DuckDBPyConnection) -> None:
    """Add a LightGBM model of which version 1 is live and version 2 is refused."""
    trained = train(connection.sql("select * from raw.orders"), model_name="late", config=BLOCK)
    inputs = [
        {"relation": "raw.orders", "is_raw": True, "reads": [], "fingerprint": "f"},
        {"relation": "late", "is_raw": False, "reads": ["raw.orders"], "fingerprint": None},
    ]
    read = {
        "query": "from raw.orders",
        "cutoff": None,
        "models_sha256": "m",
        "inputs": inputs,
        "problem": None,
    }
    for version in (1, 2):
        row = trained
        for name, value in (
            ("version", version),
            ("training_set", read),
            ("created_at", datetime(2024, 2, version)),
        ):
            index = row.schema.get_field_index(name)
            row = row.set_column(
                index, row.schema.field(name), pa.array([value], row.schema.field(name).type)
            )
        made_versions.add(connection, row, champion=False)
    accepted = verdicts(1, roc_auc=0.81)
    made_versions.decide(connection, "late", 1, decided_at=datetime(2024, 2, 1, 8), gates=accepted)
    made_versions.decide(
        connection,
        "late",
        1,
        action="refuse",
        reason="late@2 fails a gate: roc_auc test min 0.6, observed 0.55",
        newest_version=2,
        decided_at=datetime(2024, 2, 2, 8),
        gates=accepted + verdicts(2, roc_auc=0.55),
    )


def add_hostile(connection: duckdb.DuckDBPyConnection) -> None:
    """Add a model with a name of markup, in a schema of the same kind, which cannot be explained."""
    metrics = [measured("rmse", 2.5), measured("rmse", 3.5, "constant"), measured("rmse", math.nan, "linear")]
    version = made(HOSTILE, 1, signature=XY, estimator="linear_regression", metrics=metrics)
    made_versions.add(connection, version, schema='odd "schema"')


def add_personal_data(connection: duckdb.DuckDBPyConnection) -> None:
    """Record a personal column that a training set was refused for, and one that is masked."""
    connection.execute("""
        create table ml.personal_data as
        select 'raw.orders.customer' as personal_column, * from (values
            ('raw.orders', 'customer', 'source', 'marked', null, true, ['raw.orders.customer']),
            ('ml.late', 'buyer <b>', 'training set', 'derived', 'refused', true,
                ['raw.orders.customer', 'staging.stg_orders.buyer', 'ml.late.buyer <b>']),
            ('marts.orders', 'customer', 'model', 'masked by hash', null, false,
                ['raw.orders.customer', 'marts.orders.customer'])
        ) as t (relation, column_name, kind, method, permission, is_personal, path)
    """)


def add_quality(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create schema monitoring")
    connection.execute(
        """
        create table monitoring.data_quality as
        select
            'build ' || build as build_id, name as table_name, 900 as input_rows, 900 - build as accepted_rows,
            build as quarantined_rows, 1e0 as completeness, 1 - build / 900e0 as accuracy, 1e0 as validity,
            1 - build / 2700e0 as score, 0.01e0 as max_bad_share, 0.99e0 as min_score, false as may_be_empty,
            timestamp '2024-02-01' + to_days(build::integer) as measured_at
        from range(1, 9) as builds (build), unnest(['orders', 'customers']) as names (name)
        """
    )


def add_runs(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create view monitoring.pipeline_runs as
        select
            'run ' || run as dbt_invocation_id, 'build' as command, if(run = 4, 'error', 'success') as status,
            timestamp '2024-02-01' + to_days(run::integer) as started_at, 40 + run * 1.5 as seconds,
            1300000000 + run as peak_memory_bytes
        from range(1, 9) as runs (run);
        create table monitoring.scorecard as
        select
            'run ' || run as dbt_invocation_id, model_name, 30e0 + run as pipeline_latency_seconds,
            0.99e0 as data_quality_score, 1 - run / 50 as reliability, 1300000000 as peak_memory_bytes,
            timestamp '2024-02-01' + to_days(run::integer) as ended_at
        from range(1, 9) as runs (run), unnest([null, 'late']) as models (model_name);
        create view monitoring.resource_forecast as
        select * from (values
            (null, 51e0, 1350000000, 2e0, 1700000000, 'The next run takes 51.0 s; the limit is 45 s.'),
            ('model.shop.late', 22e0, 1300000000, null, null, null)
        ) as forecasts (
            unique_id, predicted_seconds, predicted_memory_bytes, recommended_threads, recommended_memory_bytes, warning
        );
        create table monitoring.retrain_decisions as
        select
            'late' as model_name, 2 as version, '{"max_age": 7}' as policy, run > 5 as is_due,
            'the newest version is ' || run || ' days old' as reason, false as is_trained,
            timestamp '2024-02-01' + to_days(run::integer) as decided_at
        from range(1, 9) as runs (run)
        """
    )


def add_monitor(connection: duckdb.DuckDBPyConnection) -> None:
    """Add ten weeks of a monitor: amount drifts from week 6 on, labels are late, week 3 has too few rows."""
    connection.execute(MONITOR)
    connection.execute(
        f"""
        insert into monitoring.late_monitor
        with weeks as (
            select
                week, role, slice_value, timestamp '2024-02-05' + to_days(7 * week::integer) as period_start,
                if(week = 3, 12, 800 + 10 * week) as row_count
            from range({PERIODS}) as weeks (week),
                (values ('champion', ''), ('champion', 'north'), ('shadow', '')) as groups (role, slice_value)
        ),
        features as (
            select *, feature = 'amount' and week >= 6 as is_drifting
            from (values ('prediction'), ('amount'), ('visits'), ('region')) as names (feature),
                (values ('training'), ('previous')) as others (compared_with), weeks
        ),
        drift as (
            select week, role, slice_value, list({{
                'feature': feature, 'kind': if(feature = 'prediction', 'prediction', 'feature'),
                'compared_with': compared_with, 'reference_start': null, 'row_count': row_count, 'reference_rows': 540,
                'psi': if(week = 3, null, if(is_drifting, 0.4, 0.02) + week / 200),
                'psi_lower': if(week = 3, null, if(is_drifting, 0.3, 0.01)),
                'psi_upper': if(week = 3, null, if(is_drifting, 0.55, 0.08)),
                'js_distance': if(week = 3, null, 0.05), 'ks': null, 'wasserstein': null,
                'null_share_change': 0.01, 'new_category_share': 0, 'empty_bins': 0,
                'verdict': case when week = 3 then 'too few rows' when is_drifting then 'drift' else 'stable' end,
                'reason': if(week = 3, '12 rows, of at least 100', 'psi')
            }}) as drift
            from features group by all
        )
        select
            'ml', 'late', if(role = 'shadow', 2, 1), role,
            if(slice_value = '', null, 'region'), nullif(slice_value, ''), 'week',
            period_start, period_start + interval 7 days, row_count,
            (row_count * greatest(0, 1 - week / 10))::bigint, [], drift, [{{
                'metric': 'roc_auc', 'value': if(week < 8, 0.8 - week / 100, null), 'estimate': 0.79 - week / 100,
                'estimate_lower': 0.76 - week / 100, 'estimate_upper': 0.82 - week / 100
            }}, {{
                'metric': 'log_loss', 'value': if(week < 8, 0.5 + week / 100, null), 'estimate': 0.5 + week / 90,
                'estimate_lower': 0.45 + week / 90, 'estimate_upper': 0.55 + week / 90
            }}],
            timestamp '2024-05-01', 'run-1'
        from weeks inner join drift using (week, role, slice_value)
        """
    )


def verdicts(version: int, **observed: float) -> tuple[dict[str, Any], ...]:
    """Return verdicts on gates that ask for 0.6."""
    return tuple(
        {
            "version": version,
            "metric": metric,
            "dataset": "test",
            "comparison": "min",
            "slice_column": None,
            "slice_value": None,
            "severity": "error",
            "threshold": 0.6,
            "slice_min_rows": 0,
            "observed": value,
            "is_passed": value >= 0.6,
            "left_out": None,
            "is_declared_today": True,
            "is_declared_at_training": True,
            "message": None if value >= 0.6 else f"{metric} on test must be at least 0.6, but is {value}",
        }
        for metric, value in observed.items()
    )


def manifest() -> dict[str, Any]:
    """Return what dbt writes of the two models; one is described, with markup."""
    late = {
        "resource_type": "model",
        "name": "late",
        "alias": "late",
        "schema": "ml",
        "description": "Whether an order comes late.\n<script>alert(1)</script>",
        "config": {
            "meta": {
                "owner": {"name": "delivery team", "email": "delivery@example.com"},
                "intended_use": ["Call customers ahead.", "Plan the next day."],
                "limits": "Not for orders from abroad.",
            }
        },
    }
    return {"metadata": {"project_name": "shop"}, "nodes": {"model.shop.late": late}, "groups": {}}
