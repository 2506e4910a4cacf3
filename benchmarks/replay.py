"""Play 2013 month by month: builds as of the first of each month, with a policy that says when the model is trained.

Each build sees what was known at its instant and acts on the decision of the build before. Two more builds begin with
the warehouse of October and plant a fault in November: a feature in hours instead of minutes, and a new carrier. Writes
the tables and the picture of `docs/retraining.md`.

Usage: python benchmarks/replay.py
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import vl_convert
import yaml

ROOT = Path(__file__).parents[1]
PAGE, PICTURE = ROOT / "docs/retraining.md", ROOT / "docs/images/replay.svg"
POLICY: Mapping[str, Any] = {
    "max_age": "100 days",
    "drift": 15,
    "performance": {"metric": "log_loss", "max": 0.5},
}
INSTANTS = [f"2013-{month:02}-01" for month in range(2, 13)] + ["2014-01-01"]
MODEL = "models/ml/flight_delay.yml"
FEATURES = "models/features/flight_delay_features.sql"
PLACE = "{{ all_but(['aircraft_id', 'flight_schedule_age_minutes']) }},"
BEFORE_FAULT, FAULT = "2013-11-01", "2013-12-01"
FAULTS = {
    "scheduled_duration_minutes": "scheduled_duration_minutes / 60",
    "airline_id": "case when hash(flight_id) % 5 = 0 then 'ZZ' else airline_id end",
}
"""What becomes of a feature from November on."""
FAULTS_BEGIN = """Two further builds begin with the warehouse of October and plant a fault in November.
The verdict, and PSI, of the feature in each week of the month:"""

Weeks = list[tuple[str, float, str]]
"""Weeks with PSI and verdict."""


@dataclass(frozen=True)
class Month:
    """What a build left."""

    instant: str
    seconds: float
    facts: dict[str, Any]


def make(folder: Path) -> None:
    """Make a project whose model has the policy; everything else is this one."""
    for name in ("macros", "python_models", "seeds", "tests", "profiles.yml", "dbt_project.yml"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "models", folder / "models")
    if PLACE not in (folder / FEATURES).read_text():
        raise SystemExit(f"{FEATURES} lacks {PLACE}, where faults are planted: name another place.")
    block = yaml.safe_load((folder / MODEL).read_text())
    block["models"][0]["config"]["meta"]["ml"]["retrain"] = dict(POLICY)
    (folder / MODEL).write_text(json.dumps(block))  # JSON is YAML


def build(folder: Path, instant: str, warehouse: Path) -> Month:
    """Build as of an instant; a refused challenger ends the build non-zero and nothing else does.

    The raw tables and what is only cast from them are the same at every instant, and are built once.
    """
    started = time.monotonic()
    built = (
        ("path:models/staging/base", "resource_type:seed", "resource_type:source")
        if warehouse.exists()
        else ()
    )
    done = subprocess.run(
        [
            Path(sys.executable).with_name("dbt"),
            *("build", "--select", "+flight_delay_monitor", "--exclude", "resource_type:test", *built),
            *("--exclude-resource-type", "unit_test"),
            *("--vars", json.dumps({"flights": "full_year", "as_of": instant})),
        ],
        cwd=folder,
        # Threads of OpenMP that wait actively hold up whatever else the machine does.
        env={**os.environ, "WAREHOUSE_PATH": str(warehouse), "OMP_WAIT_POLICY": "passive"},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - started
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        facts = read(connection, instant)
    if done.returncode and facts["decision"] != "refuse":
        raise SystemExit(done.stdout)
    return Month(instant, seconds, facts)


def read(connection: duckdb.DuckDBPyConnection, instant: str) -> dict[str, Any]:
    """Return what the build of an instant left: versions, decisions, the latest periods of the champion."""
    decision = connection.execute(
        "select version, is_trained, is_due, reason from monitoring.retrain_decisions where as_of = ?",
        [instant],
    ).fetchall()[-1]
    champion, action, reason = connection.execute(
        "select version, action, reason from ml.decisions where model_name = 'flight_delay' "
        "order by sequence desc limit 1"
    ).fetchall()[0]
    live = connection.execute(
        """
        with weeks as (
            select period_start, row_count, labelled_rows, metrics, drift,
                dense_rank() over (order by period_start desc) as age
            from monitoring.flight_delay_monitor
            where version = ? and role = 'champion' and slice_column is null and period_start < cast(? as timestamp)
        ),
        entries as (select period_start, age, unnest(metrics) as entry from weeks),
        drifts as (select age, unnest(drift) as entry from weeks)
        select
            (select sum(row_count) from weeks where age <= 5),
            (select sum(row_count - labelled_rows) from weeks where age <= 5),
            (select entry.value from entries where entry.metric = 'log_loss' and isfinite(entry.value)
                order by period_start desc limit 1),
            (select count(distinct entry.feature) from drifts
                where age <= 5 and entry.compared_with = 'training' and entry.verdict = 'drift')
        """,
        [champion, instant],
    ).fetchall()[0]
    names = ("newest", "is_trained", "is_due", "why")
    return {
        **dict(zip(names, decision, strict=True)),
        "champion": champion,
        "decision": action,
        "reason": reason,
        **dict(zip(("scored", "waiting", "log_loss", "drifting"), live, strict=True)),
    }


def verdicts(warehouse: Path, feature: str) -> Weeks:
    """Return week, PSI and verdict of a feature in November, of the champion against its training rows."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(
            """
            with entries as (
                select period_start, unnest(drift) as entry from monitoring.flight_delay_monitor
                where role = 'champion' and slice_column is null and period_start between '2013-11-01' and '2013-11-30'
                qualify version = max(version) over ()
            )
            select strftime(period_start, '%Y-%m-%d'), entry.psi, entry.verdict from entries
            where entry.feature = ? and entry.compared_with = 'training' order by period_start
            """,
            [feature],
        ).fetchall()


