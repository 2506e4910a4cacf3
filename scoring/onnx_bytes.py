"""Read from ONNX bytes what must be known before they are opened, and add notes, without the onnx package.

An ONNX file is one protobuf message, `ModelProto`; its fields are numbered in
https://github.com/onnx/onnx/blob/main/onnx/onnx.proto and laid out as described in
https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

OPSET_IMPORT, METADATA, TRAINING_INFO, FUNCTIONS = 8, 14, 20, 25
DOMAIN = 1
NOTE_KEY, NOTE_VALUE = 1, 2
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
    for field, start, content, end in _spans(data):
        note = dict(_fields(data[content:end])) if field == METADATA else {}
        if note.get(NOTE_KEY, b"").decode("utf-8") not in keys:
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


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the content of each field; the content of a plain number is left empty."""
    for field, _, content, end in _spans(data):
        yield field, data[content:end]


def _spans(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield each field's number, where it begins, where its content begins, and where both end."""
    position = 0
    while position < len(data):
        start = position
        key, position = _varint(data, position)
        kind = key & 7
        if kind == VARINT:
            _, position = _varint(data, position)
            end = position
        elif kind == LENGTH_DELIMITED:
            length, position = _varint(data, position)
            end = position + length
        elif kind in (FIXED64, FIXED32):
            position = end = position + (8 if kind == FIXED64 else 4)
        else:
            raise ValueError("its bytes are not a protobuf message")
        if end > len(data):
            raise ValueError("its bytes are not a protobuf message")
        yield key >> 3, start, position, end
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
