"""SQL of the project's macros, as dbt compiles it in a project of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
STARTER = ROOT / "dbt_project"
PROJECT = """
name: measured
version: 0.1.0
config-version: 2
profile: my_warehouse
flags: {send_anonymous_usage_stats: false}
models: {measured: {+schema: features}}
"""


def compiled(
    models: Mapping[str, str], views: Sequence[Mapping[str, object]] = (), target: str = "dev"
) -> dict[str, str]:
    """Return the SQL of models by name.

    Parameters
    ----------
    models
        The models' text by name, macros and references in it.
    views
        What is declared of those that are feature views, as under ``models`` in a YAML file. Models that
        others refer to are tables of their name in the schema ``features``.
    target
        The target of the starter's profile.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        for path in ("profiles.yml", "macros"):
            copy = shutil.copytree if (STARTER / path).is_dir() else shutil.copy
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            copy(STARTER / path, folder / path)
        (folder / "packages.yml").write_text(f"packages:\n  - local: {ROOT}\n")
        (folder / "dbt_project.yml").write_text(PROJECT)
        (folder / "models" / "features").mkdir(parents=True)
        for model, text in models.items():
            (folder / "models" / "features" / f"{model}.sql").write_text(text)
        declared = json.dumps({"models": list(views)})  # JSON is YAML
        (folder / "models" / "features" / "models.yml").write_text(declared)
        dbt = Path(sys.executable).with_name("dbt")
        for command in (["deps"], ["compile", "--target", target, "-s", *models]):
            subprocess.run([dbt, "--quiet", *command], cwd=folder, check=True, stdout=sys.stderr)
        written = folder / "target" / "compiled" / "measured" / "models" / "features"
        sql = {model: (written / f"{model}.sql").read_text() for model in models}
        return {model: text.replace('"warehouse".', "") for model, text in sql.items()}
