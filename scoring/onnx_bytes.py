"""Read from ONNX bytes what must be known before they are opened, and add notes, without the onnx package.

An ONNX file is one protobuf message, `ModelProto`; its fields are numbered in
https://github.com/onnx/onnx/blob/main/onnx/onnx.proto and laid out as described in
https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Bytes = bytes | memoryview

METADATA = 14
NOTE_KEY, NOTE_VALUE = 1, 2
VARINT, FIXED64, LENGTH_DELIMITED, FIXED32 = 0, 1, 2, 5
LARGEST_KEY = 2**32 - 1
DEEPEST = 50
"""How deep graphs may lie in attributes of other graphs' nodes; ONNX's own parser goes about as deep."""
NOT_PROTOBUF = "its bytes are not a protobuf message"

MODEL, GRAPH, NODE, ATTRIBUTE, TENSOR, SPARSE_TENSOR, OPSET = range(7)
"""The messages that say which operators a model runs and where its data lies."""
DOMAIN, FUNCTIONS, EXTERNAL_DATA, DATA_LOCATION = "domain", "functions", "external data", "data location"
PARTS: Mapping[tuple[int, int], int | str] = {
    (MODEL, 7): GRAPH,
    (MODEL, 8): OPSET,
    (MODEL, 20): FUNCTIONS,  # training graphs
    (MODEL, 25): FUNCTIONS,
    (OPSET, 1): DOMAIN,
    (GRAPH, 1): NODE,
    (GRAPH, 5): TENSOR,
    (GRAPH, 15): SPARSE_TENSOR,
    (NODE, 5): ATTRIBUTE,
    (NODE, 7): DOMAIN,
    (ATTRIBUTE, 5): TENSOR,
    (ATTRIBUTE, 6): GRAPH,  # the branches of If, the bodies of Loop and Scan
    (ATTRIBUTE, 10): TENSOR,
    (ATTRIBUTE, 11): GRAPH,
    (ATTRIBUTE, 22): SPARSE_TENSOR,
    (ATTRIBUTE, 23): SPARSE_TENSOR,
    (SPARSE_TENSOR, 1): TENSOR,
    (SPARSE_TENSOR, 2): TENSOR,
    (TENSOR, 13): EXTERNAL_DATA,
    (TENSOR, 14): DATA_LOCATION,
}
"""What each field of a message that matters holds; others are stepped over."""

_PLAIN_NUMBERS = re.compile(
    rb"(?:[\x08\x10\x18\x20\x28\x30\x38\x40\x48\x50\x58\x60\x68][\x80-\xff]{0,8}[\x00-\x7f]"
    rb"|[\x0d\x15\x1d\x25\x2d\x35\x3d\x45\x4d\x55\x5d\x65\x6d\x75\x7d].{4})++",
    re.DOTALL,
)
"""Numbers of fields 1 to 13, of which an attribute of a tree operator has hundreds of thousands in a row."""


@dataclass
class Contents:
    """What must be known of a model before it is opened.

    Parameters
    ----------
    imports, domains
        The operator domains that the model imports, and those that nodes of any of its graphs name; the
        default domain is the empty text.
    has_functions
        Whether it brings functions or training graphs, which import domains of their own.
    has_external_data
        Whether a tensor lies outside of the bytes.
    """

    imports: set[str] = field(default_factory=set)
    domains: set[str] = field(default_factory=set)
    has_functions: bool = False
    has_external_data: bool = False


def contents(data: Bytes) -> Contents:
    """Return what a model is made of: every node of every graph is looked at.

    Raises
    ------
    ValueError
        If the bytes are not a protobuf message, or graphs lie too deep in each other.
    """
    result = Contents()
    waiting = [(MODEL, memoryview(data), 0)]
    while waiting:
        message, content, depth = waiting.pop()
        if message == GRAPH:
            depth += 1
            if depth > DEEPEST:
                raise ValueError(f"its graphs lie more than {DEEPEST} deep in each other")
        domains, has_domain = result.domains if message == NODE else result.imports, False
        for number, part in _parts(message, content):
            if number == DOMAIN:
                domains.add(bytes(part).decode("utf-8", "replace"))
                has_domain = True
            elif number == FUNCTIONS:
                result.has_functions = True
            elif number in (EXTERNAL_DATA, DATA_LOCATION):
                result.has_external_data = True
            elif isinstance(number, int):
                waiting.append((number, part, depth))
        if message in (NODE, OPSET) and not has_domain:
            domains.add("")
    return result


def _parts(message: int, data: memoryview) -> Iterator[tuple[int | str, memoryview]]:
    """Yield what the fields of a message hold, of those that matter."""
    for number, kind, _, start, end in _spans(data, may_skip=message != TENSOR):
        part = PARTS.get((message, number))
        if part == DATA_LOCATION:
            if kind == VARINT and bytes(data[start:end]).strip(b"\x80") != b"\x00":
                yield part, data[start:end]
        elif part is not None and kind == LENGTH_DELIMITED:
            yield part, data[start:end]


def with_notes(data: bytes, notes: Mapping[str, str]) -> bytes:
    """Return the model with notes in its ``metadata_props``, in place of notes of the same keys.

    Everything else is left as it is, byte for byte.
    """
    parts = [data[start:end] for start, end in _others(data, frozenset(notes))]
    for key, value in notes.items():
        entry = _text_field(NOTE_KEY, key) + _text_field(NOTE_VALUE, value)
        parts.append(_number(METADATA << 3 | LENGTH_DELIMITED) + _number(len(entry)) + entry)
    return b"".join(parts)


def _others(data: bytes, keys: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Yield where each field begins and ends, apart from notes of the keys."""
    for number, _, start, content, end in _spans(data):
        note = (
            {part: data[content:end][at:to] for part, _, _, at, to in _spans(data[content:end])}
            if (number == METADATA)
            else {}
        )
        if bytes(note.get(NOTE_KEY, b"")).decode("utf-8") not in keys:
            yield start, end


def _text_field(field: int, text: str) -> bytes:
    content = text.encode("utf-8")
    return _number(field << 3 | LENGTH_DELIMITED) + _number(len(content)) + content


def _number(value: int) -> bytes:
    """Return a number as protobuf writes it: seven bits to a byte, the lowest first."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])


def _spans(data: Bytes, *, may_skip: bool = False) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield each field's number, kind, where it begins, where its content begins, and where both end.

    Runs of plain numbers are left out if they may be.
    """
    position = 0
    while position < len(data):
        if may_skip and (numbers := _PLAIN_NUMBERS.match(data, position)):
            position = numbers.end()
            continue
        start = position
        key, position = _varint(data, position)
        number, kind = key >> 3, key & 7
        if key > LARGEST_KEY or number == 0:
            raise ValueError(NOT_PROTOBUF)
        if kind == VARINT:
            _, end = _varint(data, position)
        elif kind == LENGTH_DELIMITED:
            length, position = _varint(data, position)
            end = position + length
        elif kind in (FIXED64, FIXED32):
            end = position + (8 if kind == FIXED64 else 4)
        else:
            raise ValueError(NOT_PROTOBUF)
        if end > len(data):
            raise ValueError(NOT_PROTOBUF)
        yield number, kind, start, position, end
        position = end


def _varint(data: Bytes, position: int) -> tuple[int, int]:
    """Return the number that starts at the position and the position after it."""
    value = shift = 0
    while True:
        if position >= len(data) or shift > 63:
            raise ValueError(NOT_PROTOBUF)
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position += 1
        shift += 7
        if byte < 0x80:
            return value, position
