"""The SQL function ``ml_mask``: a keyed hash of a text, with a key that stays in the process.

It is an HMAC of SHA-256 (RFC 2104) over the text in UTF-8, in 64 hexadecimal digits. Without the key nobody can try
which value has a hash, as is done with plain hashes of addresses and numbers; with another key all hashes are others.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping

import duckdb
import pyarrow as pa
from duckdb.func import ARROW, SPECIAL

from scoring.errors import MaskKeyError

MASK, WHY = "ml_mask", "why_no_ml_mask"
VARIABLE = "WAREHOUSE_ML_MASK_KEY"
"""The environment variable that holds the key."""
SHORTEST = 16
"""Characters of a key; a shorter one could be tried out."""


def register(connection: duckdb.DuckDBPyConnection, number: int) -> None:
    """Add the function to a connection, under a name that no other connection to the file uses."""
    for name, answer in ((MASK, _hashes), (WHY, _reasons)):
        # Without side effects DuckDB would ask while it plans the query.
        connection.create_function(
            f"_{name}_{number}",
            answer,
            ["VARCHAR"],
            "VARCHAR",
            type=ARROW,
            null_handling=SPECIAL,
            side_effects=True,
        )


def define_macros(cursor: duckdb.DuckDBPyConnection, number: int) -> None:
    """Give the function of a connection its plain name on a cursor of it."""
    # The text is copied in SQL, see decision 0011; the error is raised there, as Python's is wrapped in file paths.
    cursor.execute(
        f"create or replace temp macro {MASK}(value) as case when value is not null then "
        f"coalesce(_{MASK}_{number}(cast(value as varchar)) || '', "
        f"error(_{WHY}_{number}(cast(value as varchar)))) end"
    )


def key_of(environment: Mapping[str, str]) -> bytes:
    """Return the key.

    Raises
    ------
    scoring.errors.MaskKeyError
        If it is missing or too short.
    """
    text = environment.get(VARIABLE, "")
    if not text:
        raise MaskKeyError.missing(VARIABLE)
    if len(text) < SHORTEST:
        raise MaskKeyError.short(VARIABLE, len(text), SHORTEST)
    return text.encode("utf-8", "surrogateescape")


def _hashes(texts: pa.ChunkedArray) -> pa.Array:
    try:
        key = key_of(os.environ)
    except MaskKeyError:
        return pa.nulls(len(texts), pa.string())
    return hashes(key, texts)


def hashes(key: bytes, texts: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return the keyed hash of each text; null of null."""
    return pa.array(
        [
            None if text is None else hmac.digest(key, text.encode(), hashlib.sha256).hex()
            for text in texts.to_pylist()
        ],
        pa.string(),
    )


def _reasons(texts: pa.ChunkedArray) -> pa.Array:
    try:
        key_of(os.environ)
    except MaskKeyError as error:
        return pa.array([str(error)] * len(texts), pa.string())
    return pa.nulls(len(texts), pa.string())
