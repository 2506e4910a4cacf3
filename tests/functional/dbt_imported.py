"""What every run of dbt imports and works out anew: imported once, before the processes fork."""

import json
from itertools import chain
from pathlib import Path
from typing import IO, Any

import dbt.adapters.duckdb
import dbt.cli.main
import dbt.task.build
import lightgbm
import onnxruntime
import sklearn.ensemble
from dbt.artifacts.resources.v1 import components, config, model, seed
from dbt.contracts import project, selection
from dbt.contracts.graph import nodes, unparsed
from dbt.contracts.graph.manifest import Manifest
from dbt_common.clients.jinja import template_cache

import scoring.plugin
import training.materialize

__all__ = ["dbt", "lightgbm", "onnxruntime", "scoring", "sklearn", "training"]

# dbt validates what it parses by JSON schemas that it derives from these classes, which takes a fifth of a parse.
for described in (
    *(components.Contract, config.NodeConfig, config.TestConfig, model.ModelConfig, seed.SeedConfig),
    *(nodes.GenericTestNode, nodes.HookNode, nodes.ModelNode, nodes.SeedNode, nodes.SingularTestNode),
    *(
        project.Configuration,
        project.PackageConfig,
        project.ProfileConfig,
        project.Project,
        selection.SelectorFile,
    ),
    *(unparsed.UnparsedMacroUpdate, unparsed.UnparsedModelUpdate, unparsed.UnparsedNodeUpdate),
):
    described.json_schema()

# What reads and writes the classes of a manifest is made when it is first called, a second in each process; linting has
# parsed this project, and left one of each class.
PARSED = Path(__file__).parents[2] / "target/partial_parse.msgpack"
if PARSED.exists():
    parsed = Manifest.from_msgpack(PARSED.read_bytes())
    parsed.to_msgpack()
    entries = chain(
        parsed.nodes.values(), parsed.sources.values(), parsed.macros.values(), parsed.docs.values()
    )
    for entry in {type(entry): entry for entry in entries}.values():
        entry.to_resource().to_dict(omit_none=False)
    # A macro is compiled when it is first called; those of a small build take a sixth of it.
    for macro in parsed.macros.values():
        template_cache.get_node_template(macro)
    del parsed, entries, entry, macro


def _dump(value: Any, file: IO[str], **options: Any) -> None:
    """Write the same as `json.dump`, which has no way through the encoder in C."""
    file.write(json.dumps(value, **options))


json.dump = _dump  # dbt writes its manifest with it, twice in each run
