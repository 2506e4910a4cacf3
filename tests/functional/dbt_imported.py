"""What every run of dbt imports and works out anew: imported once, before the processes fork."""

import dbt.adapters.duckdb
import dbt.cli.main
import dbt.task.build
import lightgbm
import onnxruntime
import sklearn.ensemble
from dbt.artifacts.resources.v1 import components, config, model, seed
from dbt.contracts import project, selection
from dbt.contracts.graph import nodes, unparsed

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
