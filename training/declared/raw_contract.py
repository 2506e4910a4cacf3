"""The block ``config: meta: raw_contract:`` of a seed or a source's table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator, model_validator

from training.declared.node import Node
from training.declared.problems import Problem, check, choice, problem, read
from training.declared.schema import Listed, Name, Part, Texts

BLOCK = "raw_contract"
TEXT_TYPES = ("varchar", "text", "string")
OF_EVERY_TABLE = ("too_few_values", "too_many_values")
"""The rules that the reader of CSV files checks."""

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]


class RangeRule(Part):
    """What a number may be."""

    min: float | None = Field(None, examples=[0])
    """The least value."""
    max: float | None = Field(None, examples=[100])
    """The largest value."""

    @model_validator(mode="after")
    def _any(self) -> RangeRule:
        if self.min is None and self.max is None:
            check(problem({}, "must have min, max or both", "write for example {min: 0}"))
        return self


class RowRule(Part):
    """A condition that every row must meet."""

    name: Name = Field(examples=["paid_at_most"])
    """The name of the rule, for thresholds and reports."""
    condition: Name = Field(examples=["paid <= amount"])
    """The SQL condition, with {column} for each of the columns."""
    reason: Name = Field(examples=["what is paid must be at most the amount"])
    """The sentence that a broken row is reported with."""
    columns: Listed[Name] = Field((), examples=[["paid"]])
    """The columns that the rule is repeated for; a rule of the whole row has none."""


class Weights(Part):
    """What each share weighs in the data quality score."""

    completeness: Weight = Field(examples=[1])
    """The weight of completeness."""
    accuracy: Weight = Field(examples=[2])
    """The weight of accuracy."""
    validity: Weight = Field(examples=[1])
    """The weight of validity."""

    @model_validator(mode="after")
    def _positive(self) -> Weights:
        if not self.completeness + self.accuracy + self.validity:
            check(problem(self.model_dump(), "must have a weight above 0", "raise one of them"))
        return self


class RawContract(Part):
    """What the rows of a raw table must keep to; those that do not go to quarantine."""

    like: Name | None = Field(None, examples=["orders"])
    """The seed whose types and contract count where this one has none."""
    types: dict[str, Name] = Field({}, examples=[{"paid_on": "date"}])
    """The types of a source's columns, which are read as text; a seed has them in column_types."""
    key: Listed[Name] = Field((), examples=[["order_id"]])
    """The columns that identify a row, each of which must have a value."""
    required: Listed[Name] = Field((), examples=[["ordered_at"]])
    """Further columns that must have a value."""
    ranges: dict[str, RangeRule] = Field({}, examples=[{"amount": {"min": 0, "max": 1000}}])
    """By column, the numbers that it may hold."""
    references: dict[str, Annotated[Texts, Field(min_length=1)]] = Field(
        {}, examples=[{"customer_id": "customers.customer_id"}]
    )
    """By column, the column of another raw table, as `<table>.<column>`, or a list of them, one of which must
    have its value."""
    rules: Listed[RowRule] = Field(
        (),
        examples=[
            [
                {
                    "name": "paid_at_most",
                    "condition": "paid <= amount",
                    "reason": "what is paid must be at most the amount",
                }
            ]
        ],
    )
    """Conditions in SQL."""
    max_bad_share: Share = Field(0.0, examples=[0.01])
    """The largest share of rows in quarantine that lets a build go on."""
    max_bad_share_by_rule: dict[str, Share] = Field({}, examples=[{"required_ordered_at": 0.001}])
    """The same by rule."""
    min_score: Share = Field(0.0, examples=[0.99])
    """The least data quality score that lets a build go on."""
    weights: Weights = Field(
        Weights(completeness=1, accuracy=1, validity=1),
        examples=[{"completeness": 1, "accuracy": 2, "validity": 1}],
    )
    """What completeness, accuracy and validity weigh in the score; 1 each unless set."""

    @field_validator("like", "types", "key", "required", "ranges", "references", "rules")
    @classmethod
    def _suits_table(cls, value: Any, info: ValidationInfo) -> Any:
        if value and info.context:
            check(*_unsuitable(value, info.field_name or "", info.context["node"], info.context["nodes"]))
        return value


