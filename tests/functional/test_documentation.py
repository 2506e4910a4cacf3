"""The lineage site: everything is described, every grain is stated, and a browser shows it."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from browser import WIDE, chromium
from playwright.sync_api import Page
from project import Project

DRAWN = """
[...document.querySelectorAll("canvas")].some(
    canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)
)
"""
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


def test_every_monitoring_model_has_an_example_a_reason_and_a_remedy(manifest: dict) -> None:
    models = {
        node["name"]: node["description"]
        for node in own(manifest, "nodes")
        if node["resource_type"] == "model" and node["path"].startswith("monitoring/")
    }
    assert len(models) > 20
    words = ("*Example.*", "*Reason.*", "*Remedy.*")
    assert {name for name, text in models.items() if not all(word in text for word in words)} == set()


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
    # An ephemeral model stands for a table that hooks write.
    built = [node for node in models if node["config"]["materialized"] != "ephemeral"]
    published = [node for node in built if "marts" in node["fqn"] or "registry" in node["fqn"]]
    assert len(published) > 10
    assert [node["name"] for node in published if not node["config"]["contract"]["enforced"]] == []


def test_yaml_keeps_to_dbts_own_schemas(sources: Project) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STRICT_PARSE], cwd=sources.folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def opened(site: Project) -> Iterator[Page]:
    """The site in a browser, which is to ask nothing of the network."""
    requested: list[str] = []
    with chromium() as browser:
        page = browser.new_page(viewport=WIDE)
        page.on("request", lambda request: requested.append(request.url))
        page.goto((site.folder / "target" / "static_index.html").as_uri())
        yield page
    assert [url for url in requested if not url.startswith(("file:", "data:"))] == []


def show(page: Page, kind: str, name: str, title: str | None = None) -> None:
    """Go to the page of a node."""
    page.evaluate("hash => { location.hash = hash }", f"!/{kind}/{kind}.warehouse_ml.{name}")
    page.locator("h1", has_text=title or name).first.wait_for()


def section(page: Page, name: str) -> str:
    return page.locator(f"#{name}").locator("xpath=..").inner_text()


def way(manifest: dict, start: str, end: str) -> list[str]:
    """Return the names on the shortest way from a node to another, along the edges of the graph."""
    ways, reached = [[start]], {start}
    for nodes in ways:
        if nodes[-1] == end:
            return [manifest["nodes"][node]["name"] for node in nodes]
        for child in manifest["child_map"][nodes[-1]]:
            if child.startswith("model.") and child not in reached:
                reached.add(child)
                ways.append([*nodes, child])
    raise AssertionError(f"no way from {start} to {end}")


def test_a_browser_finds_the_way_from_a_raw_table_to_the_predictions(opened: Page, manifest: dict) -> None:
    start, end = "seed.warehouse_ml.flights", "model.warehouse_ml.flight_delay_predictions"
    show(opened, "seed", "flights")
    names = way(manifest, start, end)
    assert {"fct_flights", "flight_delay_predictions"} < {*names}
    for name in names[1:]:
        links = opened.locator("#referenced_by").locator("xpath=..")
        links.get_by_role("link", name=name, exact=True).click()
        opened.locator("h1", has_text=name).first.wait_for()
    assert "flight_delay" in section(opened, "depends_on")
    opened.get_by_title("View Lineage Graph").click()
    opened.wait_for_function(DRAWN)
    opened.locator("[ng-click='closeGraph()']:visible").first.click()


def test_a_browser_shows_predictions_with_their_grain_and_columns(opened: Page) -> None:
    show(opened, "model", "flight_delay_predictions")
    assert "One row per flight." in section(opened, "description")
    for column in ("flight_id", "probability", "model_version"):
        assert column in section(opened, "columns")


def test_a_browser_reads_a_models_card(opened: Page) -> None:
    show(opened, "model", "flight_delay")
    assert "15 or more minutes late" in section(opened, "description")
    details = section(opened, "details")
    for fact in (
        "flight operations analytics",
        "which passengers to warn",
        "2013 only",
        '"roc_auc","min":0.74',
    ):
        assert fact in details


def test_a_browser_reads_the_reference(opened: Page) -> None:
    opened.evaluate("location.hash = '!/overview/warehouse_ml'")
    opened.get_by_role("link", name="predict", exact=True).last.click()
    opened.locator("h1", has_text="warehouse_ml.predict").wait_for()
    arguments = section(opened, "arguments")
    for argument in ("model", "scored_rows", "outputs", "key", "prefix"):
        assert argument in arguments
    assert "flight_delay_predictions" in section(opened, "referenced_by")
