"""What Spark says of an error, as a sentence for whoever ran the statement."""

from __future__ import annotations

import re
import sys
from itertools import takewhile

from scoring.errors import SparkError


def errors_of_spark() -> tuple[type[Exception], ...]:
    """Return the classes of what Spark raises, and of what a client of Spark Connect raises without its server."""
    from pyspark.errors import PySparkException

    # A session in this process does not need the package.
    grpc = sys.modules.get("grpc")
    return (PySparkException, *([grpc.RpcError] if grpc else []))


def message_of(error: Exception) -> str:
    r"""Return what Spark says of an error, without what only its developers read.

    Examples
    --------
    >>> message_of(Exception("[X] No column a.\n\nJVM stacktrace:\n\tat b"))
    '[X] No column a.'
    >>> message_of(Exception("\n  From a worker:\n  File a.py\nscoring.errors.spark.SparkError: It has no answer.\n"))
    'It has no answer.'
    """
    lines = str(error).splitlines()
    for line in lines:  # what a worker says comes with its stack
        if sentence := re.search(r"^(?:scoring|pyspark)\.errors\.[\w.]+: (.*)", line):
            return sentence[1]
        if lacking := re.search(r"^ModuleNotFoundError: No module named '([\w.]+)'", line):
            return str(SparkError.workers_lack(lacking[1]))
        if details := re.search(r'^\s*details = "(.*)"$', line):
            is_lost = "StatusCode.UNAVAILABLE" in str(error)
            return str(SparkError.server_lost(details[1])) if is_lost else details[1]
    text = takewhile(lambda line: not re.match(r"JVM stacktrace|\tat |\s*('|\+- |:- |: )", line), lines)
    return "\n".join(text).strip()
