"""The base of every declared block: strict pydantic models, and what is wrong with a block in sentences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError, core_schema

from scoring.errors import hint

M = TypeVar("M", bound="Part")
T = TypeVar("T")
Location = tuple[int | str, ...]
Json = Mapping[str, Any]

RULE = "x-rule"
"""The key of a JSON Schema that says in words what a pattern or a union allows."""
YAML_TRAP = "; YAML reads yes, no, on and off without quotes as true and false: write {key}: '<name>'"
LONGEST_SHOWN = 100
MOST_SHOWN = 20


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _as_texts(value: object) -> object:
    return (value,) if isinstance(value, str) else _as_tuple(value)


def _as_text(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


Name = Annotated[str, Field(min_length=1)]
Listed = Annotated[tuple[T, ...], BeforeValidator(_as_tuple)]
Texts = Annotated[tuple[Name, ...], BeforeValidator(_as_texts, json_schema_input_type=Name | list[Name])]
"""A text or a list of texts."""
Scalar = Annotated[
    str,
    BeforeValidator(_as_text, json_schema_input_type=str | float | bool),
    Field(json_schema_extra={RULE: "a single value"}),
]
"""A text, number or boolean, as text."""


class Part(BaseModel):
    """A mapping of a user's YAML: no other keys, no conversions, frozen."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        validate_default=True,
        use_attribute_docstrings=True,
        defer_build=True,
    )


class Schema(GenerateJsonSchema):
    """JSON Schemas in which a key may be absent, but not null."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> dict[str, Any]:
        """Return the schema of what may be null in Python."""
        return self.generate_inner(schema["schema"])

    def sort(self, value: dict[str, Any], parent_key: str | None = None) -> dict[str, Any]:
        """Return the schema in the order in which the models are written."""
        return value


class Problems:
    """What rules of our own find in a block, reported together with what pydantic finds."""

    def __init__(self) -> None:
        self._found: list[InitErrorDetails] = []

    def add(
        self,
        key: str | Location,
        value: object,
        rule: str,
        remedy: str = "",
        *,
        at: Location | None = None,
    ) -> None:
        """Add a problem: the value of a key, the rule that it breaks, and what to do.

        ``at`` is the place in the whole block where it is another one than that of the key.
        """
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # as it is usually written
        text = f" is {shown(value)}; it {rule}{remedy and ': '}{remedy}"
        self._append(key, PydanticCustomError("rule", "{text}", {"text": text, "at": at}))

    def choice(self, key: str | Location, value: object, options: Iterable[str], what: str = "") -> None:
        """Add a problem unless the value is one of the options, and say what they are."""
        options = list(options)
        if value not in options:
            more = f" and {len(options) - MOST_SHOWN} more" if len(options) > MOST_SHOWN else ""
            named = ", ".join(options[:MOST_SHOWN])
            self.add(key, value, f"must be one of {what}{named}{more}{_near(value, options)}")

    def missing(self, key: str) -> None:
        """Add that a key is missing that is required here."""
        self._append(key, "missing")

    def include(self, key: str | Location, found: Iterable[tuple[Location, str]]) -> None:
        """Add what `problems_of` finds in a part of the block."""
        for location, text in found:
            self._append((*_location(key), *location), PydanticCustomError("rule", "{text}", {"text": text}))

    @contextmanager
    def collected(self, key: str | Location) -> Iterator[None]:
        """Add what rules of our own raise within."""
        try:
            yield
        except ValidationError as error:
            self.include(key, [(each["loc"], each["ctx"]["text"]) for each in error.errors()])

    def texts(self) -> list[str]:
        """Return what was added, the places included, outside of pydantic."""
        return [_path("", each["loc"]) + str(each["type"]) for each in self._found]

    def raise_all(self) -> None:
        """Raise what was added, if anything was."""
        if self._found:
            raise ValidationError.from_exception_data("block", self._found)

    def _append(self, key: str | Location, kind: str | PydanticCustomError) -> None:
        self._found.append(InitErrorDetails(type=kind, loc=_location(key), input=None))


def refusal(value: object, rule: str, remedy: str) -> ValidationError:
    """Return the error of a single key, for a validator of that key to raise."""
    problems = Problems()
    problems.add((), value, rule, remedy)
    return ValidationError.from_exception_data("block", problems._found)


def absence() -> ValidationError:
    """Return the error of a key that is required here, for a validator of that key to raise."""
    details = InitErrorDetails(type="missing", loc=(), input=None)
    return ValidationError.from_exception_data("block", [details])


def read(model: type[M], values: object, path: str, **context: Any) -> tuple[M | None, list[str]]:
    """Return a block as its model, or None and everything that is wrong with it.

    Parameters
    ----------
    model
        What the block must be.
    values
        The block as YAML gives it.
    path
        Where it stands, to begin each sentence with.
    context
        What validators of the model can read.
    """
    found, problems = problems_of(model, values, **context)
    return found, [f"{_path(path, location)}{text}" for location, text in problems]


def problems_of(
    model: type[M], values: object, **context: Any
) -> tuple[M | None, list[tuple[Location, str]]]:
    """Return a block as its model or None, and the places and texts of what is wrong with it."""
    schema = json_schema(model)
    nulls: list[Location] = []
    found, errors = None, []
    try:
        found = model.model_validate(_without_nulls(values, (), nulls), context=context)
    except ValidationError as error:
        errors = [each for each in error.errors(include_url=False) if each["loc"] not in nulls]
    problems = [(place, f" is null; it must be {rule(_node(schema, place))}") for place in nulls]
    problems += [_described(error, schema) for error in errors]
    return None if problems else found, problems


@cache
def json_schema(model: type[Part]) -> Json:
    """Return the JSON Schema of a block."""
    return model.model_json_schema(schema_generator=Schema)


def rule(node: Json) -> str:
    """Return in words what a node of a JSON Schema allows.

    Examples
    --------
    >>> rule({"type": "number", "minimum": 0, "maximum": 0.9})
    'a number between 0 and 0.9'
    """
    if RULE in node:
        return str(node[RULE])
    if "anyOf" in node:
        return " or ".join(rule(member) for member in node["anyOf"])
    if "enum" in node:
        return f"one of {', '.join(map(shown_plain, node['enum']))}"
    if "const" in node:
        return shown_plain(node["const"])
    kind = node.get("type", "")
    items = {"string": " of texts", "number": " of numbers"}.get(node.get("items", {}).get("type"), "")
    names = {
        "string": "text",
        "boolean": "true or false",
        "array": f"a list{items}",
        "integer": "a whole number",
    }
    return names.get(kind, "a number" if kind == "number" else "a mapping of keys to values") + _limits(node)


def shown(value: object) -> str:
    """Return a value as YAML writes it in a line, texts in quotes, cut where it is long."""
    text = repr(value) if isinstance(value, str) else shown_plain(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def shown_plain(value: object) -> str:
    """Return a value as YAML writes it in a line."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {shown_plain(each)}' for key, each in value.items())}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(shown_plain, value))}]"
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _limits(node: Json) -> str:
    low, high = (_short(node.get(key)) for key in ("minimum", "maximum"))
    if low and high:
        return f" between {low} and {high}"
    return f" of at least {low}" if low else ""


