"""A local HTTP server that takes alerts, and answers as it is told to."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

SECRET = "hooks-T0K3N-of-nobody"


@dataclass
class Receiver:
    """What was posted to it, and its URL, whose path is a secret."""

    port: int
    posts: list[Any] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/services/{SECRET}"


@contextmanager
def receiving(*answers: int, seconds: float = 0, drip: bool = False) -> Iterator[Receiver]:
    """Answer the first posts with these statuses and the rest with the last one, each after some seconds.

    Parameters
    ----------
    drip
        Whether to send the head of the answer byte by byte, which no timeout of a socket ends.
    """
    statuses: Sequence[int] = answers or (200,)
    receiver = Receiver(0)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            time.sleep(seconds)
            if drip:
                for _ in range(100):
                    self.wfile.write(b"H")
                    time.sleep(0.2)
            self.send_response(statuses[min(len(receiver.posts), len(statuses)) - 1])
            self.send_header("Location", f"{receiver.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        server.handle_error = lambda *args: None  # type: ignore[method-assign]  # whoever posts may leave early
        receiver.port = server.server_port
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
