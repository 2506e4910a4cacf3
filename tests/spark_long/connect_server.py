"""A server of Spark Connect as `docs/spark.md` starts one, on a free port of the loopback interface."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from signal import SIGTERM
from subprocess import PIPE, Popen
from threading import Thread
from typing import Self

from project import ROOT, Project
from spark_process import ENVIRONMENT

BLOCK = re.compile(r"^```bash\n(.*?SparkConnectServer.*?)^```", re.MULTILINE | re.DOTALL)
SETTINGS = {
    "spark.connect.grpc.binding.port": "0",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.eventLog.compress": "false",
    "spark.eventLog.enabled": "true",
    "spark.eventLog.rolling.enabled": "false",
    "spark.master": "local[2]",
    "spark.sql.shuffle.partitions": "8",
    "spark.ui.enabled": "false",
}
"""What a test needs besides."""
MASK = "WAREHOUSE_ML_MASK_KEY"


class ConnectServer:
    """The server, with tables and metastore in a folder; it listens when its context begins.

    Parameters
    ----------
    folder
        Where it runs.
    programs
        A folder that is first on its path, such as with another Python.
    """

    def __init__(self, folder: Path, programs: Path | None = None) -> None:
        self._events = folder / "events"
        self._events.mkdir(parents=True)
        lines = {**SETTINGS, "spark.eventLog.dir": self._events.as_uri()}
        (folder / "spark-defaults.conf").write_text(
            "".join(f"{name} {value}\n" for name, value in lines.items())
        )
        (command,) = BLOCK.findall((ROOT / "docs/spark.md").read_text())
        path = [str(programs or ""), str(Path(sys.executable).parent), os.environ["PATH"]]
        # The key to mask with is the client's alone.
        environment = {name: text for name, text in {**os.environ, **ENVIRONMENT}.items() if name != MASK}
        self._process = Popen(
            ["bash", "-c", command],
            cwd=folder,
            env=environment
            | {
                "PATH": os.pathsep.join(filter(None, path)),
                "SPARK_CONF_DIR": str(folder),
                "SPARK_LOCAL_IP": "127.0.0.1",
            },
            stderr=PIPE,
            text=True,
            start_new_session=True,
        )
        self.log: list[str] = []
        self._reader = Thread(target=self._read_on)

    def __enter__(self) -> Self:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.log.append(line)
            if started := re.search(r"Spark Connect server started at: (\S+)", line):
                self.address = f"sc://{started[1]}"
                self._reader.start()
                return self
        raise AssertionError("".join(self.log))

    def __exit__(self, *error: object) -> None:
        self.end()

    def end(self) -> None:
        """End the server; its log is whole then."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, SIGTERM)
            self._process.wait()
        if self._reader.is_alive():
            self._reader.join()
        assert self._process.stderr is not None
        self._process.stderr.close()

    def events(self) -> str:
        """Return what Spark keeps of all that ran."""
        return "".join(file.read_text() for file in self._events.iterdir())

    def serve(self, project: Project, settings: str = "{}") -> None:
        """Let the target `spark` of a project be this server.

        Parameters
        ----------
        settings
            Its ``server_side_parameters``, as YAML has them.
        """
        project.replace(
            "profiles.yml",
            "      type: warehouse_ml_spark\n",
            f"      type: warehouse_ml_spark\n      remote: {self.address}\n      server_side_parameters: {settings}\n",
        )

    def _read_on(self) -> None:
        assert self._process.stderr is not None
        self.log.extend(self._process.stderr)
