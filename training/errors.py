"""Errors of training: one class per situation, its wording in class methods."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Self

from scoring.errors import WarehouseMLError, hint, listed
from training.reasons import reason_of

LIBRARIES = {"duckdb": "DuckDB", "_duckdb": "DuckDB", "lightgbm": "LightGBM", "sklearn": "scikit-learn"}
LIBRARIES |= {"optuna": "Optuna", "onnx": "ONNX", "onnxruntime": "onnxruntime", "pyarrow": "Arrow"}
"""The names of the libraries that take part in training, by the module of their errors."""

MOST_COLUMNS = 10
"""How many columns an error describes."""
MOST_OF_A_REASON = 500
"""Characters; some libraries report with the whole of their input."""


def _numbered(problems: Sequence[str]) -> str:
    """Return the problems, one per line when there are several."""
    return (
        problems[0]
        if len(problems) == 1
        else "".join(f"\n  {n}. {text}" for n, text in enumerate(problems, 1))
    )


class ConfigError(WarehouseMLError):
    """A model's configuration breaks its rules."""

    @classmethod
    def from_problems(cls, model_name: str, problems: Sequence[str]) -> Self:
        """Report everything that is wrong with the block."""
        count = f"{len(problems)} problem" + ("s" if len(problems) > 1 else "")
        return cls(f"Model '{model_name}' has {count} under config: meta: ml: {_numbered(problems)}")

    @classmethod
    def fitted_already(cls, model_name: str, keys: Sequence[str]) -> Self:
        """Report the keys that say how to fit a model that the user's own code has fitted."""
        return cls.from_problems(
            model_name,
            [
                f"{listed(keys)} {'conflicts' if len(keys) == 1 else 'conflict'} with the fitted model that the Python "
                f"file returns; remove {'it' if len(keys) == 1 else 'them'}, or return the training rows alone."
            ],
        )

    @classmethod
    def without_block(cls, model_name: str) -> Self:
        """Report that nothing declares the model."""
        return cls(
            f"Model '{model_name}' has no block config: meta: ml:, which says what to train; write it in a "
            f"YAML file under `- name: {model_name}`; an entry under another name, such as a misspelt one, "
            "does not count."
        )


class DatasetError(WarehouseMLError):
    """The training data breaks its rules."""

    @classmethod
    def from_problems(cls, model_name: str, problems: Sequence[str]) -> Self:
        """Report everything that is wrong with the data."""
        count = f"{len(problems)} problem" + ("s" if len(problems) > 1 else "")
        return cls(f"Model '{model_name}' has {count} in its training data: {_numbered(problems)}")


class QueryError(WarehouseMLError):
    """A training query that DuckDB cannot run."""

    @classmethod
    def refused(cls, model_name: str, reason: str) -> Self:
        """Report what DuckDB says of the query."""
        return cls(
            f"Model '{model_name}' cannot read its training data: DuckDB must be able to run the query, but "
            f"says: {' '.join(reason.split())}; correct the query, which `dbt show --select {model_name}` "
            "runs alone."
        )


class PythonModelError(WarehouseMLError):
    """A dbt Python model that gives no training rows."""

    @classmethod
    def failed(cls, model_name: str, error: Exception) -> Self:
        """Report the error of the user's own code."""
        reason = reason_of(error)[:MOST_OF_A_REASON] or "no reason given"
        return cls(
            f"Model '{model_name}' was not trained: its Python file ends in {type(error).__name__}: {reason}; correct "
            "the file; the log file of dbt has the traceback."
        )

    @classmethod
    def no_rows(cls, model_name: str, kind: str, *, has_model: bool) -> Self:
        """Report what the function returns in place of rows."""
        beside = " after the fitted model" if has_model else ""
        return cls(
            f"Model '{model_name}' was not trained: its function model returns {kind}{beside}; it must return the "
            "training rows as a DuckDB relation, an Arrow table or a data frame, or a fitted model with its rows: "
            "return [fitted, rows]."
        )


class PlaceError(WarehouseMLError):
    """A model whose place in the warehouse is taken."""

    @classmethod
    def taken(cls, relation: str, missing: Sequence[str]) -> Self:
        """Report that a relation with the model's name holds something else than versions."""
        return cls(
            f"The model cannot be stored: {relation} is not a table of model versions, as it lacks the columns "
            f"{listed(missing[:5])}; rename the model, or drop or rename that relation."
        )


class TrainingError(WarehouseMLError):
    """A training that ended in an error that no rule of ours foresees."""

    @classmethod
    def unforeseen(cls, model_name: str, error: Exception) -> Self:
        """Name the library, where it is one that the user knows, and what it reports."""
        module = type(error).__module__.partition(".")[0]
        source = LIBRARIES.get(module, type(error).__name__)
        reason = reason_of(error)[:MOST_OF_A_REASON] or "no reason given"
        return cls(
            f"Model '{model_name}' was not trained: {source} reports: {reason}; change the query or the "
            "model's block so that it can be trained; the log file of dbt has the traceback."
        )


