"""What an output of type ``warehouse_ml_spark`` in ``profiles.yml`` says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from dbt.adapters.spark import SparkCredentials
from dbt.adapters.spark.connections import SparkConnectionMethod

from scoring.spark.session import Options


@dataclass
class Credentials(SparkCredentials):
    """An output of the profile; all but the schema has a default.

    Parameters
    ----------
    schema
        Where nodes without a schema of their own go.
    master, remote, folder
        See `scoring.spark.session.Options`.
    server_side_parameters
        Further settings of Spark.
    plugins
        As of an output of dbt-duckdb: the config of ``scoring.plugin`` counts here too.
    """

    master: str = "local[2]"
    remote: str | None = None
    folder: str = "spark-warehouse"
    plugins: list[dict[str, Any]] = field(default_factory=list)
    # dbt-spark takes no numbers.
    server_side_parameters: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def __pre_deserialize__(cls, data: Any) -> Any:
        """Add what dbt-spark requires of an output and a session does not need."""
        return super().__pre_deserialize__({"method": "session", "host": "session", **data})

    def __post_init__(self) -> None:
        """Check the output as dbt-spark does."""
        self.method = self.method or SparkConnectionMethod.SESSION
        self.host = self.host or "session"
        self.server_side_parameters = {
            name: _text(value) for name, value in self.server_side_parameters.items()
        }
        self.plugins = [{"config": {}, **plugin} for plugin in self.plugins]
        super().__post_init__()
        # dbt-spark switches it off for Spark 3; with it, a cast that fails is an error, as on DuckDB.
        self.server_side_parameters.pop("spark.sql.ansi.enabled", None)

    @property
    def type(self) -> str:
        """The type of the output."""
        return "warehouse_ml_spark"

    @property
    def unique_field(self) -> str:
        """What tells one warehouse from another, for dbt's statistics."""
        return self.remote or self.master

    def _connection_keys(self) -> tuple[str, ...]:
        return "master", "remote", "folder", "schema", "plugins"

    def connection_info(self, *, with_aliases: bool = False) -> Iterable[tuple[str, Any]]:
        """Return what ``dbt debug`` shows, of an address nothing that may be a secret."""
        shown = dict(super().connection_info(with_aliases=with_aliases))
        return (shown | {"remote": self.options().server or None}).items()

    def options(self) -> Options:
        """Return what the session is opened with."""
        return Options.of(self.master, self.remote, self.folder, self.server_side_parameters)

    def config_of_plugin(self) -> dict[str, Any]:
        """Return the config of the plugin of warehouse_ml."""
        configs = [one.get("config") for one in self.plugins if one.get("module") == "scoring.plugin"]
        return dict(configs[0] or {}) if configs else {}


def _text(value: Any) -> str:
    """Return a value of YAML as Spark writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
