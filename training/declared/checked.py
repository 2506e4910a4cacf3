"""Read a mapping from YAML key by key, and collect everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from scoring.errors import hint

_ABSENT = object()


def _sentence(hint: str) -> str:
    """Return a hint as a sentence after another one; nothing stays nothing."""
    return f".{hint}" if hint else ""


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
        self.path = path
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
        remedy = f"write {key}: <name>"
        if isinstance(value, bool):
            remedy = f"YAML reads yes, no, on and off without quotes as true and false: write {key}: '<name>'"
        self.problem(key, f"must be text: {meaning}", value, remedy)
        return ""

    def optional_text(self, key: str, meaning: str) -> str | None:
        """Return an optional text."""
        return self.text(key, meaning) if self.has(key) else None

    def scalar(self, key: str, meaning: str) -> str | None:
        """Return an optional text, number or boolean as text."""
        value = self._take(key)
        if value is _ABSENT:
            return None
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, str | int | float):
            return str(value)
        self.problem(key, f"must be a single value: {meaning}", value, f"write {key}: <value>")
        return None

    def texts(self, key: str, meaning: str) -> tuple[str, ...]:
        """Return an optional text or list of texts; empty if there is none."""
        value = self._take(key)
        if value is _ABSENT:
            return ()
        values = [value] if isinstance(value, str) else value
        if isinstance(values, list) and values and all(isinstance(entry, str) and entry for entry in values):
            return tuple(values)
        self.problem(key, f"must be text or a list of texts: {meaning}", value, f"write {key}: [<name>]")
        return ()

    def options(self, key: str, meaning: str) -> tuple[Any, ...]:
        """Return a required list of values."""
        value = self._take(key)
        if isinstance(value, list) and value:
            return tuple(value)
        self.problem(key, f"must be a list of values: {meaning}", value, f"write {key}: [<value>, <value>]")
        return ()

    def choice(self, key: str, options: Iterable[str], default: str | None = None) -> str:
        """Return one of the options; required if there is no default."""
        options = list(options)
        value = self._take(key)
        if value is _ABSENT and default is not None:
            return default
        if value in options:
            return str(value)
        # What follows is read as if the nearest option stood there, so that nothing else seems wrong.
        lowered = {option.lower(): option for option in options}
        nearest = get_close_matches(str(value).lower(), lowered, n=1) if isinstance(value, str) else []
        option = lowered[nearest[0]] if nearest else options[0]
        remedy = f"write {key}: {option}" + (f". Did you mean '{option}'?" if nearest else "")
        self.problem(key, f"must be one of {', '.join(options)}", value, remedy)
        return option

    def one_of(self, key: str, options: Sequence[Any]) -> Any:
        """Return one of the options, which may be of any type; it is required."""
        value = self._take(key)
        # 1 and true are equal, but not the same setting.
        if any(type(value) is type(option) and value == option for option in options):
            return value
        shown = ", ".join(str(option) for option in options)
        known = [str(option) for option in options]
        nearest = _sentence(hint(value, known)) if isinstance(value, str) else ""
        self.problem(key, f"must be one of {shown}", value, f"write {key}: {options[0]}{nearest}")
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

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """Return a boolean; required if there is no default."""
        value = self._take(key)
        if value is _ABSENT and default is not None:
            return default
        if isinstance(value, bool):
            return value
        self.problem(key, "must be true or false", value, f"write {key}: true")
        return False

    def is_list(self, key: str) -> bool:
        """Return whether an optional key is there and holds a list."""
        return self.has(key) and isinstance((self._values or {})[key], list)

    def only_with(self, key: str, condition: bool, rule: str, remedy: str) -> bool:
        """Return whether an optional key is there, and collect a problem if it must not be."""
        if not self.has(key):
            return False
        if not condition:
            self.problem(key, rule, (self._values or {})[key], remedy)
        return condition

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
            remedy = f"write a list of entries such as {example}"
            self.problem(
                key, "must be a list", value, f"{remedy}, or remove {key}" if value is None else remedy
            )
            return []
        return self._mappings(key, value, example)

    def entries(self, key: str, example: str) -> list[str | Block]:
        """Return an optional list of texts and mappings."""
        value = self._take(key)
        if value is _ABSENT:
            return []
        if not isinstance(value, list):
            remedy = f"write {key}: {example}"
            self.problem(
                key, "must be a list", value, f"{remedy}, or remove {key}" if value is None else remedy
            )
            return []
        return [
            entry
            for n, item in enumerate(value)
            for entry in ([item] if isinstance(item, str) else self._mappings(key, [item], example, first=n))
        ]

    def _mappings(self, key: str, values: list[object], example: str, first: int = 0) -> list[Block]:
        """Return the entries that are mappings, and collect a problem for every other."""
        blocks = []
        for n, value in enumerate(values, start=first):
            if isinstance(value, Mapping):
                blocks.append(Block(value, f"{self._name(key)}[{n}]", self.problems))
            else:
                remedy = f"write it as {example}"
                self.problem(f"{key}[{n}]", "must be a mapping of keys to values", value, remedy)
        return blocks

    def has(self, key: str) -> bool:
        """Return whether an optional key is there."""
        self._read[key] = None
        return self._values is not None and key in self._values

    def shown(self, key: str) -> object:
        """Return what an optional key that is there holds, whatever it is, for a message."""
        return (self._values or {})[key]

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
        return ".".join(part for part in (self.path, key) if part)

    def _add(self, name: str, rule: str, found: object, remedy: str) -> None:
        seen = "it is missing" if found is _ABSENT else f"found {found!r}"
        if found is None:
            seen = "it is empty"
        closing = "" if remedy.endswith("?") else "."
        self.problems.append(f"'{name}' {rule}; {seen}; {remedy}{closing}")
