"""The SQL function ``ml_once``, which runs SQL once for all threads of a dbt run."""

from __future__ import annotations

from threading import Lock
from typing import Any

import duckdb


class Once:
    """Runs SQL once per key, and gives whoever asks later the same answer.

    Jinja has no lock, and two nodes on two threads may read the same raw table.

    Parameters
    ----------
    connection
        The statements run on cursors of it, each set in a transaction of its own.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._lock = Lock()
        self._answers: dict[str, Any] = {}

    def run(self, key: str, statements: str) -> dict[str, Any]:
        """Return the first value of the last statement, and whether this call ran them.

        One key at a time: the statements of two may write to the same tables.
        """
        with self._lock:
            is_first = key not in self._answers
            if is_first:
                with self._connection.cursor() as cursor:
                    cursor.begin()
                    ((answer,),) = cursor.execute(statements).fetchall()
                    cursor.commit()
                self._answers[key] = answer
            return {"is_first": is_first, "answer": self._answers[key]}