def _short(number: float | None) -> str:
    is_long = isinstance(number, float) and number.is_integer() and abs(number) < 1e15
    return "" if number is None else str(int(number) if is_long else number)


def _described(error: Any, schema: Json) -> tuple[Location, str]:
    """Return the place of an error of pydantic and the rest of the sentence about it."""
    place, kind, value = error["loc"], error["type"], error["input"]
    if kind == "rule":
        return error["ctx"].get("at") or place, error["ctx"]["text"]
    node, key = _node(schema, place), str(place[-1]) if place else ""
    if kind == "missing":
        meaning = re.split("[.:;]", str(node.get("description", "")))[0]
        example = shown_plain(node.get("examples", ["..."])[0])
        return place, f" is missing: give {meaning[:1].lower()}{meaning[1:]}, for example {key}: {example}"
    if kind == "extra_forbidden":
        parents = _members(_node(schema, place[:-1]), schema)
        keys = [name for parent in parents for name in parent.get("properties", {})]
        return place, f" is not a key{hint(key, keys) and '.'}" + (
            hint(key, keys) or f"; the keys are {', '.join(keys)}"
        )
    text = f" is {shown(value)}; it must be {rule(node)}"
    if isinstance(value, bool) and "text" in rule(node):
        return place, text + YAML_TRAP.format(key=key)
    return place, text + _near(value, node.get("enum", ()))


def _near(value: object, options: Iterable[object]) -> str:
    near = hint(value, map(str, options)) if isinstance(value, str) else ""
    return f".{near}" if near else ""


def _node(schema: Json, location: Location) -> Json:
    """Return what a JSON Schema says of a place, references followed; nothing if it says nothing."""
    node = _followed(schema, schema)
    for part in location:
        steps = (
            member.get("items", {})
            if isinstance(part, int)
            else member.get("properties", {}).get(part, member.get("additionalProperties") or {})
            for member in _members(node, schema)
        )
        node = _followed(next((step for step in steps if step), {}), schema)
    return node


def _members(node: Json, schema: Json) -> list[Json]:
    return [_followed(member, schema) for member in node.get("anyOf", [node])]


def _followed(node: Json, schema: Json) -> Json:
    name = str(node.get("$ref", "")).rpartition("/")[2]
    return {**_followed(schema["$defs"][name], schema), **node} if name else node


def _without_nulls(values: object, place: Location, nulls: list[Location]) -> object:
    """Return a block without the keys that are null, whose places are added to a list; keys are texts."""
    if isinstance(values, list):
        return [_without_nulls(value, (*place, n), nulls) for n, value in enumerate(values)]
    if not isinstance(values, Mapping):
        return values
    nulls += [(*place, str(key)) for key, value in values.items() if value is None]
    return {
        str(key): _without_nulls(value, (*place, str(key)), nulls)
        for key, value in values.items()
        if value is not None
    }


def _location(key: str | Location) -> Location:
    return (key,) if isinstance(key, str) else key


def _path(path: str, location: Iterable[int | str]) -> str:
    return path + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
