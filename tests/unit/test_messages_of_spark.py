"""Of what Spark says of an error, with the stacks of Java, of Python or of gRPC, a user reads the sentence."""

from __future__ import annotations

import pytest

from scoring.spark.messages import message_of

IN_WORKER = """
  An exception was thrown from the Python worker. Please see the stack trace below.
[PYTHON_EXCEPTION] An exception was thrown from the Python worker: Traceback (most recent call last):
  File "worker.py", line 75, in read_command
    command = serializer.loads(file)
{}
 SQLSTATE: 38000
"""
LOST = """<_MultiThreadedRendezvous of RPC that terminated with:
\tstatus = StatusCode.UNAVAILABLE
\tdetails = "failed to connect to all addresses"
\tdebug_error_string = "UNAVAILABLE:failed to connect to all addresses"
>"""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[X] There is no a; line 1 pos 7;\n'Project ['a]\n+- OneRowRelation\n",
            "[X] There is no a; line 1 pos 7;",
        ),
        ("[X] Divided by zero.\n\nJVM stacktrace:\norg.apache.X\n\tat a.b", "[X] Divided by zero."),
        (IN_WORKER.format("scoring.errors.spark.SparkError: It has no key."), "It has no key."),
        (
            IN_WORKER.format(
                "pyspark.errors.exceptions.base.PySparkRuntimeError: [OTHER_PYTHON] It is 3.12."
            ),
            "[OTHER_PYTHON] It is 3.12.",
        ),
        (
            '<X of RPC:\n\tstatus = StatusCode.RESOURCE_EXHAUSTED\n\tdetails = "Message larger than max"\n>',
            "Message larger than max",
        ),
    ],
)
def test_the_sentence_is_found(text: str, sentence: str) -> None:
    assert message_of(Exception(text)) == sentence


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (
            IN_WORKER.format("ModuleNotFoundError: No module named 'scoring'"),
            ("module scoring", "PYSPARK_PYTHON"),
        ),
        (LOST, ("Spark Connect does not answer", ": failed to connect to all addresses;", "run again")),
    ],
)
def test_what_only_its_developers_understand_is_said_with_a_remedy(text: str, facts: tuple[str, ...]) -> None:
    message = message_of(Exception(text))
    assert len(message.splitlines()) == 1
    for fact in facts:
        assert fact in message
