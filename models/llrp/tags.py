"""The tags of an RO_ACCESS_REPORT, fast: what a reader sends all day.

A reader writes tag after tag with the same fields in the same order. So a tag is walked once, its *shape* (length,
and where which field stands) is remembered, and the next tag of that length only has to agree with it, byte for byte
where headers stand. Runs of tags of one shape are taken at once: that they agree is seen from strided slices of the
report, their numbers come from one ``struct`` format, their EPCs from the report in hexadecimal. Any report is read;
a uniform one fastest.
"""

import struct
from operator import itemgetter
from typing import Any, Final

from models.llrp.codec import TV_SIZES
from models.llrp.errors import LlrpError

SeenTag = tuple[str, int | None, int | None, int | None, int | None, int | None]
"""EPC (upper-case hexadecimal, whole words), antenna, peak RSSI in dBm, first and last seen in µs, times seen.

The times are the reader's clock: since 1970, or since it started where it has no calendar."""

_TAG: Final = 240
_EPC_96, _EPC_DATA = 13, 241
_HEADER: Final = struct.Struct(">HH")
_LONGEST_RUN: Final = 65_536
_MAX_SHAPES: Final = 64
# TV type → column of SeenTag and struct code.
_WANTED: Final = {1: (1, "H"), 6: (2, "b"), 2: (3, "Q"), 3: (3, "Q"), 4: (4, "Q"), 5: (4, "Q"), 8: (5, "H")}


class _Shape:
    """Where what stands in a tag's parameter of ``length`` bytes."""

    def __init__(
        self, length: int, marks: dict[int, int], epc: tuple[int, int], fields: dict[int, tuple[int, str]]
    ) -> None:
        """``marks``: offset → byte; ``epc``: offset and size; ``fields``: column → offset and struct code."""
        self.length, self.marks, self.epc = length, marks, epc
        self.padding = "0" * (-epc[1] * 2 % 4)
        mask, want = bytearray(length), bytearray(length)
        for offset, byte in marks.items():
            mask[offset], want[offset] = 0xFF, byte
        self.mask, self.want = int.from_bytes(mask), int.from_bytes(want)
        self.columns = sorted(fields, key=lambda column: fields[column][0])
        code, at = ">", 0
        for column in self.columns:
            offset, kind = fields[column]
            code += f"{offset - at}x{kind}"
            at = offset + struct.calcsize(kind)
        self.format = struct.Struct(f"{code}{length - at}x")
        # From (EPC, numbers by offset …, None) to the columns' order; None stands for what a tag has not.
        places = [self.columns.index(column) + 1 if column in fields else -1 for column in range(1, 6)]
        self.in_order = itemgetter(0, *places)

    def one(self, body: bytes, digits: str, at: int) -> Any:  # noqa: ANN401 - itemgetter's type; it is a SeenTag
        """The tag at ``at``."""
        offset, size = self.epc
        start = (at + offset) * 2
        return self.in_order(
            (digits[start : start + size * 2] + self.padding, *self.format.unpack_from(body, at), None)
        )

    def run(self, body: bytes, at: int, count: int) -> int:
        """How many of the ``count`` tags from ``at`` have this shape."""
        length = self.length
        for offset, mark in self.marks.items():
            column = body[at + offset : at + count * length : length]
            if column.count(mark) != count:
                count = next(place for place, byte in enumerate(column) if byte != mark)
        return count

    def many(self, body: bytes, digits: str, at: int, count: int) -> list[SeenTag]:
        """The ``count`` tags from ``at``, which all have this shape."""
        step, width = self.length * 2, self.epc[1] * 2
        start = (at + self.epc[0]) * 2
        columns: list[Any] = [[None] * count] * 6
        columns[0] = [
            digits[place : place + width] + self.padding for place in range(start, start + count * step, step)
        ]
        rows = self.format.iter_unpack(memoryview(body)[at : at + count * self.length])
        for column, values in zip(self.columns, zip(*rows, strict=True), strict=False):
            columns[column] = values
        return list(zip(*columns, strict=True))


_shapes: dict[int, _Shape] = {}
"""Length → the shape that a tag of this length had last; a mere memory, whose loss costs a walk."""


def decode_tags(body: bytes) -> list[SeenTag]:
    """All tags in the body of an RO_ACCESS_REPORT; other parameters are skipped, so is a tag without an EPC.

    Raises:
        LlrpError: a parameter is cut off or its length cannot be.
    """
    digits = body.hex().upper()
    whole = _shapes.get(len(body))
    if whole is not None and whole.epc[1] and int.from_bytes(body) & whole.mask == whole.want:
        return [whole.one(body, digits, 0)]  # many readers report tag by tag
    seen: list[SeenTag] = []
    at, end, run = 0, len(body), 1
    while at < end:
        kind, length = _tlv(body, at, end)
        if kind != _TAG:
            at += length
            continue
        shape = _shapes.get(length)
        if shape is None or int.from_bytes(body[at : at + length]) & shape.mask != shape.want:
            shape = _remember(_walk(body, at, length))
        left = (end - at) // length
        count = 1 if run == 1 or left == 1 else shape.run(body, at, min(left, run))
        if shape.epc[1]:
            if count == 1:
                seen.append(shape.one(body, digits, at))
            else:
                seen += shape.many(body, digits, at, count)
        run = min(run * 16, _LONGEST_RUN) if count == run else 1
        at += count * length
    return seen


def _remember(shape: _Shape) -> _Shape:
    if len(_shapes) >= _MAX_SHAPES:
        _shapes.clear()
    _shapes[shape.length] = shape
    return shape


def _tlv(body: bytes, at: int, end: int) -> tuple[int, int]:
    if at + _HEADER.size > end:
        raise LlrpError("a parameter ends inside its header")
    kind, length = _HEADER.unpack_from(body, at)
    if length < _HEADER.size or at + length > end:
        raise LlrpError(f"parameter {kind & 0x3FF} says {length} bytes where {end - at} are left")
    return kind & 0x3FF, length


def _walk(body: bytes, at: int, length: int) -> _Shape:
    """The shape of the tag at ``at``. Raises ``LlrpError`` like ``decode_tags``."""
    marks = {offset: body[at + offset] for offset in range(_HEADER.size)}
    epc = (0, 0)
    fields: dict[int, tuple[int, str]] = {}
    place, end = at + _HEADER.size, at + length
    while place < end:
        offset = place - at
        if not body[place] & 0x80:
            kind, size = _tlv(body, place, end)
            marked = _HEADER.size
            if kind == _EPC_DATA:
                epc, marked = (offset + 6, _epc_bytes(body, place, size)), 6
            marks.update({offset + step: body[place + step] for step in range(marked)})
            place += size
            continue
        kind = body[place] & 0x7F
        marks[offset] = body[place]
        if kind not in TV_SIZES:
            break  # an unknown TV: behind it nothing can be found
        place += 1 + TV_SIZES[kind]
        if place > end:
            raise LlrpError(f"parameter {kind} ends inside its fields")
        if kind == _EPC_96:
            epc = (offset + 1, TV_SIZES[kind])
        elif kind in _WANTED:
            column, code = _WANTED[kind]
            fields[column] = (offset + 1, code)
    return _Shape(length, marks, epc, fields)


def _epc_bytes(body: bytes, place: int, size: int) -> int:
    if size < 6:
        raise LlrpError("EPCData ends inside its fields")
    bits = body[place + 4] << 8 | body[place + 5]
    if 6 + (bits + 7) // 8 > size:
        raise LlrpError(f"EPCData counts {bits} bits where {size - 6} bytes are left")
    return (bits + 7) // 8