class ExportError(WarehouseMLError):
    """A trained model that cannot be written as ONNX exactly."""

    @classmethod
    def not_exact(cls, feature: str, part: str, remedy: str) -> Self:
        """Report which part of the model has no exact form."""
        return cls(
            "The model cannot be exported: its ONNX form must give the same scores as the library, which is "
            f"not ensured for {feature}, and the model has {part}; {remedy}."
        )


class ParityError(WarehouseMLError):
    """An artifact whose scores are not those of the model it was exported from."""

    @classmethod
    def scores_differ(cls, model_name: str, where: str, differing: int, rows: int, example: str) -> Self:
        """Report on how many rows the scores differ, and show the first."""
        return cls(
            f"Model '{model_name}' is refused: its scores from {where} must equal the library's, but "
            f"differ on {differing} of {rows} rows, first {example}; this is a defect of the export, of the "
            "installed onnxruntime or, where only SQL differs, of the installed duckdb: report it with these "
            "numbers and install another version."
        )


class EstimatorError(WarehouseMLError):
    """An estimator that cannot learn from what it is given."""

    @classmethod
    def class_without_rows(cls, estimator: str, missing: Sequence[str]) -> Self:
        """Report which classes have no training row."""
        return cls(
            f"Estimator '{estimator}' cannot be fitted: every class must occur in the training rows, but "
            f"{listed(missing)} is only in others; widen the query's period or split the rows another way."
        )

    @classmethod
    def without_drawn_rows(cls, estimator: str, key: str, share: float, rows: int) -> Self:
        """Name the setting that leaves a tree no rows, and the least that leaves one."""
        least = math.ceil(1000 / rows) / 1000
        return cls(
            f"Estimator '{estimator}' cannot be fitted: {key} is {share:g} and must leave every tree a row, "
            f"but there are {rows} training rows; write at least {key}: {least:g}, or train on more rows."
        )

    @classmethod
    def no_file(cls, path: str) -> Self:
        """Report that there is no file to bring."""
        return cls(
            f"Estimator 'onnx' finds no file '{path}': params key 'file' is the path of an ONNX file, "
            "relative to the project; correct the path or put the file there."
        )

    @classmethod
    def file_takes_no_text(cls, file: str, features: Sequence[str]) -> Self:
        """Report which features are text."""
        return cls(
            f"ONNX file '{file}' cannot be used: its one input is a matrix, which takes numbers, booleans and "
            f"instants, but {listed(features)} is text; turn it into numbers in the query, as was done for the file, "
            "or export the model with one input per column."
        )

    @classmethod
    def other_inputs(cls, file: str, features: Sequence[str], inputs: Sequence[str]) -> Self:
        """Report inputs that are not those of the features."""
        return cls(
            f"ONNX file '{file}' cannot be used: it must have or be one input, a float or double matrix of "
            f"{len(features)} columns, one per feature, or an input for each feature, called like it; the features are "
            f"{listed(features)}, but its inputs are {listed(inputs)}; correct the query or export the model anew."
        )

    @classmethod
    def other_type(cls, file: str, feature: str, kind: str, found: str) -> Self:
        """Report an input of another type than its feature."""
        asked = "string" if kind == "category" else "float, double, int64, int32 or bool"
        return cls(
            f"ONNX file '{file}' cannot be used: feature '{feature}' is a {kind}, so that its input must be one column "
            f"of {asked}, but it is {found}; cast the column in the query or export the model anew."
        )

    @classmethod
    def file_without_null(cls, file: str, feature: str, found: str) -> Self:
        """Report an input that cannot be null, of a feature that can."""
        return cls(
            f"ONNX file '{file}' cannot be used: input {found} has no missing value, but feature '{feature}' may be "
            f"null; say what null is, for example features: {{{feature}: {{nulls: error}}}}, or export it as float."
        )

    @classmethod
    def other_classes(cls, file: str, labels: Sequence[str], classes: Sequence[str]) -> Self:
        """Report classes that are not those of the label."""
        return cls(
            f"ONNX file '{file}' cannot be used: its classes are {listed(labels)}, but those of the label are "
            f"{listed(classes)}; correct label or positive in the block, or the query."
        )

    @classmethod
    def file_without_threshold(cls, file: str) -> Self:
        """Report that nothing says what an anomaly is."""
        return cls(
            f"ONNX file '{file}' cannot be used: task anomaly needs the score above which a row is an "
            "anomaly, but it is missing; write params: {threshold: <number>}."
        )

    @classmethod
    def fixed_batch(cls, file: str, name: str, size: int) -> Self:
        """Report a model that takes or gives a certain number of rows."""
        return cls(
            f"ONNX file '{file}' cannot be used: the first axis of input '{name}' is fixed to {size}, but "
            "must take any number of rows; export the model with a dynamic batch axis."
        )

    @classmethod
    def depends_on_batch(cls, file: str, size: int, larger: int) -> Self:
        """Report a model that scores a row by the rows beside it."""
        return cls(
            f"ONNX file '{file}' cannot be used: a row's score must not depend on the rows beside it, but "
            f"the first rows score otherwise in a batch of {size} than of {larger}; export it for inference."
        )

    @classmethod
    def file_unusable(cls, file: str, expected: str, actual: str) -> Self:
        """Report what the file must be."""
        return cls(
            f"ONNX file '{file}' cannot be used: it must have or be {expected}; found {actual}; export the model "
            "anew or correct the query."
        )


