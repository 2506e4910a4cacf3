"""Compiled and interpreted peers of `score_time.py`, in an environment of their own.

The interpreter that PEERS_PYTHON names (`pip install lleaves==1.3.0 llvmlite==0.43.0 treelite lightgbm`) holds
the model and the matrix, scores all rows each time it is asked, and says how long that took:

- ``lleaves``: the trees as machine code that LLVM makes of the model's text, on all cores;
- ``treelite``: the general-purpose interpreter of trees, ``treelite.gtil``, on all cores.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

SERVER = """
import json, sys, time
from importlib import metadata
from pathlib import Path
import lleaves, numpy, treelite
folder, cores = Path(sys.argv[1]), int(sys.argv[2])
matrix = numpy.load(folder / "matrix.npy")
compiled = lleaves.Model(model_file=str(folder / "booster.txt"))
started = time.perf_counter()
compiled.compile()
seconds = time.perf_counter() - started
interpreted = treelite.frontend.load_lightgbm_model(folder / "booster.txt")
ways = {
    "lleaves": lambda: compiled.predict(matrix, n_jobs=cores),
    "treelite": lambda: treelite.gtil.predict(interpreted, matrix, nthread=cores),
}
versions = {way: metadata.version(way) for way in ways}
print(json.dumps({"compile_seconds": seconds, "versions": versions}), flush=True)
for line in sys.stdin:
    way = line.strip()
    started = time.perf_counter()
    scores = ways[way]()
    seconds = time.perf_counter() - started
    numpy.save(folder / f"{way}.npy", numpy.asarray(scores, dtype=numpy.float64).ravel())
    print(json.dumps({"seconds": seconds}), flush=True)
"""


@dataclass(frozen=True)
class Peers:
    """The other interpreter, ready to score.

    Parameters
    ----------
    folder
        Where it leaves scores.
    versions
        Of each peer.
    compile_seconds
        How long lleaves took to compile the model.
    """

    folder: Path
    versions: dict[str, str]
    compile_seconds: float
    questions: IO[str]
    replies: IO[str]

    def seconds(self, way: str) -> float:
        """Score all rows; return how long that took, without the way to the other process and back."""
        self.questions.write(f"{way}\n")
        self.questions.flush()
        return float(json.loads(self.replies.readline())["seconds"])

    def scores(self, way: str) -> Matrix:
        """Return what a peer answered last."""
        return np.asarray(np.load(self.folder / f"{way}.npy"))


@contextmanager
def peers(python: str, folder: Path, text: str, matrix: Matrix, cores: int) -> Iterator[Peers]:
    """Give the peers of an interpreter, with a model of LightGBM and the rows to score."""
    (folder / "booster.txt").write_text(text)
    np.save(folder / "matrix.npy", matrix)
    command = [python, "-c", SERVER, str(folder), str(cores)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        ready: dict[str, Any] = json.loads(process.stdout.readline())
        yield Peers(folder, **ready, questions=process.stdin, replies=process.stdout)
        process.stdin.close()
