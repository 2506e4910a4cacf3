"""The starter with a second feature view, whose rows come late, ahead of time, corrected, and without key or clock."""

from __future__ import annotations

import json
import random
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from project import ROOT, Project, install

START = datetime(2024, 1, 1)
WINDOWS = "{'1h': '1 hour', '1d': '1 day', '1w': '1 week'}"
MEASURES = """{
        'sales': {'count': '*'},
        'known_amounts': {'count': 'amount'},
        'total': {'sum': 'amount'},
        'mean': {'mean': 'amount'},
        'least': {'min': 'amount'},
        'most': {'max': 'amount'},
        'spread': {'std': 'amount'},
        'large_share': {'rate': 'amount >= 50'},
        'last': {'last': 'amount'},
        'since_sale': {'time_since': '*'},
        'since_known': {'time_since': 'amount', 'windows': ['1d']},
    }"""
MODELS = {
    "joined": """{{ warehouse_ml.point_in_time_join(
    spine=ref('instants'),
    at='predicted_at',
    views=[
        ref('sales'),
        {'view': ref('sales'), 'keys': {'other_shop_id': 'shop_id'}, 'prefix': 'other ', 'ttl': '3 hour'},
        {'view': ref('visits'), 'prefix': 'visits_'},
    ]
) }}""",
    "latest": """{{ warehouse_ml.latest_values(
    [ref('sales'), {'view': ref('visits'), 'prefix': 'visits_'}], at="timestamp '2024-01-03 12:00:00'"
) }}""",
    "rolled": f"""{{{{ warehouse_ml.rolling_aggregate(
    relation=ref('visits'), keys='shop_id', at='known_at', measures={MEASURES}, windows={WINDOWS}
) }}}}""",
    "rolled_with_itself": f"""with rolled as (

    {{{{ warehouse_ml.rolling_aggregate(
        relation=ref('visits'), keys='shop_id', at='known_at', measures={MEASURES}, windows={WINDOWS}, with_itself=true
    ) }}}}

)

select * from rolled""",
    "generated": """{{ warehouse_ml.generate_features(
    ref('instants'), 'predicted_at', [{'child': ref('sales'), 'name': 'sales'}], windows={'2h': '2 hour', 'ever': none}
) }}""",
}
CLOCKS = [
    {"name": "event_at", "description": "When."},
    {"name": "known_at", "description": "When it was known."},
]


def _view(name: str, *columns: str) -> dict[str, object]:
    block = {
        "entity": "shop",
        "keys": ["shop_id"],
        "event_at": "event_at",
        "known_at": "known_at",
        "owner": "shops",
    }
    return {
        "name": name,
        "description": f"The {name} of shops.",
        "config": {
            "meta": {"feature_view": block if name == "visits" else {**block, "ttl": "1 day"}},
            "column_types": {
                "shop_id": "varchar", "event_at": "timestamp", "known_at": "timestamp", "amount": "double",
                **({"remark": "varchar"} if "remark" in columns else {}),
            },
        },
        "data_tests": [
            {"warehouse_ml.unique_combination": {"arguments": {"columns": ["shop_id", "event_at", "known_at"]}}}
        ],
        "columns": [
            {"name": "shop_id", "description": "The shop."},
            *CLOCKS,
            *(
                {
                    "name": column, "description": "Said.", "data_type": "double" if column == "amount" else "varchar",
                    "config": {"meta": {"nulls": "unknown"}},
                }
                for column in columns
            ),
        ],
    }  # fmt: skip


def make(folder: Path) -> Project:
    """Copy the starter and add to it; nothing is built yet."""
    ignored = shutil.ignore_patterns("target", "logs", "dbt_packages", "*.duckdb*", "spark-warehouse", ".*")
    shutil.copytree(ROOT / "dbt_project", folder, ignore=ignored, dirs_exist_ok=True)
    project = Project(folder)
    install(project)
    for name, sql in MODELS.items():
        (folder / "models/features" / f"{name}.sql").write_text(f"{sql}\n")
    seeds = [_view("sales", "amount", "remark"), _view("visits", "amount")]
    instants = {
        "name": "instants",
        "config": {
            "column_types": {
                "row_id": "integer", "shop_id": "varchar", "other_shop_id": "varchar", "predicted_at": "timestamp"
            }
        },
    }  # fmt: skip
    joined = {"name": "joined", "columns": [{"name": "row_id", "data_tests": ["unique"]}]}
    (folder / "seeds/events.yml").write_text(json.dumps({"seeds": [*seeds, instants]}))
    (folder / "models/features/events.yml").write_text(json.dumps({"models": [joined]}))
    drawn = random.Random(7)
    for name, columns in (("sales", ("amount", "remark")), ("visits", ("amount",))):
        lines = [",".join(("shop_id", "event_at", "known_at", *columns)), *_events(drawn, len(columns))]
        (folder / "seeds" / f"{name}.csv").write_text("\n".join(lines) + "\n")
    rows = (
        f"{number},{shop},{drawn.choice(['', 'a', 'b', 'c'])},{START + timedelta(minutes=15 * number)}"
        for number, shop in enumerate(drawn.choices(["a", "b", "c", ""], k=300))
    )
    (folder / "seeds/instants.csv").write_text(
        "\n".join(("row_id,shop_id,other_shop_id,predicted_at", *rows)) + "\n"
    )
    return project


def _events(drawn: random.Random, values: int) -> list[str]:
    """Draw events on a grid of half hours, so that instants repeat, no two with the same key and clocks."""
    events: dict[tuple[str, str, str], str] = {}
    for number in range(400):
        at = START + timedelta(minutes=30 * drawn.randrange(150))
        known_at = at + timedelta(minutes=30 * drawn.randrange(-2, 10))
        key = (
            drawn.choice(["a", "b", "c", ""] if number % 10 == 0 else ["a", "b", "c"]),
            "" if number % 29 == 0 else str(at),
            "" if number % 31 == 0 else str(known_at),
        )
        amount = "" if number % 7 == 0 else f"{drawn.uniform(0, 100):.3f}"
        events[key] = ",".join(
            (*key, amount, *(["" if number % 5 == 0 else f"it's {number}"] * (values - 1)))
        )
    return list(events.values())