class PersonalDataError(WarehouseMLError):
    """Personal data where none may be unless it is allowed by name."""

    @classmethod
    def not_allowed(cls, kind: str, name: str, columns: Sequence[tuple[str, Sequence[str], str]]) -> Self:
        """Report the columns, each with the way it took and how its values came."""
        shown = ", ".join(
            f"{column} ({_way(path)}{'' if how in ('marked', 'copied') else f', {how}'})"
            for column, path, how in columns[:MOST_COLUMNS]
        )
        more = f" and {len(columns) - MOST_COLUMNS} more" if len(columns) > MOST_COLUMNS else ""
        names = ", ".join(column for column, *_ in columns)
        return cls(
            f"{kind} '{name}' must hold no personal data that is not allowed by name, but has {shown}{more}: leave "
            f"{'it' if len(columns) == 1 else 'them'} out, mask with mask(), allow by name with "
            f"allow_pii: [{names}] in the block or, where no personal value is left in a column, mark it "
            "meta: {pii: false}."
        )

    @classmethod
    def unknown_column(cls, kind: str, name: str, missing: Sequence[str], known: Sequence[str]) -> Self:
        """Report names that no column has, so that they allow nothing."""
        return cls(
            f"{kind} '{name}' allows personal data by allow_pii in {listed(missing)}, which its query does not give: "
            f"its columns are {listed(known)}; correct or remove the name.{hint(missing[0], known)}"
        )

    @classmethod
    def not_checked(cls, name: str, reason: str) -> Self:
        """Report that nothing is known of what a model's query reads."""
        return cls(f"Training set of model '{name}' cannot be checked for personal data: {reason}.")

    @classmethod
    def not_followed(cls, kind: str, name: str, inputs: Sequence[str], language: str) -> Self:
        """Report the personal columns that are read by what cannot be followed."""
        what = "Python file" if language == "python" else "query"
        names = ", ".join(column.rpartition(".")[2] for column in inputs)
        return cls(
            f"{kind} '{name}' must hold no personal data that is not allowed by name, and what its {what} makes of "
            f"{listed(inputs)} cannot be followed: read a model that leaves it out or masks it with mask(), or allow "
            f"it by name with allow_pii: [{names}] in the block."
        )


def _way(path: Sequence[str]) -> str:
    return " → ".join(path if len(path) == 1 else path[:-1])


class LineageError(WarehouseMLError):
    """A training query whose origin cannot be told; the version keeps the sentence, and training goes on."""

    @classmethod
    def no_dbt(cls) -> Self:
        """Report that nothing is known of what the query reads."""
        return cls(
            "it was trained outside of dbt, which knows what a training query reads; train it in a build"
        )

    @classmethod
    def from_memory(cls) -> Self:
        """Report rows that no query gives."""
        return cls(
            "its Python file returns a data frame or an Arrow table, which no query gives again; return a DuckDB "
            "relation to keep the query"
        )

    @classmethod
    def not_in_graph(cls, model_name: str) -> Self:
        """Report that dbt has no such model."""
        return cls(f"dbt knows no model '{model_name}' in that schema; give the model the name of its node")

    @classmethod
    def own_rows(cls, model: str) -> Self:
        """Report which model cannot be computed from raw tables."""
        return cls(
            f"the model '{model}', which it reads, reads its own rows, so that no query gives them again; let it "
            "read what they are made of and train again"
        )

    @classmethod
    def not_built(cls, relation: str, reason: str) -> Self:
        """Report which relation is not there."""
        first = reason.splitlines()[0]
        return cls(
            f"{relation}, which it reads, could not be read; DuckDB says: {first}; build it and train again"
        )

    @classmethod
    def not_compiled(cls, reason: str) -> Self:
        """Report what dbt says."""
        said = " ".join(reason.split())
        return cls(
            f"dbt could not compile what it reads by itself and says: {said}; mend that and train again"
        )


