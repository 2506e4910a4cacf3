"""Errors of scoring tables and files as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from scoring.errors.base import WarehouseMLError, hint, listed


class StreamError(WarehouseMLError):
    """Columns that cannot be in the result."""

    @classmethod
    def no_such_columns(cls, unknown: list[str], columns: list[str]) -> Self:
        """Report which columns to keep the rows do not have."""
        return cls(
            f"The columns to keep must be columns of the rows, but {listed(unknown)} are not among "
            f"{listed(columns)}; correct the names.{hint(unknown[0], columns)}"
        )

    @classmethod
    def columns_taken(cls, taken: list[str]) -> Self:
        """Report which columns of the rows have the name of one that is added."""
        return cls(
            f"The rows must not have columns of the names that scoring adds, but they have {listed(taken)}: "
            "rename them, or name the columns to keep."
        )


class InputError(WarehouseMLError):
    """Rows to score that cannot be read."""

    @classmethod
    def no_such_table(cls, table: str, tables: Iterable[str]) -> Self:
        """Report that the warehouse has no such table."""
        tables = list(tables)
        return cls(
            f"The input '{table}' is no table: an input is a table or view of the warehouse, or a file whose "
            f"name ends in .parquet, .csv or .csv.gz; correct the name.{hint(table, tables)}"
        )

    @classmethod
    def no_such_file(cls, file: str) -> Self:
        """Report that there is no such file."""
        return cls(f"The input file {file} is not there: correct its path.")

    @classmethod
    def empty_file(cls, file: str) -> Self:
        """Say that there is nothing in a file."""
        return cls(
            f"File {file} is empty: a CSV file begins with a line of column names, and a Parquet file has "
            "columns also where it has no rows; write the file again."
        )

    @classmethod
    def no_header(cls, file: str, columns: int, wanted: list[str]) -> Self:
        """Say that the first line names no feature; what stands there may be somebody's data."""
        return cls(
            f"File {file}, line 1: the first line of a CSV file must name its columns, but none of the "
            f"{columns} fields there is a feature of the model, which needs {listed(wanted)}; add the line, "
            "or correct the names."
        )

    @classmethod
    def other_delimiter(cls, file: str, delimiter: str) -> Self:
        """Report what separates the fields of a file instead of commas."""
        return cls(
            f"File {file}, line 1: fields are separated by {delimiter}; in a CSV file to score they must be "
            "separated by commas: convert the file, or load it into a table and score that."
        )

    @classmethod
    def repeated_columns(cls, file: str, repeated: list[str]) -> Self:
        """Say which names of a header stand there more than once."""
        return cls(
            f"File {file}, line 1: names of columns must differ in more than case, but the header has "
            f"{listed(repeated)}; rename all but one."
        )

    @classmethod
    def other_header(cls, file: str, first: str) -> Self:
        """Say that files that are read as one have different columns."""
        return cls(
            f"File {file}, line 1: files that are read together must have the same columns in the same "
            f"order, but {first} has others; score the files one by one, or write them alike."
        )

    @classmethod
    def mixed_line_ends(cls, file: str) -> Self:
        """Say that lines end in more than one way."""
        return cls(
            f"File {file} cannot be read: all lines of a CSV file must end alike, but some of its lines end "
            "in CR LF and others in LF or CR alone; convert them, for example with dos2unix."
        )

    @classmethod
    def cannot_be_kept(cls, columns: list[str], types: list[str]) -> Self:
        """Say which columns are of a type that cannot be passed on."""
        return cls(
            f"The columns {listed(columns)} cannot be kept: their type is {', '.join(dict.fromkeys(types))}, "
            "which Arrow does not have; name the columns to keep without them, or cast them in a view."
        )

    @classmethod
    def unreadable_value(cls, file: str, line: int, column: str, value: str, kind: str) -> Self:
        """Report which value of a CSV file cannot be read."""
        return cls(
            f"File {file}, line {line}, column '{column}': the model needs {kind} there, but the file has "
            f"{listed([value])}; correct the value, or leave it empty if it is not known."
        )

    @classmethod
    def unreadable_line(cls, file: str, line: int, reason: str) -> Self:
        """Report which line of a CSV file cannot be read."""
        return cls(
            f"File {file}, line {line}: a CSV file must be UTF-8 text with a header, commas between fields "
            f"and double quotes around texts that hold either, but DuckDB says: {reason} Correct the line."
        )

    @classmethod
    def unreadable_file(cls, file: str, reason: str) -> Self:
        """Report that a file is not of the kind that its name says."""
        return cls(
            f"File {file} cannot be read: its content must be what its name ends in, but DuckDB says: "
            f"{reason} Correct the file or its name."
        )


