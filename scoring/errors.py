"""Every error a user can meet: one class per situation, its wording in class methods."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Self


class WarehouseMLError(Exception):
    """Base of every error that this product raises on purpose."""


def listed(names: Iterable[str]) -> str:
    """Return the names quoted and joined with commas, or the word ``nothing``."""
    return ", ".join(f"'{name}'" for name in names) or "nothing"


def hint(name: str, known: Iterable[str]) -> str:
    """Return a closing hint with the known name nearest to the given one, or an empty string."""
    nearest = get_close_matches(name, list(known), n=1)
    return f" Did you mean '{nearest[0]}'?" if nearest else ""


class ModelReferenceError(WarehouseMLError):
    """A model argument that names no version in any accepted form."""

    @classmethod
    def malformed(cls, reference: str) -> Self:
        """Tell that the reference has none of the accepted forms."""
        return cls(
            f"Model reference '{reference}' is not valid: a model is named as 'm' or 'm@champion' (the "
            "champion), 'm@challenger' (the newest version) or 'm@3' (version 3); write it in one of these "
            "forms."
        )

    @classmethod
    def not_text(cls, found: object) -> Self:
        """Tell that the model argument is not text."""
        return cls(
            f"The model argument must be text such as 'm' or 'm@3', but its type is {found}; "
            "put the model first and the row second, as in ml_predict('m', t)."
        )


class UnknownModelError(WarehouseMLError):
    """A model that the warehouse does not hold."""

    @classmethod
    def among(cls, model_name: str, known: Iterable[str]) -> Self:
        """Tell which models the warehouse holds."""
        known = list(known)
        return cls(
            f"Model '{model_name}' is not in this warehouse: a model is known by its table in schema ml; "
            f"found {listed(known)}; correct the name or build the model with dbt.{hint(model_name, known)}"
        )


class UnknownVersionError(WarehouseMLError):
    """A version that a model does not have."""

    @classmethod
    def among(cls, model_name: str, version: int | None, known: Iterable[int]) -> Self:
        """Tell which versions the model has."""
        wanted = f"no version {version}" if version is not None else "no version yet"
        versions = ", ".join(str(number) for number in known) or "none"
        return cls(
            f"Model '{model_name}' has {wanted}: a version is a row of ml.{model_name}; "
            f"found versions {versions}; ask for one of these or build the model with dbt."
        )


class NoChampionError(WarehouseMLError):
    """A model without a version that may score."""

    @classmethod
    def among(cls, model_name: str, versions: Iterable[int]) -> Self:
        """Tell that no version passed its gates and where to see why."""
        listing = ", ".join(str(number) for number in versions) or "none"
        return cls(
            f"Model '{model_name}' has no champion: ml.champions names a version only once it has passed all "
            f"its gates; found versions {listing}; look at ml.gate_failures for the reasons, or name a "
            f"version such as '{model_name}@challenger'."
        )


class ChampionsError(WarehouseMLError):
    """A view of champions that cannot be read."""

    @classmethod
    def unreadable(cls, reason: str) -> Self:
        """Tell why the view fails."""
        return cls(
            "The champions cannot be looked up: ml.champions must be a view or table that this connection "
            f"can read, but DuckDB says: {reason}; a view that dbt built holds the name of its database, so "
            "open the file under its own name, or name a version such as 'm@3'."
        )


class ArtifactError(WarehouseMLError):
    """Artifact bytes that must not be loaded."""

    @classmethod
    def digest_differs(cls, model: str, stored: str, found: str) -> Self:
        """Tell that the bytes are not those the version was registered with."""
        return cls(
            f"The artifact of '{model}' is refused: its bytes must match the SHA-256 in its row, {stored}, "
            f"but theirs is {found}; the row was altered after training, so restore it from a backup or "
            "train a new version."
        )

    @classmethod
    def foreign_domain(cls, model: str, domain: str) -> Self:
        """Tell that the graph imports operators from outside the ONNX standard."""
        return cls(
            f"The artifact of '{model}' is refused: only the ONNX operator domains '' and 'ai.onnx.ml' are "
            f"allowed, but it imports '{domain}'; export the model with standard operators."
        )

    @classmethod
    def own_functions(cls, model: str) -> Self:
        """Tell that the model file defines functions of its own."""
        return cls(
            f"The artifact of '{model}' is refused: it may hold one plain graph, but it defines functions or "
            "training graphs of its own; export the model with standard operators only."
        )

    @classmethod
    def unreadable(cls, model: str, reason: str) -> Self:
        """Tell that the bytes are no ONNX model that the runtime can open."""
        return cls(
            f"The artifact of '{model}' cannot be opened: it must be a self-contained ONNX model, but "
            f"{reason}; check the installed onnxruntime or train a new version."
        )


class RowError(WarehouseMLError):
    """Rows that do not have the columns a model asks for."""

    @classmethod
    def not_a_struct(cls, model: str, found: object) -> Self:
        """Tell that the second argument is not a row."""
        return cls(
            f"Model '{model}' needs a row of named columns, but got {found}; "
            "pass a table alias or a struct, as in ml_predict('m', t) or ml_predict('m', {'x': 1})."
        )

    @classmethod
    def missing_columns(cls, model: str, missing: list[str], found: list[str]) -> Self:
        """Tell which columns of the signature the row lacks."""
        noun = "column" if len(missing) == 1 else "columns"
        shown = listed(found[:30]) + (f" and {len(found) - 30} more" if len(found) > 30 else "")
        return cls(
            f"Model '{model}' needs the {noun} {listed(missing)}: every feature is matched by name and must "
            f"be there, but the row has {shown}; add or rename the {noun}.{hint(missing[0], found)}"
        )

    @classmethod
    def ambiguous_column(cls, model: str, feature: str, found: list[str]) -> Self:
        """Tell that two columns differ from a feature only in case."""
        return cls(
            f"Model '{model}' cannot tell which column is the feature '{feature}': names are matched without "
            f"regard to case, and the row has {listed(found)}; rename all but one."
        )

    @classmethod
    def wrong_type(cls, model: str, column: str, found: object, asked: str) -> Self:
        """Tell that a column has another type than its feature."""
        kind, trained, remedy = {
            "number": ("a number or boolean", "a number", "cast it to double"),
            "category": ("text", "a category", "cast it to varchar"),
            "instant": ("a date or timestamp", "an instant", "cast it to timestamp"),
        }[asked]
        return cls(
            f"Model '{model}' needs {kind} in column '{column}': it was trained as {trained}, "
            f"but the column's type is {found}; {remedy} the way the training query did."
        )


class TaskError(WarehouseMLError):
    """A SQL function that has no answer for the task of a model."""

    @classmethod
    def no_number(cls, model: str) -> Self:
        """Tell that a model of several classes predicts no number."""
        return cls(
            f"Model '{model}' predicts no single number: ml_predict gives a probability, a value, the number "
            "of a cluster or an anomaly score, and the model's task is multiclass; use ml_predict_class for "
            "the likeliest class, or ml_predict_proba for the probability of each."
        )

    @classmethod
    def no_class(cls, model: str, task: str) -> Self:
        """Tell that the model does not tell classes apart."""
        return cls(
            f"Model '{model}' predicts no class: ml_predict_class is for the tasks binary, multiclass, "
            f"clustering and anomaly, and the model's task is {task}; use ml_predict for the value."
        )

    @classmethod
    def no_probabilities(cls, model: str, task: str) -> Self:
        """Tell that the model gives classes no probabilities."""
        return cls(
            f"Model '{model}' predicts no probabilities: ml_predict_proba is for the tasks binary and "
            f"multiclass, and the model's task is {task}; use ml_predict."
        )


class ConnectionGoneError(WarehouseMLError):
    """A SQL function that has outlived the connection it was registered on."""

    @classmethod
    def for_lookup(cls) -> Self:
        """Tell that the registering connection no longer exists."""
        return cls(
            "The model cannot be looked up: the connection that the SQL functions were registered on is "
            "gone; keep the object that scoring.connect() returned for as long as its cursors are used."
        )


class LockedWarehouseError(WarehouseMLError):
    """A warehouse file that another process holds."""

    @classmethod
    def held_by(cls, path: str, process: str) -> Self:
        """Tell which process holds the file."""
        return cls(
            f"The warehouse {path} is locked: one process at a time can write to a DuckDB file, and process "
            f"{process} has it open; close it there, or wait until it ends, and run again."
        )


class PackageDataError(WarehouseMLError):
    """A raw-data file that no installed package provides."""

    @classmethod
    def no_such_package(cls, package: str) -> Self:
        """Tell that the Python package is not installed."""
        return cls(
            f"Python package '{package}' is not installed: a source with this plugin reads a file that ships "
            "in an installed package; install it, or correct the source's meta key 'package'."
        )

    @classmethod
    def no_such_file(cls, package: str, file: str, found: list[str]) -> Self:
        """Tell which readable files the package ships."""
        return cls(
            f"Python package '{package}' ships no file '{file}': the path is relative to the package; "
            f"found {listed(found)}; correct the source's meta key 'file'.{hint(file, found)}"
        )

    @classmethod
    def not_one_csv(cls, file: str, found: list[str]) -> Self:
        """Tell that an archive does not hold exactly one CSV file."""
        return cls(
            f"Archive '{file}' must hold exactly one CSV file, but it holds {listed(found)}; "
            "name another file in the source's meta key 'file'."
        )

    @classmethod
    def missing_key(cls, source: str, key: str) -> Self:
        """Tell that the source's meta lacks a key."""
        return cls(
            f"Source '{source}' lacks the meta key '{key}': this plugin reads a CSV file from an installed "
            "Python package and needs 'package' and 'file'; add the key under the source's meta."
        )
