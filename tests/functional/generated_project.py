"""A project with visits to shops, orders of their customers, and features generated from both."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from project import ROOT, Project, install, profile

PROJECT = """
name: shops
version: 0.1.0
config-version: 2
profile: shops
flags: {send_anonymous_usage_stats: false}
models: {shops: {+materialized: table, +schema: shops}}
"""
MODELS = {
    "shops": "select 's' || i as shop_id from range(6) as rows (i)",
    # Up to three versions of a visit, known hours apart; some keys, instants and values are null.
    "visits": """
        select
            i as visit_id,
            case when hash(i) % 20 > 0 then 's' || hash(i + 1000) % 6 end as shop_id,
            'c' || hash(i + 2000) % 9 as customer_id,
            case when hash(i + 3000) % 40 > 0
                then timestamp '2024-01-01' + (hash(i + 4000) % 1000 * 10) * interval 1 minute
            end as event_at,
            event_at + (hash(i + 5000 + version) % 3 * 20 + version * 170) * interval 1 minute as known_at,
            case when hash(i + 6000 + version) % 7 > 0
                then hash(i + 7000 + version) % 1000 / 7e0
            end as minutes,
            hash(i + 8000) % 3 = 0 as is_paid
        from range(600) as rows (i), range(3) as versions (version)
        where version <= hash(i + 9000) % 3
    """,
    "orders": """
        select
            'c' || hash(i) % 9 as customer_id,
            timestamp '2024-01-01' + (hash(i + 100) % 10000) * interval 1 minute as event_at,
            event_at + hash(i + 200) % 90 * interval 1 minute as known_at,
            (hash(i + 300) % 500)::integer as amount
        from range(300) as rows (i)
    """,
    "spine": """
        select
            i as row_id,
            case when i % 25 > 0 then 's' || hash(i) % 7 end as shop_id,
            timestamp '2024-01-02' + (i * 15) * interval 1 minute as predicted_at
        from range(480) as rows (i)
    """,
    "known_visits": "select * from {{ ref('visits') }} where known_at <= timestamp '2024-01-05'",
    "known_orders": "select * from {{ ref('orders') }} where known_at <= timestamp '2024-01-05'",
    "generated": """{{ warehouse_ml.generate_features(
        spine=ref('spine'),
        at='predicted_at',
        windows={'6h': '6 hour', '3d': '3 day', 'ever': none},
        children=[{
            'child': ref('visits'), 'name': 'visits', 'keys': 'shop_id', 'id': 'visit_id',
            'event_at': 'event_at', 'known_at': 'known_at',
            'values': {'minutes': 'minutes', 'paid': 'is_paid'},
        }]
    ) }}""",
    "days": "select distinct shop_id, cast(predicted_at as date) as on_date from {{ ref('spine') }}",
    "visit_days": """
        select shop_id, cast(event_at as date) as event_date, cast(known_at as date) as known_date
        from {{ ref('visits') }}
    """,
    "daily": """{{ warehouse_ml.generate_features(ref('days'), 'on_date', [{
        'child': ref('visit_days'), 'name': 'visits', 'keys': 'shop_id',
        'event_at': 'event_date', 'known_at': 'known_date', 'values': [],
    }]) }}""",
    "related": "{{ warehouse_ml.generate_features(ref('spine'), 'predicted_at', [ref('visit_view')]) }}",
    "visit_view": "select shop_id, event_at, known_at, minutes, 'x' as note from {{ ref('visits') }}",
}
DEEP = """{{ warehouse_ml.generate_features(
    spine=ref('spine'),
    at='predicted_at',
    windows={'2d': '2 day'},
    children=[{
        'child': ref('VISITS'), 'name': 'visits', 'keys': ['shop_id'], 'id': 'visit_id',
        'event_at': 'event_at', 'known_at': 'known_at', 'values': ['minutes'],
        'children': [{
            'child': ref('ORDERS'), 'name': 'orders', 'keys': ['customer_id'],
            'event_at': 'event_at', 'known_at': 'known_at', 'values': ['amount'],
        }],
    }]
) }}"""
# As a project does for an engine of its own: models named portable take the form for any engine.
PORTABLE = """
{% macro duckdb___join_state(step, state, alias, keys) -%}
    {%- set form = 'default___join_state' if model.name.endswith('_portable') else 'duckdb___join_state' -%}
    {{ warehouse_ml[form](step, state, alias, keys) }}
{%- endmacro %}
"""
NONE_YET = {"meta": {"nulls": "none yet"}}
VIEW = {
    "name": "visit_view",
    "config": {
        "meta": {
            "feature_view": {
                "entity": "shop",
                "keys": ["shop_id"],
                "event_at": "event_at",
                "known_at": "known_at",
                "owner": "shop analysts",
            }
        }
    },
    "columns": [
        {
            "name": "shop_id",
            "description": "The shop.",
            "data_tests": [{"relationships": {"arguments": {"to": "ref('shops')", "field": "shop_id"}}}],
        },
        {"name": "event_at", "description": "When the visit began."},
        {"name": "known_at", "description": "When it was recorded."},
        {"name": "minutes", "data_type": "double", "description": "How long it took.", "config": NONE_YET},
        {"name": "note", "data_type": "varchar", "description": "A remark.", "config": NONE_YET},
    ],
}


def make(folder: Path) -> Project:
    """Write the project; nothing is built yet."""
    project = Project(folder)
    (folder / "models").mkdir(parents=True)
    shutil.copytree(ROOT / "dbt_project" / "macros", folder / "macros")
    (folder / "macros/portable.sql").write_text(PORTABLE)
    (folder / "dbt_project.yml").write_text(PROJECT)
    (folder / "profiles.yml").write_text(profile("shops"))
    install(project)
    deep = {
        "deep": DEEP,
        "deep_known": DEEP.replace("VISITS", "known_visits").replace("ORDERS", "known_orders"),
    }
    deep["deep"] = DEEP.replace("VISITS", "visits").replace("ORDERS", "orders")
    deep["deep_portable"] = deep["deep"]
    deep["generated_portable"] = MODELS["generated"]
    for name, sql in {**MODELS, **deep}.items():
        (folder / "models" / f"{name}.sql").write_text(f"{sql.strip()}\n")
    spine = {"name": "spine", "columns": [{"name": "row_id"}, {"name": "shop_id"}, {"name": "predicted_at"}]}
    (folder / "models" / "models.yml").write_text(json.dumps({"models": [VIEW, spine]}))
    return project
