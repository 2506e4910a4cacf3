"""The lineage site: everything is described, every grain is stated, and a browser shows it."""

import json
import shutil
import subprocess
import sys

import pytest
from project import Project

CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=20000",
]
STRICT_PARSE = """
import sys
from dbt.cli.main import dbtRunner
from dbt.jsonschemas import jsonschemas

jsonschemas._JSONSCHEMA_SUPPORTED_ADAPTERS.add("duckdb")
arguments = ["--no-use-colors", "--warn-error", "--no-partial-parse", "--show-all-deprecations", "parse"]
sys.exit(not dbtRunner().invoke([*arguments, "--target", "lint"]).success)
"""


@pytest.fixture(scope="module")
def site(yesterday: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = yesterday.copy_to(tmp_path_factory.mktemp("site"))
    run = project.dbt("docs", "generate", "--static")
    assert run.code == 0, run.output
    return project


@pytest.fixture(scope="module")
def manifest(site: Project) -> dict:
    return json.loads((site.folder / "target" / "manifest.json").read_text())


def own(manifest: dict, *kinds: str) -> list[dict]:
    nodes = [node for kind in kinds for node in manifest[kind].values()]
    return [node for node in nodes if node["package_name"] == "warehouse_ml"]


def test_every_node_macro_and_argument_is_described(manifest: dict) -> None:
    described = [
        node
        for node in own(manifest, "nodes", "sources", "macros", "exposures")
        if node["resource_type"] not in ("test", "operation")
    ]
    assert len(described) > 60
    silent = [node["unique_id"] for node in described if not node["description"].strip()]
    arguments = [
        f"{macro['unique_id']}.{argument['name']}"
        for macro in own(manifest, "macros")
        for argument in macro["arguments"]
        if not argument["description"].strip()
    ]
    assert silent + arguments == []


def test_every_column_of_the_warehouse_is_described(site: Project, manifest: dict) -> None:
    catalog = json.loads((site.folder / "target" / "catalog.json").read_text())
    relations = {**catalog["nodes"], **catalog["sources"]}
    assert len(relations) > 30
    silent = []
    for unique_id, relation in relations.items():
        node = manifest["nodes"].get(unique_id) or manifest["sources"][unique_id]
        described = {name for name, column in node["columns"].items() if column["description"].strip()}
        silent += [f"{unique_id}.{name}" for name in relation["columns"] if name not in described]
    assert silent == []


def test_every_model_states_its_grain(manifest: dict) -> None:
    models = [node for node in own(manifest, "nodes") if node["resource_type"] in ("model", "seed")]
    assert [model["name"] for model in models if "One row per " not in model["description"]] == []


def test_every_model_has_a_test_of_its_grain(manifest: dict) -> None:
    tested = {
        test["attached_node"]
        for test in own(manifest, "nodes")
        if test["resource_type"] == "test"
        and (test.get("test_metadata") or {}).get("name") in ("unique", "unique_combination")
    }
    models = {node["unique_id"] for node in own(manifest, "nodes") if node["resource_type"] == "model"}
    assert sorted(models - tested) == []


def test_every_mart_and_registry_view_has_an_enforced_contract(manifest: dict) -> None:
    models = [node for node in own(manifest, "nodes") if node["resource_type"] == "model"]
    published = [node for node in models if "marts" in node["fqn"] or "registry" in node["fqn"]]
    assert len(published) > 10
    assert [node["name"] for node in published if not node["config"]["contract"]["enforced"]] == []


def test_yaml_keeps_to_dbts_own_schemas(sources: Project) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STRICT_PARSE], cwd=sources.folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_browser_shows_a_model_with_its_grain_and_columns(site: Project, tmp_path) -> None:
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is not on the PATH; `make test` installs it."
    page = (site.folder / "target" / "static_index.html").as_uri()
    done = subprocess.run(
        [
            chromium,
            *CHROMIUM_FLAGS,
            f"--user-data-dir={tmp_path}",
            "--dump-dom",
            f"{page}#!/model/model.warehouse_ml.flight_delay_predictions",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    shown = done.stdout.split("<body", 1)[1].split("<script", 1)[0]
    for text in ("flight_delay_predictions", "One row per flight.", "model_version", "probability"):
        assert text in shown
