"""A webhook is tried again, never delays a run beyond its bound, and its URL is seen nowhere."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest
from webhook_receiver import SECRET, receiving

from scoring.alerts import webhook

ALERTS = [{"kind": "gate", "model": "churn"}, {"kind": "build", "failed": ["orders"]}]


def closed_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


@pytest.mark.parametrize(
    ("receiver", "problem", "posts"),
    [
        ({}, None, ALERTS),
        ({"answers": (500, 200)}, None, [ALERTS[0], ALERTS[0], ALERTS[1]]),
        ({"answers": (429, 200)}, None, [ALERTS[0], ALERTS[0], ALERTS[1]]),
        ({"answers": (500,)}, "2 of 2 alerts", [ALERTS[0]] * 3),
        ({"answers": (200, 404)}, "1 of 2 alerts were not posted to the webhook: it answered 404", ALERTS),
        ({"answers": (302,)}, "it answered 302", ALERTS[:1]),
        ({"seconds": 0.2}, None, ALERTS),
        ({"seconds": 5}, "no answer in time", ALERTS[:1]),
        ({"drip": True}, "no answer in time", ALERTS[:1]),
    ],
    ids=["ok", "500 once", "429 once", "500", "404", "redirect", "slow", "hangs", "drips"],
)
def test_each_answer(
    receiver: dict[str, Any], problem: str | None, posts: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    answers = receiver.pop("answers", ())
    with receiving(*answers, **receiver) as received:
        started = time.monotonic()
        answer = webhook.post(received.url, ALERTS, bound=2)
        assert time.monotonic() - started < 2.5
        assert (answer is None) if problem is None else (problem in str(answer))
        assert received.posts == posts
    check_secret(answer, caplog)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://127.0.0.1:{port}/" + SECRET, "ConnectionError"),
        ("http://[::1/" + SECRET, ""),
        ("http://\x00/" + SECRET, ""),
        ("file:///etc/" + SECRET, "begins with http"),
        (SECRET, "begins with http"),
    ],
)
def test_nobody_there(url: str, problem: str, caplog: pytest.LogCaptureFixture) -> None:
    started = time.monotonic()
    answer = webhook.post(url.format(port=closed_port()), ALERTS)
    assert time.monotonic() - started < 3
    assert answer is not None
    assert "2 of 2 alerts" in answer and problem in answer
    check_secret(answer, caplog)


def check_secret(answer: str | None, caplog: pytest.LogCaptureFixture) -> None:
    assert SECRET not in f"{answer}{caplog.text}"