def table(months: Sequence[Month]) -> str:
    """Return the months as a Markdown table."""
    head = [
        "build as of",
        "trained",
        "champion",
        "rows scored",
        "labels missing",
        "live log loss",
        "drifting",
    ]
    head.append("next build trains")
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for month in months:
        facts = month.facts
        outcome = "refused" if facts["decision"] == "refuse" else "accepted"
        trained = f"version {facts['newest']}, {outcome}" if facts["is_trained"] else "no"
        loss = "" if facts["log_loss"] is None else f"{facts['log_loss']:.3f}"
        why = f"{'yes' if facts['is_due'] else 'no'}: {facts['why']}"
        champion = "none" if facts["champion"] is None else facts["champion"]
        lines.append(
            f"| {month.instant} | {trained} | {champion} | {facts['scored'] or 0:,} | {facts['waiting'] or 0:,} "
            f"| {loss} | {facts['drifting'] or 0} | {why} |"
        )
    return "\n".join(lines)


def picture(months: Sequence[Month]) -> str:
    """Return the months as SVG: live log loss and drifting features, with the builds that trained."""
    values = [
        {
            "month": month.instant,
            "log loss": month.facts["log_loss"],
            "drifting features": month.facts["drifting"],
            "champion": month.facts["champion"],
            "build": (
                "not trained"
                if not month.facts["is_trained"]
                else "refused"
                if month.facts["decision"] == "refuse"
                else "new champion"
            ),
        }
        for month in months
    ]
    colour = {
        "field": "build",
        "scale": {
            "domain": ["new champion", "refused", "not trained"],
            "range": ["#1a7f37", "#cf222e", "#8c959f"],
        },
    }

    def row(field: str, zero: bool) -> dict[str, Any]:
        x = {"field": "month", "type": "ordinal", "title": None, "axis": {"labelAngle": -40}}
        y = {"field": field, "type": "quantitative", "scale": {"zero": zero}}
        return {
            "width": 640,
            "height": 150,
            "layer": [
                {"mark": {"type": "line", "color": "#8c959f"}, "encoding": {"x": x, "y": y}},
                {
                    "mark": {"type": "point", "filled": True, "size": 90},
                    "encoding": {"x": x, "y": y, "color": colour},
                },
            ],
        }

    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "white",
        "data": {"values": values},
        "vconcat": [
            row(field, zero)
            for field, zero in (("log loss", False), ("drifting features", True), ("champion", True))
            if any(each[field] is not None for each in values)
        ],
    }
    return str(vl_convert.vegalite_to_svg(spec))


def faults_table(faults: Sequence[tuple[str, Month, Weeks, Weeks]]) -> str:
    """Return the faults as a Markdown table: weeks without and with each, and what the build decided."""
    lines = ["| fault in November | without it | with it | next build trains |", "|---|---|---|---|"]
    for feature, month, *both in faults:
        without, broken = (
            ", ".join(f"{verdict} ({psi or 0:.2f})" for _, psi, verdict in weeks) for weeks in both
        )
        lines.append(f"| `{feature}`: `{FAULTS[feature]}` | {without} | {broken} | {month.facts['why']} |")
    return "\n".join(lines)


def replace(page: str, name: str, text: str) -> str:
    """Replace what stands between two marks of the page."""
    begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
    head, rest = page.split(begin)
    return f"{head}{begin}{text}{end}{rest.split(end)[1]}"


def main() -> None:
    """Play the year, plant the faults and write the page."""
    months, faults = [], []
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make(folder)
        warehouse = folder / "warehouse.duckdb"
        for instant in INSTANTS:
            months.append(build(folder, instant, warehouse))
            print(f"{instant}: {months[-1].seconds:.0f} s {months[-1].facts}", flush=True)
            if instant == BEFORE_FAULT:
                shutil.copy(warehouse, folder / "before.duckdb")
            if instant == FAULT:
                quiet = {feature: verdicts(warehouse, feature) for feature in FAULTS}
        features = folder / FEATURES
        sound = features.read_text()
        for feature, expression in FAULTS.items():
            changed = f"case when predicted_at >= '{BEFORE_FAULT}' then {expression} else {feature} end as {feature}"
            features.write_text(sound.replace(PLACE, f"{PLACE[:-1]} replace ({changed}),"))
            broken = folder / "warehouse.duckdb"
            shutil.copy(folder / "before.duckdb", broken)
            month = build(folder, FAULT, broken)
            faults.append((feature, month, quiet[feature], verdicts(broken, feature)))
            print(f"{feature}: {month.seconds:.0f} s {month.facts} {faults[-1][2:]}", flush=True)
    PAGE.write_text(
        replace(PAGE.read_text(), "replay", f"{table(months)}\n\n{FAULTS_BEGIN}\n\n{faults_table(faults)}")
    )
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(months))
    print(f"{(time.monotonic() - started) / 60:.1f} minutes")


if __name__ == "__main__":
    main()
