"""What every run of dbt imports and works out anew: imported once, before the processes fork."""

import json
from pathlib import Path
from typing import IO, Any

import dbt.adapters.duckdb.environments.local
import dbt.cli.main
import dbt.task.build
import google.protobuf.descriptor_pb2
import lightgbm
import onnxruntime
import pyarrow.dataset
import sklearn.ensemble
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.relation import DuckDBRelation
from dbt.artifacts.resources.v1 import components, config, model, seed
from dbt.contracts import project, selection
from dbt.contracts.graph import nodes, unparsed
from dbt.contracts.graph.manifest import Manifest
from dbt_common.clients.jinja import template_cache

import scoring.alerts.report
import scoring.plugin
import training.declared.blocks
import training.materialize
import training.retraining

__all__ = ["dbt", "google", "lightgbm", "onnxruntime", "pyarrow", "scoring", "sklearn", "training"]

# dbt validates what it parses by JSON schemas that it derives from these classes, which takes a fifth of a parse.
for described in (
    *(
        components.Contract,
        config.Hook,
        config.NodeConfig,
        config.TestConfig,
        model.ModelConfig,
        seed.SeedConfig,
    ),
    *(nodes.GenericTestNode, nodes.HookNode, nodes.ModelNode, nodes.SeedNode, nodes.SingularTestNode),
    *(
        project.Configuration,
        project.PackageConfig,
        project.ProfileConfig,
        project.Project,
        project.ProjectFlags,
        selection.SelectorFile,
    ),
    DuckDBCredentials,
    *(unparsed.UnparsedMacroUpdate, unparsed.UnparsedModelUpdate, unparsed.UnparsedNodeUpdate),
):
    described.json_schema()
DuckDBRelation.from_dict(DuckDBRelation.create(database="d", schema="s", identifier="i").to_dict())
DuckDBCredentials.from_dict(DuckDBCredentials(database="memory", schema="s").to_dict())
project.ProjectFlags.from_dict(project.ProjectFlags().to_dict())
project.Project.from_dict({"name": "n", "config-version": 2})

# What reads and writes the classes of a manifest is made when it is first called, a second in each process; linting has
# parsed this project, and left one of each class.
PARSED = Path(__file__).parents[2] / "target/partial_parse.msgpack"
if PARSED.exists():
    parsed = Manifest.from_msgpack(PARSED.read_bytes())
    switchable = (parsed.nodes, parsed.sources, parsed.exposures, parsed.unit_tests)
    parsed.disabled = {name: [entry] for kind in switchable for name, entry in kind.items()}
    Manifest.from_msgpack(parsed.to_msgpack())
    kinds = (*switchable, parsed.macros, parsed.docs)
    for kind in kinds:
        for entry in {type(entry): entry for entry in kind.values()}.values():
            entry.to_resource().to_dict(omit_none=False)
    # A macro is compiled when it is first called; those of a small build take a sixth of it.
    for macro in parsed.macros.values():
        template_cache.get_node_template(macro)
    del parsed, switchable, kinds, kind, entry, macro


_as_resource = nodes.Macro.to_resource


def _to_resource(macro: nodes.Macro) -> Any:
    """Return what the method does, once for each macro: most of a manifest, which is written twice, is macros."""
    if "_resource" not in vars(macro):
        vars(macro)["_resource"] = _as_resource(macro)
    return vars(macro)["_resource"]


nodes.Macro.to_resource = _to_resource


def _dump(value: Any, file: IO[str], **options: Any) -> None:
    """Write the same as `json.dump`, which has no way through the encoder in C."""
    file.write(json.dumps(value, **options))


json.dump = _dump  # dbt writes its manifest with it, twice in each run