class OutputError(WarehouseMLError):
    """A place where scores cannot be written."""

    @classmethod
    def not_a_file(cls, output: str) -> Self:
        """Report that a training set is written to a file only."""
        return cls(
            f"The output '{output}' is no file: a training set is written to a file whose name ends in "
            ".parquet, .csv or .csv.gz; correct the name."
        )

    @classmethod
    def not_onnx(cls, output: str) -> Self:
        """Report that a model would be written to the file for its description."""
        return cls(
            f"The output {output} cannot take a model: the file beside it, which describes the model, ends in .json; "
            "give the output another ending, such as .onnx."
        )

    @classmethod
    def nothing_to_publish(cls) -> Self:
        """Report a warehouse in memory."""
        return cls(
            "The warehouse cannot be published, as it is in memory: give it a file, path: warehouse.duckdb."
        )

    @classmethod
    def nothing_to_shrink(cls) -> Self:
        """Report a warehouse in memory, or opened for reading."""
        return cls(
            "The warehouse cannot be rewritten, as it is in memory or opened for reading only: open its file for "
            "writing."
        )

    @classmethod
    def own_folder(cls, folder: str) -> Self:
        """Report that a copy would replace the warehouse itself."""
        return cls(
            f"The warehouse cannot be published to {folder}, where it is itself: a copy keeps the file's name; name "
            "another folder."
        )

    @classmethod
    def exists(cls, place: str) -> Self:
        """Report that there is something in the place already."""
        return cls(
            f"The output {place} is there already: it is replaced only if that is asked for; add --replace, "
            "or name another output."
        )

    @classmethod
    def no_such_schema(cls, place: str, schema: str, schemas: Iterable[str]) -> Self:
        """Report that the warehouse has no such schema."""
        schemas = list(schemas)
        return cls(
            f"The output {place} is neither a file, whose name ends in .parquet, .csv or .csv.gz, nor a "
            f"table: the warehouse has no schema '{schema}', only {listed(schemas)}; correct the ending or the "
            f"schema, or create the schema.{hint(schema, schemas)}"
        )

    @classmethod
    def without_name(cls, place: str) -> Self:
        """Report a table without a name."""
        return cls(
            f"The output '{place}' is no table: its name is missing after the schema; write schema.table, or "
            "a file whose name ends in .parquet, .csv or .csv.gz."
        )

    @classmethod
    def is_the_input(cls, place: str) -> Self:
        """Report an output that is read as the input."""
        return cls(
            f"The output {place} is the input: it would be replaced by its own scores; name another output."
        )

    @classmethod
    def no_such_folder(cls, folder: str) -> Self:
        """Report that the folder of an output file is not there."""
        return cls(
            f"The output cannot be written: its folder {folder} must be there, but is not; create it or name "
            "another."
        )

    @classmethod
    def is_a_view(cls, place: str) -> Self:
        """Report that the place is taken by a view."""
        return cls(f"The output {place} is a view: only a table can be replaced; name another output.")

    @classmethod
    def belongs_to_models(cls, place: str) -> Self:
        """Report a table of versions or decisions."""
        return cls(
            f"The output {place} holds the versions of a model or the decisions about it, which scores cannot "
            "replace; name another table."
        )

    @classmethod
    def too_wide(cls, place: str, columns: list[str]) -> Self:
        """Say that a file cannot hold integers of a column."""
        return cls(
            f"The output {place} cannot hold the integers of {listed(columns)}: in a Parquet file they have "
            "at most 38 digits, and there are longer ones; write a table or a CSV file, or cast the "
            "column to varchar in a view."
        )

    @classmethod
    def type_unknown(cls, place: str, columns: list[str], types: list[str]) -> Self:
        """Say which columns are of a type that a file cannot hold."""
        return cls(
            f"The output {place} cannot hold the columns {listed(columns)}: Parquet has no type for "
            f"{', '.join(dict.fromkeys(types))}; write a table or a CSV file, or name the columns to keep "
            "without them."
        )

    @classmethod
    def being_written(cls, place: str) -> Self:
        """Report that another process writes the same file."""
        return cls(
            f"The output {place} is being written by another process: one at a time can write a file; wait "
            "until it ends, or name another output."
        )
