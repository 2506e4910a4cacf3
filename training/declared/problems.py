"""What is wrong with a declared block, by pydantic and by rules of our own, in one sentence each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import ValidationError

from scoring.errors import hint
from training.declared.schema import RULE, Part, Schema

M = TypeVar("M", bound=Part)
Place = tuple[int | str, ...]
Problem = tuple[Place, str]
"""A place in a block, and the sentence that begins with its path."""
Json = Mapping[str, Any]

MISSING = ""
"""The text of a problem that pydantic words for keys that are always required."""
ROOT = "/"
"""The first part of a place in the whole block, and not in the key that is validated."""
YAML_TRAP = "; YAML reads yes, no, on and off without quotes as true and false: write {key}: '<name>'"
LONGEST_SHOWN = 100
MOST_SHOWN = 20


class Broken(ValueError):
    """What a validator finds wrong: all of it in one error."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)


def check(*problems: Problem) -> None:
    """Raise the problems, if there are any, for pydantic to report among its own."""
    if problems:
        raise Broken(problems)


def problem(value: object, rule: str, remedy: str = "", *, at: Place = ()) -> Problem:
    """Return that a value breaks a rule."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # as it is usually written
    return at, f" is {shown(value)}; it {rule}{remedy and ': '}{remedy}"


def choice(value: object, options: Iterable[str], what: str = "", *, at: Place = ()) -> list[Problem]:
    """Return that a value is none of some options, if it is none."""
    options = list(options)
    more = f" and {len(options) - MOST_SHOWN} more" if len(options) > MOST_SHOWN else ""
    named = ", ".join(options[:MOST_SHOWN]) or "of which there is none"
    rule = f"must be one of {what}{named}{more}{_near(value, options)}"
    return [] if value in options else [problem(value, rule, at=at)]


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
    spec, problems = problems_of(model, values, **context)
    return spec, [f"{path}{dotted(place)}{text}" for place, text in problems]


def problems_of(model: type[M], values: object, **context: Any) -> tuple[M | None, list[Problem]]:
    """Return a block as its model or None, and what is wrong with it."""
    schema = json_schema(model)
    nulls: list[Place] = []
    spec, errors = None, []
    try:
        spec = model.model_validate(_without_nulls(values, (), nulls), context=context)
    except ValidationError as error:
        errors = [each for each in error.errors(include_url=False) if each["loc"] not in nulls]
    nodes = [(place, _node(schema, place)) for place in nulls]
    problems = [(at, f" is null; it must be {rule(node) if node else 'a value'}") for at, node in nodes]
    problems += [each for error in errors for each in _described(error, schema)]
    return None if problems else spec, problems


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
        return f"one of {', '.join(map(plain, node['enum']))}"
    if "const" in node:
        return plain(node["const"])
    of_texts = " of texts" if node.get("items", {}).get("type") == "string" else ""
    names = {"string": "text", "boolean": "true or false", "array": f"a list{of_texts}"}
    numbers = {"integer": "a whole number", "number": "a number"}
    if node.get("type") not in numbers:
        return names.get(node.get("type", ""), "a mapping of keys to values")
    bounds = (node.get("minimum"), node.get("maximum"))
    low, high = (int(each) if each in (1e6, 1e12) else each for each in bounds)
    limits = f" between {low} and {high}" if high is not None else f" of at least {low}"
    return numbers[node["type"]] + (limits if low is not None else "")


def shown(value: object) -> str:
    """Return a value as YAML writes it in a line, texts in quotes, cut where it is long."""
    text = repr(value) if isinstance(value, str) else plain(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def plain(value: object) -> str:
    """Return a value as YAML writes it in a line."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {plain(each)}' for key, each in value.items())}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(plain, value))}]"
    return value if isinstance(value, str) else json.dumps(value, default=str)


def dotted(place: Iterable[int | str]) -> str:
    """Return a place as the end of a path."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)


def _described(error: Any, schema: Json) -> list[Problem]:
    """Return an error of pydantic, or the problems that a validator of ours raised through it."""
    place, kind, value = error["loc"], error["type"], error["input"]
    broken = error.get("ctx", {}).get("error")
    if isinstance(broken, Broken):
        places = [(at[1:] if at[:1] == (ROOT,) else (*place, *at), text) for at, text in broken.problems]
        return [(at, text or _missing(at, schema)) for at, text in places]
    if kind == "missing":
        return [(place, _missing(place, schema))]
    if kind == "extra_forbidden":
        parents = _members(_node(schema, place[:-1]), schema)
        keys = [name for parent in parents for name in parent.get("properties", {})]
        near = _near(str(place[-1]), keys) or f"; the keys are {', '.join(keys)}"
        return [(place, f" is not a key{near}")]
    node = _node(schema, place)
    trap = YAML_TRAP.format(key=place[-1]) if isinstance(value, bool) and "text" in rule(node) else ""
    return [(place, f" is {shown(value)}; it must be {rule(node)}{trap}{_near(value, node.get('enum', ()))}")]


def _missing(place: Place, schema: Json) -> str:
    node = _node(schema, place)
    meaning = re.split("[.:;]", str(node.get("description", "")))[0]
    example = plain(node.get("examples", ["..."])[0])
    return f" is missing: give {meaning[:1].lower()}{meaning[1:]}, for example {place[-1]}: {example}"


def _near(value: object, options: Iterable[object]) -> str:
    near = hint(value, map(str, options)) if isinstance(value, str) else ""
    return near and f".{near}"


def _node(schema: Json, place: Place) -> Json:
    """Return what a JSON Schema says of a place, references followed; nothing if it says nothing."""
    node = _followed(schema, schema)
    for part in place:
        steps = (
            member.get("items")
            if isinstance(part, int)
            else member.get("properties", {}).get(part, member.get("additionalProperties"))
            for member in _members(node, schema)
        )
        node = _followed(next((step for step in steps if isinstance(step, Mapping)), {}), schema)
    return node


def _members(node: Json, schema: Json) -> list[Json]:
    return [_followed(member, schema) for member in node.get("anyOf", [node])]


def _followed(node: Json, schema: Json) -> Json:
    name = str(node.get("$ref", "")).rpartition("/")[2]
    return {**_followed(schema["$defs"][name], schema), **node} if name else node


def _without_nulls(values: object, place: Place, nulls: list[Place]) -> object:
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
