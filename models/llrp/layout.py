"""A message or parameter is one frozen class whose annotations are its wire layout; this turns them into formats.

Consecutive fields of fixed size become one ``struct`` format; a field of variable size is preceded by its 16-bit
count. What follows the fields are the sub-parameters, in ``children``.
"""

import struct
from typing import Annotated, Any, ClassVar, Final, Protocol, TypeVar, get_args, get_origin, get_type_hints

from msgspec import Struct

from models.llrp.errors import LlrpError

U8 = Annotated[int, "B"]
U16 = Annotated[int, "H"]
U32 = Annotated[int, "I"]
U64 = Annotated[int, "Q"]
S8 = Annotated[int, "b"]
S16 = Annotated[int, "h"]
Epc96Bytes = Annotated[bytes, "12s"]
Utf8 = Annotated[str, "text"]
U8s = Annotated[tuple[int, ...], "*B"]
U16s = Annotated[tuple[int, ...], "*H"]
U32s = Annotated[tuple[int, ...], "*I"]
Rest = Annotated[bytes, "rest"]

_COUNT: Final = struct.Struct(">H")
_FIXED: Final = frozenset({"B", "H", "I", "Q", "b", "h", "12s"})


class BitString(Struct, frozen=True):
    """``bits`` bits, left-aligned in ``data``, whose last byte is filled with zeros."""

    bits: int = 0
    data: bytes = b""


Bits = Annotated[BitString, "bits"]


class Parameter(Struct, frozen=True):
    """A parameter. ``TYPE`` up to 127 is encoded as a TV (one byte and no length), above as a TLV."""

    TYPE: ClassVar[int] = -1


Parameters = tuple[Parameter, ...]
P = TypeVar("P", bound=Parameter)


class UnknownParameter(Parameter, frozen=True):
    """A parameter that this codec has no class for, kept as it came."""

    type: int
    body: bytes


class Message(Struct, frozen=True):
    """A message without its header. ``TYPE`` and ``NAME`` are the standard's."""

    TYPE: ClassVar[int] = -1
    NAME: ClassVar[str] = ""


class HasChildren(Protocol):
    """Anything with sub-parameters."""

    @property
    def children(self) -> Parameters:
        """The sub-parameters, in wire order."""


def first(parent: HasChildren, kind: type[P]) -> P | None:
    """The first direct sub-parameter of ``kind``."""
    return next((child for child in parent.children if isinstance(child, kind)), None)


def every(parent: HasChildren, kind: type[P]) -> list[P]:
    """All direct sub-parameters of ``kind``."""
    return [child for child in parent.children if isinstance(child, kind)]


class _Part:
    """Some fields of a layout. ``format`` is empty where the one field's size varies; then ``code`` says how."""

    def __init__(self, names: list[str], code: str, *, fixed: bool) -> None:
        self.names, self.code = names, code
        self.format = struct.Struct(">" + code if fixed else "")


class Layout:
    """The layout of one class, read from its annotations."""

    def __init__(self, kind: type[Struct]) -> None:
        self.kind = kind
        self.parts: list[_Part] = []
        self.has_children = "children" in kind.__struct_fields__
        hints = get_type_hints(kind, include_extras=True)
        for name in kind.__struct_fields__:
            hint = hints[name]
            if get_origin(hint) is Annotated:
                self._add(name, get_args(hint)[1])

    def _add(self, name: str, code: str) -> None:
        is_fixed = code in _FIXED
        if is_fixed and self.parts and self.parts[-1].format.size:
            last = self.parts.pop()
            self.parts.append(_Part([*last.names, name], last.code + code, fixed=True))
        else:
            self.parts.append(_Part([name], code, fixed=is_fixed))

    @property
    def size(self) -> int | None:
        """The size in bytes where no field varies (a TV's always)."""
        if self.has_children or any(not part.format.size for part in self.parts):
            return None
        return sum(part.format.size for part in self.parts)

    def unpack(self, body: bytes, at: int, end: int) -> tuple[list[Any], int]:
        """Take the fields from ``body[at:end]``; gives their values and where the sub-parameters begin."""
        values: list[Any] = []
        for part in self.parts:
            size = part.format.size
            if size:
                if at + size > end:
                    raise LlrpError(f"{self.kind.__name__} ends inside its fields")
                values.extend(part.format.unpack_from(body, at))
                at += size
            else:
                value, at = _unpack_variable(self.kind.__name__, part.code, body, at, end)
                values.append(value)
        return values, at

    def pack(self, value: Struct) -> bytes:
        """The fields of ``value``. Raises ``LlrpError`` where a number does not fit its field."""
        packed = bytearray()
        try:
            for part in self.parts:
                given = [getattr(value, name) for name in part.names]
                packed += part.format.pack(*given) if part.format.size else _pack_variable(part.code, given[0])
        except (struct.error, UnicodeEncodeError) as error:
            raise LlrpError(f"{self.kind.__name__}: {error}") from error
        return bytes(packed)


def _unpack_variable(name: str, code: str, body: bytes, at: int, end: int) -> tuple[Any, int]:
    if code == "rest":
        return body[at:end], end
    if at + 2 > end:
        raise LlrpError(f"{name} ends inside its fields")
    (count,) = _COUNT.unpack_from(body, at)
    at += 2
    size = (count + 7) // 8 if code == "bits" else count if code == "text" else count * struct.calcsize(code[1])
    if at + size > end:
        raise LlrpError(f"{name} counts {count} where {end - at} bytes are left")
    taken = body[at : at + size]
    if code == "text":
        return taken.decode("utf-8", errors="replace"), at + size
    if code == "bits":
        return BitString(count, taken), at + size
    return struct.unpack(f">{count}{code[1]}", taken), at + size


def _pack_variable(code: str, value: Any) -> bytes:  # noqa: ANN401 - one of the four kinds above
    if code == "rest":
        return bytes(value)
    if code == "text":
        encoded = value.encode("utf-8")
        return _COUNT.pack(len(encoded)) + bytes(encoded)
    if code == "bits":
        if len(value.data) != (value.bits + 7) // 8:
            raise LlrpError(f"{value.bits} bits are not {len(value.data)} bytes")
        return _COUNT.pack(value.bits) + bytes(value.data)
    return _COUNT.pack(len(value)) + struct.pack(f">{len(value)}{code[1]}", *value)