def _unsuitable(value: Any, key: str, node: Node, nodes: Mapping[str, Node]) -> Iterator[Problem]:
    """Yield what of a key does not suit the table, or the tables that it names."""
    if key == "like":
        seeds = [name for name, other in nodes.items() if other.kind == "seed"]
        yield from choice(value, seeds, "the seeds with a contract: ")
    elif key == "types" and node.kind == "seed":
        rule = "has no effect in a seed, which is typed as it is loaded"
        yield problem(value, rule, "write the types in column_types")
    else:
        columns = [column for each in value for column in each.columns] if key == "rules" else value
        for column in columns if node.names else ():
            yield from choice(column, node.names, "the columns ")
    for column, reference in _references(value) if key == "references" else ():
        table, _, referred = reference.rpartition(".")
        if table not in nodes:
            rule = f"must be <table>.<column> of a table with a contract: {', '.join(nodes)}"
            yield problem(reference, rule, at=(column,))
        elif nodes[table].names and referred.lower() not in map(str.lower, nodes[table].names):
            yield from choice(reference, (f"{table}.{name}" for name in nodes[table].names), at=(column,))


def _references(references: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(column, reference) for column, names in references.items() for reference in names]


def problems_of_contracts(nodes: Mapping[str, Node]) -> Iterator[str]:
    """Yield what is wrong with the raw contracts among some nodes."""
    contracts: dict[str, RawContract] = {}
    # Seeds come first, as other contracts may be like theirs.
    for node in sorted(nodes.values(), key=lambda node: node.kind != "seed"):
        block = _inherited(node, contracts, nodes)
        contract, problems = read(RawContract, block, BLOCK, node=node, nodes=nodes)
        if contract is not None:
            contracts[node.name] = contract
        if not node.names:
            part = "column_types" if node.kind == "seed" else "columns"
            problems.append(f"{part} is missing: describe the columns of a table under a contract")
        yield from map(node.sentence, problems)
    for name in contracts:
        yield from map(nodes[name].sentence, _problems_together(nodes[name], contracts))


def _inherited(node: Node, contracts: Mapping[str, RawContract], nodes: Mapping[str, Node]) -> object:
    """Return a block with what it takes from the seed that it is like."""
    block = node.blocks[BLOCK]
    like = str(block.get("like")) if isinstance(block, Mapping) else ""
    if like not in contracts or nodes[like].kind != "seed":
        return block
    types = {} if node.kind == "seed" else {"types": nodes[like].column_types}
    return {**types, **nodes[like].blocks[BLOCK], **block}


def _problems_together(node: Node, contracts: Mapping[str, RawContract]) -> Iterator[str]:
    """Yield what only shows where the contracts themselves are right."""
    contract = contracts[node.name]
    for column, reference in _references(contract.references):
        if _leads_to(node.name, reference.rpartition(".")[0], contracts, frozenset()):
            rule = f"leads back to {node.name}, but a table is checked after those it refers to"
            yield f"{BLOCK}.references.{column}{problem(reference, rule, 'remove one of the references')[1]}"
    rules = rule_names(contract, node.column_types if node.kind == "seed" else contract.types)
    for name in contract.max_bad_share_by_rule:
        yield from (f"{BLOCK}.max_bad_share_by_rule{text}" for _, text in choice(name, dict.fromkeys(rules)))
    for name in (name for name, count in Counter(rules).items() if count > 1):
        rule = "must have a name that no other rule has"
        yield f"{BLOCK}.rules{problem(name, rule, 'rename one')[1]}"


def _leads_to(name: str, other: str, contracts: Mapping[str, RawContract], seen: frozenset[str]) -> bool:
    """Return whether the references of a table lead to another one."""
    if other == name:
        return True
    if other in seen or other not in contracts:
        return False
    tables = {reference.rpartition(".")[0] for _, reference in _references(contracts[other].references)}
    return any(_leads_to(name, table, contracts, seen | {other}) for table in tables)


def rule_names(contract: RawContract, types: Mapping[str, str]) -> list[str]:
    """Return the names of all rules of a contract, as the macro ``raw_rules`` gives them."""
    return [
        *OF_EVERY_TABLE,
        *(f"required_{column}" for column in dict.fromkeys((*contract.key, *contract.required))),
        *(f"type_{name}" for name, kind in types.items() if kind.strip().lower() not in TEXT_TYPES),
        *(f"range_{column}" for column in contract.ranges),
        *(f"{rule.name}_{column}" for rule in contract.rules for column in rule.columns),
        *(rule.name for rule in contract.rules if not rule.columns),
        *(f"reference_{column}" for column in contract.references),
        *(("repeated_row", "conflicting_key") if contract.key else ()),
    ]