class CompiledProjectError(WarehouseMLError):
    """A project that cannot be trained from what dbt compiled."""

    @classmethod
    def missing(cls, path: str) -> Self:
        """Report the file that is not there."""
        return cls(f"{path} is missing: models are trained from a compiled project; run dbt compile first.")

    @classmethod
    def unreadable(cls, path: str) -> Self:
        """Report a file that is no manifest."""
        return cls(f"{path} is not a manifest of dbt: run dbt compile again, which writes it.")

    @classmethod
    def not_compiled(cls, model: str) -> Self:
        """Report a model that was parsed only."""
        return cls(f"Model '{model}' has no compiled query: the project was parsed only; run dbt compile.")

    @classmethod
    def other_database(cls, model: str, compiled_for: str, here: str) -> Self:
        """Report a warehouse of another name."""
        return cls(
            f"Model '{model}' was compiled for database '{compiled_for}', but the warehouse is '{here}': compile the "
            "project for this warehouse, or name the other with --warehouse."
        )

    @classmethod
    def no_such_model(cls, names: Sequence[str], models: Sequence[str]) -> Self:
        """Report names that no model has, and those that there are."""
        return cls(
            f"The project has no model {listed(names)} of materialization ml_model: it has {listed(models)}."
            f"{hint(names[0], models)}"
        )


class ReplayError(WarehouseMLError):
    """A model that a test of leaks cannot replay as of its cutoff."""

    @classmethod
    def no_query(cls, model: str, kind: str) -> Self:
        """Report what kind of model it is."""
        return cls._not_rendered(model, f"is a {kind}")

    @classmethod
    def own_rows(cls, model: str) -> Self:
        """Report that its rows depend on themselves."""
        return cls._not_rendered(model, "reads its own rows")

    @classmethod
    def _not_rendered(cls, model: str, reason: str) -> Self:
        return cls(
            f"replays_as_of must render {model} again as of the cutoff, but it {reason}, which no query can replay: "
            "test a model that does not read it, or name it under as_built to read its rows as they are."
        )

    @classmethod
    def bare_name(cls, model: str, read: str) -> Self:
        """Report which model it reads without `ref`."""
        return cls(
            f"replays_as_of must render {model} again as of the cutoff with all that it reads, but it reads the "
            f"table of {read} by its name: write ref('{read}') in its place."
        )

    @classmethod
    def no_cutoff(cls, model: str) -> Self:
        """Report that no leak can show."""
        return cls(
            f"replays_as_of must replay models that look at the cutoff, but nothing that {model} reads does, so that "
            "no leak can show: let what reads raw rows keep those for which is_known() holds."
        )


class FitWarning(UserWarning):
    """A model that was fitted, but not to the end."""

    @classmethod
    def unfinished(cls, estimator: str, reason: str) -> Self:
        """Report that the best weights were not reached, in the library's words."""
        return cls(
            f"Estimator '{estimator}' was not fitted to its end: its weights or centres must settle, but "
            f"scikit-learn says: {reason}; raise max_iter or change the other params."
        )


class RenamingError(WarehouseMLError):
    """A model that cannot take over what is kept under its old name."""

    @classmethod
    def own_name(cls, model: str) -> Self:
        """Report that the old name is the new one."""
        return cls(
            f"ml.renamed_from of '{model}' is its own name; name what it was called before, or remove the key."
        )

    @classmethod
    def still_there(cls, model: str, old: str) -> Self:
        """Report that another model of the project has the old name."""
        return cls(
            f"ml.renamed_from of '{model}' is '{old}', which is still a model of this project: a renamed model has "
            f"no other beside it; delete the files of '{old}', or remove the key to train '{model}' anew."
        )

    @classmethod
    def twice(cls, model: str, other: str, old: str) -> Self:
        """Report that another model claims the same name."""
        return cls(
            f"ml.renamed_from is '{old}' in the blocks of '{model}' and '{other}': one model can take over its "
            "versions; remove the key from the other."
        )

    @classmethod
    def no_versions(cls, model: str, relation: str) -> Self:
        """Report that something else has the old name."""
        return cls(
            f"ml.renamed_from of '{model}' is the name of {relation}, which is not a table of versions; correct the "
            "name, or remove the key."
        )

    @classmethod
    def both(cls, model: str, relation: str) -> Self:
        """Report that both names have versions."""
        return cls(
            f"ml.renamed_from of '{model}' conflicts with its own versions: both it and {relation} have some, and two "
            f"histories cannot be one; remove the key, or drop the table of the one that is not needed."
        )
