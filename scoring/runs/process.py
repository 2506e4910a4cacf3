"""Which process a run belongs to, and whether it is still there."""

from __future__ import annotations

import os
from pathlib import Path

PROCESSES = Path("/proc")


def process_key(pid: int | None = None) -> str | None:
    """Return what identifies a process of this machine, this one by default; None if it is not there.

    A process id is given again to others: with it go the boot of the machine and, where the system has
    ``/proc``, the tick at which the process started.
    """
    pid = os.getpid() if pid is None else pid
    if not PROCESSES.exists():
        return f"{pid}" if _answers(pid) else None
    try:
        stat = (PROCESSES / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = stat.rpartition(")")[2].split()
    if state == "Z":  # it has ended, and the process that started it has not looked
        return None
    boot = (PROCESSES / "sys/kernel/random/boot_id").read_text().strip()
    return f"{pid} {fields[18]} {boot}"


def is_alive(key: str) -> bool:
    """Return whether the process of a key runs on this machine."""
    return process_key(int(key.split()[0])) == key


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
