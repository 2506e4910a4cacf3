"""The SQL form of a model in the words of Spark: a translation of the text that the version holds.

A form is written in the dialect of DuckDB when the model is trained, see decision 0007, and is part of the version's
digest. It uses a few functions only, each of which has one translation here, so that a version has one form. What a
form names before its splits read it is the argument of a lambda on Spark, whose functions can hold no such query.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import takewhile

from scoring.signature import Signature

PARAMETERS = {"number": "double", "category": "string", "instant": "timestamp_ntz"}
"""The type of a parameter by the type of its feature."""
TYPES_ON_DUCKDB = {"number": "DOUBLE", "category": "VARCHAR", "instant": "TIMESTAMP"}
"""What the checks of a form take these for."""
_TOKEN = re.compile(
    r"""(?:r|input)\ is\ null | "(?:[^"]|"")*" | '(?:[^']|'')*' | [A-Za-z_]\w*
    | (?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)? | \s+ | .""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = {"varchar": "string", "r is null": "false", "input is null": "false"}
"""A row that is null does not exist where each feature is a parameter."""
_FUNCTIONS = {"error": "raise_error", "list_contains": "array_contains"}
_WORD = 63
"""Bits that are read as one number, which has a sign beside them."""
_DAY = 86_400_000_000
"""Microseconds."""


def parameters(signature: Signature) -> str:
    """Return the parameters of a function with the features of a signature, in their order."""
    return ", ".join(f"{_name(one.name)} {PARAMETERS[one.type]}" for one in signature.features)


def translated(form: str, signature: Signature, function: str) -> str:
    """Return an expression over a row ``r`` in DuckDB's words as the body of a function of Spark.

    Parameters
    ----------
    form
        The raw score, or a prediction with the raw score in it.
    signature
        The features, which are the function's parameters.
    function
        Its name.
    """
    kinds = {f"{_name(function)}.{_name(one.name)}": TYPES_ON_DUCKDB[one.type] for one in signature.features}
    return _Translation(form, kinds, function).text()


class _Translation:
    def __init__(self, form: str, kinds: Mapping[str, str], function: str) -> None:
        self._tokens = _Tokens(_TOKEN.findall(form))
        self._kinds = kinds
        self._function = function
        self._patterns: dict[str, str] = {}
        self._named: dict[str, str] = {}

    def text(self) -> str:
        return "".join(self._one(token) for token in self._tokens)

    def _query(self) -> str:
        """Return ``select expression from (select input, … as name from (select r as input))``, whose ``(`` is read.

        The expression is ``unnest([…]) as score``, and in versions of before a value without a name.
        """
        expression = self._tokens.until("from")
        columns = _Tokens(self._tokens.until(")"))
        columns.until("(")
        outer, self._tokens = self._tokens, _Tokens(columns.until("from"))
        values = [column.rpartition(" as ") for column in self._arguments("")[1:]]
        self._named = {name: f"prepared.{name}" for _, _, name in values}
        self._tokens = _Tokens(expression[1:])
        text = self.text().strip().removesuffix(" as score")
        self._tokens = outer
        if not values:
            return f"({text})"
        struct = ", ".join(f"'{name}', {value}" for value, _, name in values)
        return f"transform(array(named_struct({struct})), prepared -> {text})[0]"

    def _one(self, token: str) -> str:
        """Return what stands for a token and what belongs to it."""
        following = self._tokens.following()
        if token in ("r", "input") and following == ".":
            next(self._tokens)
            name = next(self._tokens)[1:-1].replace('""', '"')
            return f"{_name(self._function)}.{_name(name)}"
        if token[0] == "'":
            value = token[1:-1].replace("''", "'")
            return self._patterns.setdefault(value, _text(value))
        if token == "(" and following == "select":
            return self._query()
        if token == "(":
            return f"({', '.join(self._arguments(')'))})"
        if token == "[":
            return f"array({', '.join(self._arguments(']'))})"
        if following == "(" and token.isidentifier() and token not in ("and", "or", "then", "else", "when"):
            next(self._tokens)
            return self._call(token, self._arguments(")"))
        return _WORDS.get(token) or self._named.get(token, token)

    def _arguments(self, end: str) -> list[str]:
        arguments = [""]
        for token in takewhile(lambda token: token != end, self._tokens):
            if token == ",":
                arguments.append("")
            else:
                arguments[-1] += self._one(token)
        return [argument.strip() for argument in arguments]

    def _call(self, function: str, arguments: list[str]) -> str:
        """Return a call of a function of DuckDB in the words of Spark."""
        first = arguments[0]
        match function:
            case "regexp_matches":  # of the type of a parameter, which is known
                kind = self._kinds[first.removeprefix("typeof(").removesuffix(")")]
                pattern = next(value for value, written in self._patterns.items() if written == arguments[1])
                return "true" if re.search(pattern, kind) else "false"
            case "if":  # by the type of a parameter
                return arguments[1 if first == "true" else 2]
            case "get_bit":
                return _bit(first, arguments[1])
            case "unnest":  # of one element, which is the result
                return first.removeprefix("array(").removesuffix(")")
            case "list_position":
                return f"nullif(array_position({', '.join(arguments)}), 0)"
            case "regexp_extract":  # the digits of a decimal, which no parameter is
                return "''"
            case "list_sum":
                return f"aggregate({first}, 0e0, (total, term) -> total + term)"
            case "list_transform":  # of one element, which is the result
                for _ in "[1]":
                    next(self._tokens)
                variable, body = arguments[1].removeprefix("lambda ").split(":", 1)
                return f"transform({first}, {variable} ->{body})[0]"
            case "epoch":
                start = "timestamp_ntz '1970-01-01 00:00:00'"
                return f"(timestampdiff(microsecond, {start}, {first}) / 1000000e0)"
            case "make_timestamp":  # whose month is read: timestamps of microseconds have a zone
                return f"date_from_unix_date((({first} - pmod({first}, {_DAY})) div {_DAY})::int)"
            case "isinf":
                return f"(abs({first}) = 'inf'::double)"
            case _:
                return f"{_FUNCTIONS.get(function, function)}({', '.join(arguments)})"


def _bit(mask: str, place: str) -> str:
    """Return the bit at a place of a string of bits: Spark has bits of whole numbers only."""
    bits = mask.strip("'")
    words = [
        (
            start,
            f"getbit({int(bits[start : start + _WORD][::-1], 2)}L, {place}{f' - {start}' if start else ''})",
        )
        for start in range(0, len(bits), _WORD)
    ]
    if len(words) == 1:
        return words[0][1]
    whens = " ".join(f"when {place} < {start + _WORD} then {word}" for start, word in words[:-1])
    return f"case {whens} else {words[-1][1]} end"


class _Tokens(Iterator[str]):
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._place = 0

    def __next__(self) -> str:
        if self._place == len(self._tokens):
            raise StopIteration
        self._place += 1
        return self._tokens[self._place - 1]

    def following(self) -> str:
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def until(self, end: str) -> list[str]:
        """Return the tokens before the next one of some kind that is not in parentheses of its own, and pass it."""
        before: list[str] = []
        depth = 0
        for token in self:
            if token == end and not depth:
                break
            depth += (token == "(") - (token == ")")
            before.append(token)
        return before


def _name(name: str) -> str:
    doubled = name.replace("`", "``")
    return f"`{doubled}`"


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
