"""The memory that the process holds while the nodes of a dbt run are running."""

from __future__ import annotations

import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread

SECONDS = 0.05
"""Between two readings; each takes about ten microseconds."""
STATM, STATUS = Path("/proc/self/statm"), Path("/proc/self/status")
MEMINFO = Path("/proc/meminfo")


def resident_bytes() -> int | None:
    """Return the memory that the process holds at present; None where the system has no ``/proc``."""
    if not STATM.exists():
        return None
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peak_resident_bytes() -> int:
    """Return the most memory that the process has held since it began."""
    if STATUS.exists():  # which a process does not inherit from the one that started it, as it does ru_maxrss
        (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def available_bytes() -> int:
    """Return the memory that the process may hold: the machine's, or less where its control group allows less."""
    of_machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    group = Path("/sys/fs/cgroup/memory.max")
    limit = group.read_text().strip() if group.exists() else "max"
    return min(of_machine, int(limit)) if limit.isdigit() else of_machine


def free_bytes() -> int | None:
    """Return the memory that the process may take beside what it holds; None where the system has no ``/proc``."""
    held = resident_bytes()
    if held is None or not MEMINFO.exists():
        return None
    (line,) = (line for line in MEMINFO.read_text().splitlines() if line.startswith("MemAvailable:"))
    return min(int(line.split()[1]) * 1024, available_bytes() - held)


@dataclass
class _Span:
    start: int
    peak: int


class NodeMemory:
    """Reads the process's resident memory as nodes start and end, and every 50 ms in between."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: dict[str, _Span] = {}
        self._ended: dict[str, _Span] = {}
        self._stop = Event()

    def begin(self) -> None:
        """Begin a run: forget the nodes of the one before, and read until `end`."""
        self.end()
        with self._lock:
            self._running, self._ended, self._stop = {}, {}, Event()
        if STATM.exists():
            Thread(target=self._watch, args=(self._stop,), name="node-memory", daemon=True).start()

    def end(self) -> None:
        """Stop reading."""
        self._stop.set()

    def node_started(self, unique_id: str) -> None:
        """Begin the span of a node."""
        held = resident_bytes()
        if held is not None:
            with self._lock:
                self._running[unique_id] = _Span(held, held)

    def node_ended(self, unique_id: str) -> None:
        """End the span of a node."""
        self._read()
        with self._lock:
            if unique_id in self._running:
                self._ended[unique_id] = self._running.pop(unique_id)

    def of(self, unique_id: str) -> tuple[int | None, int | None]:
        """Return what the process held when a node started, and at most until it ended."""
        span = self._ended.get(unique_id)
        return (span.start, span.peak) if span else (None, None)

    def _watch(self, stop: Event) -> None:
        while not stop.wait(SECONDS):
            self._read()

    def _read(self) -> None:
        held = resident_bytes()
        with self._lock:
            for span in self._running.values():
                span.peak = max(span.peak, held or 0)
