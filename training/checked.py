"""Read a mapping from YAML key by key, and collect everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scoring.errors import hint

_ABSENT = object()


class Block:
    """A mapping in a configuration.

    A reading method always returns a value of its type, so that reading goes on after a problem; the
    values are of use only if `problems` is empty in the end.

    Parameters
    ----------
    values
        What YAML gave.
    path
        Where the mapping stands, for messages.
    problems
        The list to collect in; shared by a mapping and those inside it.
    """

    def __init__(self, values: object, path: str = "", problems: list[str] | None = None) -> None:
        self.problems = [] if problems is None else problems
        self._path = path
        self._read: dict[str, None] = {}  # in the order of reading
        self._values: Mapping[str, Any] | None = values if isinstance(values, Mapping) else None
        if self._values is None:
            self._add(path or "ml", "must be a mapping of keys to values", values, "write it as key: value")

    def problem(self, key: str, rule: str, found: object, remedy: str) -> None:
        """Collect a problem with the value of a key."""
        self._add(self._name(key), rule, found, remedy)

    def text(self, key: str, meaning: str) -> str:
        """Return a required text."""
        value = self._take(key)
        if isinstance(value, str) and value:
            return value
        self.problem(key, f"must be text: {meaning}", value, f"write {key}: <name>")
        return ""

    def choice(self, key: str, options: Iterable[str], default: str | None = None) -> str:
        """Return one of the options; required if there is no default."""
        options = list(options)
        value = self._take(key)
        if value is _ABSENT and default is not None:
            return default
        if value in options:
            return str(value)
        nearest = hint(value, options) if isinstance(value, str) else ""
        self.problem(
            key, f"must be one of {', '.join(options)}", value, f"write {key}: {options[0]}{nearest}"
        )
        return options[0]

    def number(
        self,
        key: str,
        low: float,
        high: float,
        *,
        whole: bool = False,
        open_ends: bool = False,
        default: float | None = None,
    ) -> float:
        """Return a number within limits; required if there is no default."""
        value = self._take(key)
        if value is _ABSENT and default is not None:
            return default
        if isinstance(value, int | float) and not isinstance(value, bool):
            within = low < value < high if open_ends else low <= value <= high
            if within and not (whole and isinstance(value, float)):
                return value
        kind = "a whole number" if whole else "a number"
        limits = f"above {low} and below {high}" if open_ends else f"from {low} to {high}"
        self.problem(key, f"must be {kind} {limits}", value, "write a number within these limits")
        return low

    def flag(self, key: str) -> bool:
        """Return a required boolean."""
        value = self._take(key)
        if isinstance(value, bool):
            return value
        self.problem(key, "must be true or false", value, f"write {key}: true")
        return False

    def block(self, key: str, example: str) -> Block | None:
        """Return a required mapping, or None after a problem."""
        value = self._take(key)
        if isinstance(value, Mapping):
            return Block(value, self._name(key), self.problems)
        self.problem(key, "must be a mapping of keys to values", value, f"write {key}: {example}")
        return None

    def blocks(self, key: str, example: str) -> list[Block]:
        """Return an optional list of mappings."""
        value = self._take(key)
        if value is _ABSENT:
            return []
        if not isinstance(value, list):
            self.problem(key, "must be a list", value, f"write a list of entries such as {example}")
            return []
        return [Block(entry, f"{self._name(key)}[{n}]", self.problems) for n, entry in enumerate(value)]

    def has(self, key: str) -> bool:
        """Return whether an optional key is there."""
        self._read[key] = None
        return self._values is not None and key in self._values

    def keys(self) -> list[str]:
        """Return the keys in the order given."""
        return [str(key) for key in self._values or {}]

    def no_other_keys(self) -> None:
        """Collect a problem for every key that has not been read."""
        for key in self.keys():
            if key not in self._read:
                self._add(
                    self._name(key),
                    f"is not a key here; the keys are {', '.join(self._read)}",
                    key,
                    f"remove or correct it.{hint(key, self._read)}".removesuffix("."),
                )

    def _take(self, key: str) -> object:
        self._read[key] = None
        return _ABSENT if self._values is None else self._values.get(key, _ABSENT)

    def _name(self, key: str) -> str:
        return ".".join(part for part in (self._path, key) if part)

    def _add(self, name: str, rule: str, found: object, remedy: str) -> None:
        seen = "it is missing" if found is _ABSENT else f"found {found!r}"
        closing = "" if remedy.endswith("?") else "."
        self.problems.append(f"'{name}' {rule}; {seen}; {remedy}{closing}")
