"""Read from ONNX bytes what must be known before they are opened, without the onnx package.

An ONNX file is one protobuf message, `ModelProto`; its fields are numbered in
https://github.com/onnx/onnx/blob/main/onnx/onnx.proto and laid out as described in
https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from collections.abc import Iterator

OPSET_IMPORT, TRAINING_INFO, FUNCTIONS = 8, 20, 25
DOMAIN = 1
VARINT, FIXED64, LENGTH_DELIMITED, FIXED32 = 0, 1, 2, 5


def operator_domains(data: bytes) -> frozenset[str]:
    """Return the operator domains that the model imports; a node of any other domain cannot be loaded."""
    domains = set()
    for field, value in _fields(data):
        if field == OPSET_IMPORT:
            names = [text for part, text in _fields(value) if part == DOMAIN]
            domains.add(names[-1].decode("utf-8") if names else "")
    return frozenset(domains)


def defines_own_functions(data: bytes) -> bool:
    """Return whether the model brings functions or training graphs, which import domains of their own."""
    return any(field in (TRAINING_INFO, FUNCTIONS) for field, _ in _fields(data))


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the content of each field; the content of a plain number is left empty."""
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        kind = key & 7
        if kind == VARINT:
            _, end = _varint(data, position)
            position = end
        elif kind == LENGTH_DELIMITED:
            length, position = _varint(data, position)
            end = position + length
        elif kind in (FIXED64, FIXED32):
            position = end = position + (8 if kind == FIXED64 else 4)
        else:
            raise ValueError("its bytes are not a protobuf message")
        yield key >> 3, data[position:end]
        position = end


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """Return the number that starts at the position and the position after it."""
    value = shift = 0
    while True:
        if position >= len(data) or shift > 63:
            raise ValueError("its bytes are not a protobuf message")
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position += 1
        shift += 7
        if byte < 0x80:
            return value, position
