"""The webhook: each alert is posted as JSON, with retries, within a bound on the whole.

The URL is a secret: it is written nowhere, nor are the texts of errors and log records that contain it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from threading import Thread
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from scoring.alerts.lines import Alert

BOUND_SECONDS = 10.0
"""The longest that a run waits for all its alerts together."""
CONNECT_SECONDS, READ_SECONDS = 2.0, 4.0
RETRY = Retry(
    total=2,
    backoff_factor=0.3,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods=None,  # a repeated alert does no harm
    respect_retry_after_header=False,  # it may ask for hours
)
NAME = "warehouse-ml webhook"


def post(url: str, alerts: Sequence[Alert], *, bound: float = BOUND_SECONDS) -> str | None:
    """Post alerts in their order, and return why not all of them arrived; None if they did.

    A server that answers slowly, byte by byte or never, delays the run by no more than the bound: it is waited for
    in a thread that does not keep the process alive.
    """
    outcome = ["no answer in time"]
    sent: list[int] = []
    thread = Thread(target=_post_all, args=(url, alerts, sent, outcome), name=NAME, daemon=True)
    logger = logging.getLogger("urllib3.connectionpool")
    logger.addFilter(_is_not_ours)
    thread.start()
    thread.join(bound)
    if not thread.is_alive():
        logger.removeFilter(_is_not_ours)
    if len(sent) == len(alerts):
        return None
    return f"{len(alerts) - len(sent)} of {len(alerts)} alerts were not posted to the webhook: {outcome[0]}"


def _is_not_ours(record: logging.LogRecord) -> bool:
    """Return whether a record is of another thread: urllib3 logs the path of a URL with each retry."""
    return record.threadName != NAME


def _post_all(url: str, alerts: Sequence[Alert], sent: list[int], outcome: list[str]) -> None:
    try:
        if urlsplit(url).scheme not in ("http", "https"):
            outcome[0] = "WAREHOUSE_ML_WEBHOOK is not a URL that begins with http:// or https://"
            return
        with requests.Session() as session:
            for scheme in ("http://", "https://"):
                session.mount(scheme, HTTPAdapter(max_retries=RETRY))
            for number, alert in enumerate(alerts):
                answer = session.post(
                    url,
                    json=alert,
                    timeout=(CONNECT_SECONDS, READ_SECONDS),
                    allow_redirects=False,  # to nobody else
                    stream=True,  # the answer's text is not read
                )
                answer.close()
                if not 200 <= answer.status_code < 300:
                    outcome[0] = f"it answered {answer.status_code}"
                    return
                sent.append(number)
    except Exception as error:  # its text contains the URL
        outcome[0] = type(error).__name__
