"""What declared blocks are made of: strict pydantic models, and the types of their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

T = TypeVar("T")

RULE = "x-rule"
"""The key of a JSON Schema that says in words what a pattern or a union allows."""


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


def options(names: Iterable[str]) -> Callable[[dict[str, Any]], None]:
    """Return what adds to a JSON Schema the values of a key whose default depends on other keys."""

    def extend(node: dict[str, Any]) -> None:
        node.pop("default", None)
        node["enum"] = list(names)

    return extend


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
    """JSON Schemas in which a key may be absent, but not null, in the order of the models."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> dict[str, Any]:
        """Return the schema of what may be null in Python."""
        return self.generate_inner(schema["schema"])

    def sort(self, value: dict[str, Any], parent_key: str | None = None) -> dict[str, Any]:
        """Return the schema as it is."""
        return value
