"""The block ``config: meta: feature_view:`` of a model, seed or snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from scoring import time_spans
from training.declared.node import Node
from training.declared.problems import check, choice, problem, read, shown
from training.declared.schema import RULE, Name, Part, Texts

BLOCK = "feature_view"
NULL_RULES = {
    "never": "every row of the view has a value",
    "none yet": "nothing has happened yet that the value could be taken from",
    "unknown": "there is a value, but nobody recorded it",
    "not applicable": "there is no such value for the row",
}
"""What a null of a feature may mean: each feature declares one of them."""

Entity = Annotated[
    str,
    Field(
        pattern="^[a-z][a-z0-9_]*$",
        json_schema_extra={RULE: "a name of small letters, digits and underscores"},
    ),
]
Span = Annotated[
    str,
    Field(
        pattern=time_spans.PATTERN,
        json_schema_extra={RULE: time_spans.RULE},
    ),
]
Text = Annotated[str, Field(pattern=r"\S", json_schema_extra={RULE: "text"})]


class FeatureView(Part):
    """What makes a model a feature view: whom its rows describe, and when they counted."""

    entity: Entity = Field(examples=["customer"])
    """The thing that the view describes."""
    keys: Texts = Field(min_length=1, examples=[["customer_id"]])
    """The columns that identify an entity, the same in all views of it."""
    event_at: Name = Field("event_at", examples=["ordered_at"])
    """The column with the instant that the values are of, in UTC."""
    known_at: Name = Field("known_at", examples=["booked_at"])
    """The column with the instant at which the values became known, in UTC."""
    ttl: Span | None = Field(None, examples=["2 day"])
    """How long values count after event_at; for ever unless set."""
    owner: Text = Field(examples=["pricing team"])
    """The people who answer for the view."""
    allow_pii: Texts = Field((), examples=[["postcode"]])
    """The columns that may hold personal data: those marked `meta: {pii: true}`, and what is derived of them. Keys
    may."""

    @field_validator("keys", "event_at", "known_at", "allow_pii")
    @classmethod
    def _columns(cls, value: str | tuple[str, ...], info: ValidationInfo) -> str | tuple[str, ...]:
        columns = (info.context or {}).get("columns")
        named = (value,) if isinstance(value, str) else value
        problems = (
            []
            if columns is None
            else [each for column in named for each in choice(column, columns, "the columns described, ")]
        )
        if len(set(named)) < len(named):
            problems.append(problem(list(named), "must be different columns", "remove the repeated ones"))
        if isinstance(value, str) and value in info.data.get("keys", ()):
            problems.append(problem(value, "must be an instant and no key", "name another column"))
        check(*problems)
        return value

    @property
    def grain(self) -> tuple[str, ...]:
        """The columns that are no features."""
        return (*self.keys, self.event_at, self.known_at)


def problems_of_views(nodes: Mapping[str, Node]) -> Iterator[str]:
    """Yield what is wrong with the feature views among some nodes."""
    views: dict[str, FeatureView] = {}
    for node in nodes.values():
        view, problems = read(FeatureView, node.blocks[BLOCK], BLOCK, columns=node.columns)
        if view is not None:
            views[node.name] = view
        yield from map(node.sentence, (*problems, *_problems_of_node(node, view)))
    first: dict[str, str] = {}
    for name, view in views.items():
        other = first.setdefault(view.entity, name)
        if set(view.keys) != set(views[other].keys):
            yield nodes[name].sentence(
                f"feature_view.keys is {shown(view.keys)}; it must be {shown(views[other].keys)} as in "
                f"{other}, a view of the same entity {view.entity}: correct the keys or name another entity"
            )


def _problems_of_node(node: Node, view: FeatureView | None) -> Iterator[str]:
    if node.materialized == "ephemeral":
        yield "materialized is 'ephemeral'; a feature view must be a table, view, incremental or snapshot"
    grain: Any = view.grain if view else node.columns
    features = [name for name in node.columns if name not in grain]
    if view and not features:
        yield "columns has no feature; describe the columns beside the keys and clocks"
    for name, column in node.columns.items():
        if not str(column.get("description") or "").strip():
            yield f"columns.{name}.description is missing: write what the column holds"
        nulls, names = column.get("nulls"), ", ".join(NULL_RULES)
        if nulls is None and name in features:
            yield f"columns.{name}.config.meta.nulls is missing: say what a null means, one of {names}"
        if nulls is not None:
            yield from (f"columns.{name}.config.meta.nulls{text}" for _, text in choice(nulls, NULL_RULES))
