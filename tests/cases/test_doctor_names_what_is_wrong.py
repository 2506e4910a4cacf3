"""`warehouse-ml doctor` on installations and projects that are broken for real: each problem with its fix."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import own_project
import pytest
from ml_project import write
from project import Project

from scoring.doctor import project as checks

CSV = "id,x,is_late\n" + "".join(f"{n},{n * 7 % 11},{n % 2}\n" for n in range(60))
BLOCK = {"task": "binary", "label": "is_late", "key": "id", "split": {"method": "random", "test": 0.2}}
RAW = """sources:
  - name: files
    tables:
      - {name: gone, config: {meta: {external_location: "'files/gone.parquet'"}}}
      - {name: many, config: {meta: {external_location: "'files/*.parquet'"}}}
"""


def doctor(folder: Path, **variables: str) -> tuple[int, str]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "WAREHOUSE_"))
    }
    bin_folder = str(Path(sys.executable).parent)
    done = subprocess.run(
        [sys.executable, "-m", "scoring.cli", "doctor", "--project-dir", str(folder)],
        env={**inherited, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def problems(printed: str) -> dict[str, str]:
    """Return the fix of each problem."""
    lines = printed.splitlines()
    return {
        line.removeprefix("wrong  "): lines[place + 1].removeprefix("  fix  ")
        for place, line in enumerate(lines)
        if line.startswith("wrong")
    }


def test_an_installation_without_a_project(tmp_path: Path) -> None:
    code, printed = doctor(tmp_path)
    assert code == 0 and "no dbt project" in printed and printed.endswith("All is well.\n"), printed


def test_a_broken_installation(tmp_path: Path) -> None:
    """Packages that come first on Python's path: LightGBM without OpenMP, and a tqdm that is too old."""
    packages = tmp_path / "packages"
    (packages / "lightgbm").mkdir(parents=True)
    missing = "libgomp.so.1: cannot open shared object file"
    (packages / "lightgbm/__init__.py").write_text(f"raise OSError({missing!r})\n")
    (packages / "tqdm-1.0.dist-info").mkdir()
    (packages / "tqdm-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: tqdm\nVersion: 1.0\n")
    other = tmp_path / "other"
    other.mkdir()
    (other / "dbt").write_text("#!/bin/sh\n")
    (other / "dbt").chmod(0o755)
    code, printed = doctor(
        tmp_path,
        PYTHONPATH=str(packages),
        PATH=f"{other}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        WAREHOUSE_PATH=str(tmp_path / "gone/shop.duckdb"),
        WAREHOUSE_ML_WAREHOUSE=str(tmp_path / "other.duckdb"),
    )
    assert code == 1
    reported = problems(printed)
    for fact, fix in {
        missing: "libgomp1" if sys.platform == "linux" else "libomp",
        "tqdm is 1.0": "pip install 'tqdm",
        str(other / "dbt"): "activate",
        "WAREHOUSE_PATH names a file in a folder": f"mkdir -p {tmp_path}/gone",
        "name different files": "unset",
    }.items():
        assert [fix in remedy for what, remedy in reported.items() if fact in what] == [True], (fact, printed)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("doctor") / "shop"
    project = own_project.make(folder, {"orders": CSV}, {"late": BLOCK})
    duckdb.connect(str(project.warehouse)).close()
    return project


def test_a_sound_project(project: Project) -> None:
    code, printed = doctor(project.folder)
    assert code == 0 and printed.endswith("All is well.\n"), printed


def test_a_broken_project_has_all_of_its_problems_reported_at_once(project: Project, tmp_path: Path) -> None:
    broken = project.copy_to(tmp_path / "broken")
    broken.replace(
        "profiles.yml",
        "        - module: scoring.plugin\n          alias: warehouse_ml\n",
        "        - {module: excel}\n",
    )
    path = next(path for path in (broken.folder / "models").rglob("*.yml") if "is_late" in path.read_text())
    path.write_text(path.read_text().replace("binary", "binarry"))
    write(broken, "models/usage.sql", "select 1 as id")
    write(broken, "models/usage.yml", "models: [{name: usage, config: {meta: {feature_view: {entity: a}}}}]")
    write(broken, "models/raw.yml", RAW)
    broken.replace(
        "profiles.yml",
        "      plugins: &plugins",
        "      attach: [{path: gone.duckdb, alias: crm, read_only: true}]\n      plugins: &plugins",
    )
    write(broken, ".scores.parquet.partial", "")
    before = {
        path: path.read_bytes()
        for path in broken.folder.rglob("*")
        if path.is_file() and not path.is_symlink() and "target" not in path.parts
    }
    held = f"held = duckdb.connect({str(broken.warehouse)!r})"
    holding = f"import duckdb, sys; {held}; print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holding], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline()
        code, printed = doctor(broken.folder)
        assert holder.stdin is not None
        holder.stdin.close()
    assert code == 1
    reported = problems(printed)
    for fact, fix in {
        "lacks the plugin": "module: scoring.plugin",
        f"process {holder.pid}": "close it",
        "binarry": "correct the YAML",
        "usage: feature_view": "correct the YAML",
        "gone.duckdb": "attach in profiles.yml",
        "files/gone.parquet of the source files.gone": "external_location",
        ".scores.parquet.partial": "rm",
    }.items():
        assert [fix in remedy for what, remedy in reported.items() if fact in what][:1] == [True], (
            fact,
            printed,
        )
    after = {path: path.read_bytes() for path in before}
    assert after == before


def test_packages_of_another_version_and_a_link_that_dangles(project: Project, tmp_path: Path) -> None:
    for name, change, fact, fix in (
        ("old", "old", "version 0.0.9", "dbt deps"),
        ("dangling", "link", "is not there", "warehouse-ml package && dbt deps"),
        ("missing", "none", "not installed in dbt_packages", "dbt deps"),
    ):
        other = project.copy_to(tmp_path / name)
        installed = other.folder / "dbt_packages/warehouse_ml"
        installed.unlink()
        if change == "old":
            installed.mkdir()
            (installed / "dbt_project.yml").write_text("name: warehouse_ml\nversion: 0.0.9\n")
        if change == "link":
            (other.folder / ".warehouse_ml").symlink_to("/gone/scoring/dbt_package")
            write(other, "packages.yml", "packages:\n  - local: .warehouse_ml\n")
        (finding,) = checks.packages(other.folder)
        assert fact in finding.what and fix in finding.fix
