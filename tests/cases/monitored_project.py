"""A project with one model and two monitors of it, whose rows are made by SQL: a day for each thing that can happen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import own_project
from project import Project

FEATURES = {
    # Uniform numbers from 0 to 1 that depend on the row and on what they are for.
    "amount": "-ln({u} + 1e-9)",
    "pages": "cast(floor({u} * 4) as integer)",
    "flag": "{u} < 0.3",
    "wide": "cast(floor({u} * 1000) as hugeint) * 9007199254740993",
    "seen_at": "timestamp '2020-01-01' + to_seconds(cast(floor({u} * 1e6) as integer))",
    "gust": "case when {u} < 0.1 then {u} * 100 end",
    "region": "case when {u} < 0.5 then 'north' when {u} < 0.8 then 'south' when {u} < 0.97 then 'east' "
    "else 'west ' || cast(floor({u} * 1e9) as bigint) % 90 end",
}
REGION = "case when region like 'west%' then 'west' else region end as region_name"
LABEL = "hash(n, 'label') % 10 + amount > 6 as is_late"
MODEL: dict[str, Any] = {
    "task": "binary",
    "label": "is_late",
    "key": "id",
    "time": "predicted_at",
    "split": {"method": "sequential", "test": 0.2},
    "slices": ["region_name"],
    "estimator": "lightgbm",
    "params": {"num_iterations": 5, "num_leaves": 7},
}
CHANGES = {
    # By day of January 2024: the number of rows, and the columns that are changed.
    1: (1_000, {}),
    2: (1_000_000, {}),
    3: (1_000, {"amount": "amount * 3"}),
    4: (1_000_000, {"amount": "amount * 3"}),
    5: (2_000, {"amount": "amount / 60"}),
    6: (2_000, {"region": "case when n % 20 = 0 then 'abroad' else region end"}),
    7: (2_000, {"region": "case when region = 'south' then 'north' else region end"}),
    8: (1_000, {"amount": "cast(null as double)"}),
    9: (50, {}),
    # There is no row on the tenth.
    11: (1_000, {"amount": "case when n % 2 = 0 then cast('nan' as double) else amount end"}),
    12: (1_000, {"pages": "case when n % 5 = 0 then 99 else pages end"}),
    13: (1_000, {"gust": "cast(null as double)"}),
    14: (1_000, {}),
}
CALM_DAYS = 150
WEEKS = 4
MONTHS = 15


def rows(numbers: str, instant: str) -> str:
    """Return a query of rows with the numbers ``n`` of another, at an instant that may depend on them."""
    columns = ", ".join(f"{sql.format(u=_uniform(name))} as {name}" for name, sql in FEATURES.items())
    return f"select n, 'row ' || n as id, {instant} as predicted_at, {columns} from ({numbers})"


def _uniform(name: str) -> str:
    return f"(hash(n, '{name}') % 1000003 / 1000003e0)"


def changed(day: int) -> str:
    count, columns = CHANGES[day]
    numbers = f"select range as n from range({day * 10_000_000}, {day * 10_000_000 + count})"
    replaced = ", ".join(f"{sql} as {name}" for name, sql in columns.items())
    everything = rows(numbers, f"timestamp '2024-01-{day:02}' + to_seconds(cast(n % 86400 as bigint))")
    return f"select *{f' replace ({replaced})' if replaced else ''} from ({everything})"


def monitor(query: str) -> str:
    """Return a monitor of rows as the model scores them."""
    return f"""
        {{{{ config(materialized='ml_monitor') }}}}
        -- depends_on: {{{{ ref('late') }}}}
        select *, ml_predict('late@1', named) as prediction, 1 as model_version
        from (select *, {REGION} from ({query})) as named
    """


def make(folder: Path) -> Project:
    training = rows("select range as n from range(40000)", "timestamp '2023-01-01' + to_minutes(n)")
    # Many rows on even days, and few on odd ones.
    numbers = f"""select range + 500000000 as n from range({CALM_DAYS * 2000})
        where range // 2000 % 2 = 0 or range % 10 = 0"""
    calm = rows(numbers, "timestamp '2025-01-01' + to_days(cast((n - 500000000) // 2000 as integer))")
    week = rows(
        f"select range + 700000000 as n from range({WEEKS * 7 * 400})",
        "timestamp '2025-01-06' + to_days(cast((n - 700000000) // 400 as integer))",
    )
    more = "case when isodow(predicted_at) > 5 then 4 else 1 end * amount as amount"
    weekends = f"select * replace ({more}) from ({week})"
    month = rows(
        f"select range + 900000000 as n from range({MONTHS * 400})",
        "timestamp '2025-01-02' + to_months(cast((n - 900000000) // 400 as integer))",
    )
    seasons = f"select * replace (month(predicted_at) * amount as amount) from ({month})"
    watch = f"{monitor(' union all '.join(map(changed, CHANGES)))} -- all days\n"
    blocks = [
        {
            "name": name,
            "config": {"meta": {"ml_monitor": {"model": "late", "period": "day", **block}}},
            "data_tests": tests,
        }
        for name, block, tests in (
            (
                "watch",
                {"slices": ["REGION_NAME"]},
                [drifted("warn", features=["gust"]), drifted("warn", features=["wide"])],
            ),
            ("calm", {}, [drifted("error")]),
            ("weekends", {"compare_with": "same_weekday"}, []),
            ("seasons", {"period": "month", "compare_with": "same_month"}, []),
        )
    ]
    return own_project.make(
        folder,
        {"nothing": "n\n1\n"},
        {"late": MODEL},
        queries={"late": f"select * exclude (n), {REGION}, {LABEL} from ({training})"},
        files={
            "models/monitoring/watch.sql": watch,
            "models/monitoring/calm.sql": monitor(calm),
            "models/monitoring/weekends.sql": monitor(weekends),
            "models/monitoring/seasons.sql": monitor(seasons),
            "models/monitoring/monitors.yml": json.dumps({"models": blocks}),
        },
    )


def drifted(severity: str, **arguments: Any) -> dict[str, Any]:
    """Return the generic test with a severity."""
    name = f"drift_{severity}_{'_'.join(arguments.get('features', ['all']))}"
    test = {"name": name, "arguments": {"level": "warn", **arguments}, "config": {"severity": severity}}
    return {"warehouse_ml.has_no_drift": test}
