"""Errors of a table that `warehouse-ml init` and `add-model` look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from scoring.errors.base import WarehouseMLError, hint, listed


class TableError(WarehouseMLError):
    """A table that no model can be proposed for."""

    @classmethod
    def no_such_file(cls, path: str) -> Self:
        """Report a file that is not there."""
        return cls(f"{path} is not there: name a CSV file, a Parquet file, or a DuckDB file and --table.")

    @classmethod
    def unknown_format(cls, path: str) -> Self:
        """Report a file of another kind."""
        return cls(
            f"{path} is not a table: its name must end in .csv, .csv.gz, .parquet, or in .duckdb or .db with --table; "
            "save it in one of these formats and run again."
        )

    @classmethod
    def without_table(cls, path: str, tables: Sequence[str]) -> Self:
        """Report a DuckDB file of several tables, none of which was named."""
        return cls(f"{path} is a DuckDB file: name one of its tables by --table; it has {listed(tables)}.")

    @classmethod
    def no_such_table(cls, path: str, table: str, tables: Sequence[str]) -> Self:
        """Report a table that a DuckDB file does not have."""
        return cls(
            f"{path} has no table {table}; it has {listed(tables)}: correct --table.{hint(table, tables)}"
        )

    @classmethod
    def several_tables(cls, path: str, table: str, tables: Sequence[str]) -> Self:
        """Report a name that several schemas have."""
        return cls(f"{path} has several tables {table}: {listed(tables)}; name the schema too.")

    @classmethod
    def table_of_a_file(cls, path: str) -> Self:
        """Report --table for what is a table itself."""
        return cls(f"{path} is one table: --table is for DuckDB files; remove it.")

    @classmethod
    def unreadable(cls, path: str, reason: str) -> Self:
        """Give what is wrong with a file."""
        return cls(f"{path} {reason}.")

    @classmethod
    def broken_lines(cls, path: str, line: int, count: int) -> Self:
        """Report the first line that is not a row."""
        lines = "line" if count == 1 else "lines"
        return cls(
            f"{path} must have as many values in every line as its header has names, in UTF-8, but line {line} differs "
            f"({count:,} such {lines}): correct the file and run again."
        )

    @classmethod
    def bad_header(cls, path: str, problem: str, positions: Sequence[int]) -> Self:
        """Report names that a header must not have, by their positions."""
        shown = ", ".join(map(str, positions[:20])) + (" …" if len(positions) > 20 else "")
        return cls(
            f"The header of {path} has {problem} (columns {shown}); it must name every column once: correct "
            "it, or add it "
            "if the file has none."
        )

    @classmethod
    def rendered_name(cls, path: str, positions: Sequence[int]) -> Self:
        """Report names that dbt would render."""
        shown = ", ".join(map(str, positions[:20]))
        return cls(
            f"The header of {path} has names with "
            f"{{{{, {{% or {{# (columns {shown}), which dbt would render: rename them."
        )

    @classmethod
    def no_rows(cls, path: str) -> Self:
        """Report a table with a header alone."""
        return cls(f"{path} has no rows: a model learns from rows; add them and run again.")

    @classmethod
    def few_rows(cls, path: str, rows: int, least: int) -> Self:
        """Report a table that is too small to train, validate and test on."""
        return cls(
            f"{path} has {rows:,} rows with a label; a model needs at least {least}: add rows and run again."
        )

    @classmethod
    def no_such_column(cls, option: str, name: str, columns: Sequence[str]) -> Self:
        """Report an option that names no column."""
        return cls(
            f"{option}: there is no column {name}; columns are {listed(columns)}.{hint(name, columns)}"
        )

    @classmethod
    def no_label(cls, columns: Sequence[str]) -> Self:
        """Report that no column looks like a label."""
        return cls(
            f"The label is not clear: no column looks like the one to predict; name it by --label; columns "
            f"are {listed(columns)}."
        )

    @classmethod
    def several_labels(cls, candidates: Sequence[str]) -> Self:
        """Report that several columns look like a label."""
        return cls(
            f"The label is not clear: it may be {listed(candidates)}; name the column to predict by --label."
        )

    @classmethod
    def constant_label(cls, name: str) -> Self:
        """Report a label with a single value."""
        return cls(
            f"The label {name} has one value only; it must take at least two: name another column by --label."
        )

    @classmethod
    def endless_label(cls, name: str, distinct: int, most: int) -> Self:
        """Report text with too many values to be classes."""
        return cls(
            f"The label {name} is text with {distinct:,} values; it must have at most {most:,} classes, each "
            "in several rows: "
            "group them, or name another column by --label."
        )

    @classmethod
    def wrong_label_type(cls, name: str, kind: str) -> Self:
        """Report a label of a type that no task has."""
        return cls(
            f"The label {name} is of type {kind}; it must be a number, true or false, or text: make it one in "
            "the table, "
            "for example the days until then, or name another column by --label."
        )

    @classmethod
    def wrong_task(cls, task: str, label: str, kind: str, distinct: int) -> Self:
        """Report a task that the label does not fit."""
        return cls(
            f"--task {task} does not fit the label {label}, which is {kind} with {distinct:,} values: binary "
            "takes two values, "
            "multiclass text or whole numbers, regression numbers."
        )

    @classmethod
    def wrong_positive(cls, label: str, positive: str, values: Sequence[str]) -> Self:
        """Report a positive value that the label does not have."""
        return cls(
            f"--positive: {positive} is no value of the label {label}; its values are {listed(values)}."
        )

    @classmethod
    def positive_without_binary(cls, task: str) -> Self:
        """Report --positive for a task that has none."""
        return cls(f"--positive is for task binary, and the task is {task}: remove it, or set --task.")

    @classmethod
    def bad_key(cls, name: str, nulls: int, repeated: int) -> Self:
        """Report a key that does not identify a row."""
        return cls(
            f"The key {name} has {nulls:,} nulls and {repeated:,} repeated values; it must be unique and not "
            "null: name "
            "another column by --key, or --key none for a key that is made of each row's values."
        )

    @classmethod
    def bad_time(cls, name: str, kind: str) -> Self:
        """Report a time column that is none."""
        return cls(
            f"The time column {name} is of type {kind}; it must be a date or a timestamp: convert it, or use "
            "--time none for a random split."
        )

    @classmethod
    def role_conflict(cls, name: str, first: str, second: str) -> Self:
        """Report a column with two roles."""
        return cls(f"{name} cannot be both {first} and {second}: correct the options.")

    @classmethod
    def no_features(cls, label: str) -> Self:
        """Report that nothing is left to learn from."""
        return cls(
            f"No column is left to learn {label} from: all others are the key, personal data, leakage "
            "suspects or identifiers; "
            "add columns to the table, or name those to keep by --keep."
        )
