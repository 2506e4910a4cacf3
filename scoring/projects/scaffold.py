"""The files of a new project around its first model."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from scoring.installed_package import DISTRIBUTION, LINK, version
from scoring.projects.files import described_columns, model_files, predictions_name
from scoring.projects.origins import Origin, plain_name
from scoring.projects.proposal import Proposal
from scoring.projects.texts import sentence, value

EXTRAS = "dbt,training,report"
FOLDERS = {"ml": "models/ml", "marts": "models/marts", "models": "models"}
SCHEMA_NAMES = """{#- Schemas carry the configured name alone: `marts`, not `main_marts`.
    custom_schema_name: the node's `schema` config, or none · node: the node's dict. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
"""
SEED = """{#- warehouse-ml loads the seeds and rejects a broken file; dbt asks only the project that is built.
    On Spark the adapter has a materialization of its own, which does the same. -#}
{% materialization seed, adapter='duckdb' %}
    {{ return(warehouse_ml.materialization_seed_duckdb()) }}
{% endmaterialization %}
"""
SPARK = """    # The same project on Apache Spark, with the extra `spark`, in this process; `master` names a cluster.
    spark:
      type: warehouse_ml_spark
      schema: main
      folder: "{{ env_var('SPARK_WAREHOUSE', 'spark-warehouse') }}"
      threads: 2
      plugins: *plugins
"""
IGNORED = (
    ".venv/",
    "dbt_packages/",
    "logs/",
    "package-lock.yml",
    "published/",
    "spark-warehouse/",
    "target/",
    "*.duckdb",
    "*.duckdb.wal",
    ".user.yml",
)


def project_files(proposal: Proposal, project: str) -> dict[str, str]:
    """Return the text of each file of a project, by path; the CSV file of a seed is not among them.

    Parameters
    ----------
    project
        The name of the project.
    """
    origin = proposal.origin
    return {
        "dbt_project.yml": _project(origin, project),
        "profiles.yml": _profile(origin, project),
        "packages.yml": f"packages:\n  # A link to the dbt package of the installed warehouse-ml, made by "
        "`warehouse-ml package`.\n"
        f"  - local: {LINK}\n",
        "requirements.txt": _requirements(),
        ".gitignore": "\n".join((LINK, *IGNORED)) + "\n",
        "macros/generate_schema_name.sql": SCHEMA_NAMES,
        "macros/seed.sql": SEED,
        **(seed_files(proposal, "seeds") if origin.kind == "csv" else _source_files(proposal)),
        **model_files(proposal, ref(origin), FOLDERS),
        "README.md": _readme(proposal),
    }


def ref(origin: Origin) -> str:
    """Return how SQL of the project names the table."""
    if origin.kind == "csv":
        return f"{{{{ ref('{origin.name}') }}}}"
    source = "files" if origin.kind == "parquet" else database(origin)
    return origin.ref or f"{{{{ source('{source}', '{origin.name}') }}}}"


def database(origin: Origin) -> str:
    """Return what the project calls the DuckDB file that the table is in."""
    name = plain_name(origin.path.stem) or "tables"
    return f"{name}_file" if name in ("warehouse", "main", "temp", "system", "files") else name


def project_name(folder: Path) -> str:
    """Return a name for the project in a folder; dbt takes letters, digits and underscores."""
    name = plain_name(folder.resolve().name) or "my_warehouse"
    return f"{name}_project" if name in ("warehouse_ml", "dbt", "dbt_duckdb") else name


def _project(origin: Origin, project: str) -> str:
    text = f"""name: {project}
version: 0.1.0
config-version: 2
require-dbt-version: [">=1.11.0", "<1.12.0"]
profile: {project}

clean-targets: [target, logs, dbt_packages]

flags:
  send_anonymous_usage_stats: false

models:
  {project}:
    ml:
      +schema: ml
    marts:
      +schema: marts
"""
    if origin.kind == "csv":
        text += f"\nseeds:\n  {project}:\n    +schema: raw\n"
    if origin.kind == "parquet":
        path = json.dumps(str(origin.path.resolve()), ensure_ascii=False)
        text += f"\nvars:\n  # Where the file is on this machine.\n  {origin.name}_file: {path}\n"
    return text


def _profile(origin: Origin, project: str) -> str:
    attach = ""
    if origin.kind == "table":
        path = json.dumps(str(origin.path.resolve()))
        attach = f"""      # The tables that are read; nothing is written there.
      attach:
        - {{path: {path}, alias: {database(origin)}, read_only: true}}
"""
    # A file or an attached DuckDB that is read where it is cannot be read by Spark.
    spark = SPARK if origin.kind == "csv" else ""
    return f"""{project}:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: "{{{{ env_var('WAREHOUSE_PATH', 'warehouse.duckdb') }}}}"
      threads: 2
{attach}      # Gives every connection of dbt the SQL function ml_predict.
      plugins: &plugins
        - module: scoring.plugin
          alias: warehouse_ml
{spark}"""


def _requirements() -> str:
    """Return the distribution as it was installed here: from Git by its commit, else by its version."""
    plain = f"{DISTRIBUTION}[{EXTRAS}]=={version()}\n"
    try:
        origin = json.loads(distribution(DISTRIBUTION).read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError):
        return plain
    if "vcs_info" in origin:
        commit = origin["vcs_info"].get("commit_id", "main")
        return f"{DISTRIBUTION}[{EXTRAS}] @ git+{origin['url']}@{commit}\n"
    if origin:
        return (
            "# Installed here from a file: `pip install --find-links <folder of the wheel> -r "
            "requirements.txt` installs it elsewhere.\n" + plain
        )
    return plain


def seed_files(proposal: Proposal, folder: str) -> dict[str, str]:
    """Return the YAML of a seed, by path; the CSV file is not among them."""
    origin = proposal.origin
    delimiter = origin.csv.delimiter if origin.csv is not None else ","
    config = "" if delimiter == "," else f"    config: {{delimiter: {json.dumps(delimiter)}}}\n"
    columns = "".join(described_columns(proposal, "      "))
    text = f"seeds:\n  - name: {origin.name}\n    description: {_described(origin)}\n{config}    columns:\n{columns}"
    return {f"{folder}/{origin.name}.yml": text}


def _described(origin: Origin) -> str:
    return sentence(f"{origin.shown} as it came. One row per row of it.")


def _source_files(proposal: Proposal) -> dict[str, str]:
    """Return the YAML of a source: a file that is read where it is, or a table of an attached file."""
    origin, description = proposal.origin, _described(proposal.origin)
    columns = "".join(described_columns(proposal, "          "))
    if origin.kind == "parquet":
        place = f"{{{{ var('{origin.name}_file') | replace(\\\"'\\\", \\\"''\\\") }}}}"
        head = (
            "  - name: files\n    description: Files that are read where they are.\n    tables:\n"
            f"      - name: {origin.name}\n        description: {description}\n"
            f"        config:\n          meta:\n            external_location: \"'{place}'\"\n"
        )
    else:
        head = (
            f"  - name: {database(origin)}\n    description: {sentence(f'Tables of {origin.path.name}.')}\n"
            f"    database: {database(origin)}\n    schema: {value(origin.schema)}\n    tables:\n"
            f"      - name: {origin.name}\n        identifier: {value(origin.table)}\n"
            f"        description: {description}\n"
        )
    return {f"models/{origin.name}.yml": f"sources:\n{head}        columns:\n{columns}"}


def _readme(proposal: Proposal) -> str:
    name = proposal.name
    left_out = "".join(
        f"| `{column.replace('|', '&#124;')}` | {reason} |\n" for column, reason in proposal.left_out.items()
    )
    table = (
        f"\nColumns that the model does not see:\n\n| column | reason |\n|---|---|\n{left_out}"
        if left_out
        else ""
    )
    split = f"by the time in `{proposal.time}`" if proposal.time else "at random"
    return f"""# {name}

A dbt project, made by `warehouse-ml init`, with a model that predicts `{proposal.label.name}` ({proposal.task})
in {proposal.origin.shown}.

In a virtual environment of Python 3.11 to 3.13:

```console
$ pip install -r requirements.txt
$ warehouse-ml package    # a link to the dbt package that comes with it
$ dbt deps
$ dbt build
$ warehouse-ml models
```

| file | what it is |
|---|---|
| `models/ml/{name}.sql` | the training rows |
| `models/{name}.yml` | what to learn, the gates that a version must meet to score, and descriptions |
| `models/marts/{predictions_name(proposal)}.sql` | every row, scored: table `marts.{predictions_name(proposal)}` |

Rows are divided {split}: 70 % to learn from, 10 % to stop the training on, 20 % to measure on.
{table}
"""
