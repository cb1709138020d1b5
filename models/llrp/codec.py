"""Bytes to messages and back. Decoding raises ``LlrpError`` and nothing else, whatever the bytes are.

A message is a header of ten bytes (version, type, length, id), its fields, and parameters: TVs of one type byte (top
bit set) and a size known from the type, TLVs of type and length. An unknown TLV is kept and skipped; behind an
unknown TV nothing can be found any more, so the rest of its parent is kept as one.
"""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeVar

import msgspec

from models.llrp import capabilities, messages, reports, rospec
from models.llrp.errors import LlrpError
from models.llrp.layout import Layout, Message, Parameter, Parameters, UnknownParameter
from models.llrp.messages import UnknownMessage

HEADER: Final = struct.Struct(">HII")
MAX_MESSAGE_BYTES: Final = 1_000_000
VERSIONS: Final = (1, 2)
"""1 is LLRP 1.0.1, 2 is LLRP 1.1."""

_TLV: Final = struct.Struct(">HH")
_MAX_DEPTH: Final = 16
K = TypeVar("K", bound=msgspec.Struct)


def _collect(root: type[K], *modules: object) -> dict[type[K], Layout]:
    kinds = [kind for module in modules for kind in vars(module).values() if isinstance(kind, type)]
    return {kind: Layout(kind) for kind in kinds if issubclass(kind, root) and getattr(kind, "TYPE", -1) >= 0}


_PARAMETERS: Final = _collect(Parameter, capabilities, rospec, reports)
_MESSAGES: Final = _collect(Message, messages)
_PARAMETER_BY_TYPE: Final = {kind.TYPE: kind for kind in _PARAMETERS}
_MESSAGE_BY_TYPE: Final = {kind.TYPE: kind for kind in _MESSAGES}

TV_SIZES: Final = {kind.TYPE: layout.size or 0 for kind, layout in _PARAMETERS.items() if kind.TYPE < 128}
"""TV type → bytes behind the type byte."""


class Frame(NamedTuple):
    """One message as it came: header fields and body."""

    version: int
    type: int
    id: int
    body: bytes


class Framer:
    """Cuts a stream of bytes into frames, however it arrives. Keeps at most one incomplete message."""

    def __init__(self, max_message_bytes: int = MAX_MESSAGE_BYTES) -> None:
        self._max = max_message_bytes
        self._held = bytearray()

    @property
    def held(self) -> int:
        """How many bytes of an incomplete message are held."""
        return len(self._held)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Take ``data`` and give the messages that are complete now.

        Raises (behind the last good message):
            LlrpError: a version that is not spoken, or a length that cannot be: nothing behind it can be found.
        """
        self._held += data
        return self._complete()

    def _complete(self) -> Iterator[Frame]:
        held = self._held
        at = 0
        try:
            while len(held) - at >= HEADER.size:
                first, length, message_id = HEADER.unpack_from(held, at)
                version = first >> 10 & 7
                if version not in VERSIONS:
                    raise LlrpError(f"version {version}: not LLRP 1.0.1 or 1.1")
                if not HEADER.size <= length <= self._max:
                    raise LlrpError(f"a message of {length} bytes; {HEADER.size} to {self._max} are read")
                if len(held) - at < length:
                    return
                start, at = at, at + length
                yield Frame(version, first & 0x3FF, message_id, bytes(held[start + HEADER.size : at]))
        finally:
            del held[:at]


def frame_bytes(message_type: int, body: bytes, message_id: int = 0, version: int = 1) -> bytes:
    """A header in front of ``body``."""
    try:
        return HEADER.pack(version << 10 | message_type, HEADER.size + len(body), message_id) + body
    except struct.error as error:
        raise LlrpError(f"the header of message {message_type}: {error}") from error


def encode_message(message: Message, message_id: int = 0, version: int = 1) -> bytes:
    """A whole message with its header. Raises ``LlrpError`` where a value does not fit its field."""
    if isinstance(message, UnknownMessage):
        return frame_bytes(message.type, message.body, message_id, version)
    body = _MESSAGES[type(message)].pack(message) + encode_parameters(getattr(message, "children", ()))
    return frame_bytes(message.TYPE, body, message_id, version)


def decode_message(frame: Frame) -> Message:
    """The message in ``frame``; one of an unknown type comes back as ``UnknownMessage``.

    Raises:
        LlrpError: a field or parameter is cut off, a length cannot be, or it is nested too deeply.
    """
    kind = _MESSAGE_BY_TYPE.get(frame.type)
    if kind is None:
        return UnknownMessage(frame.type, frame.body)
    layout = _MESSAGES[kind]
    values, at = layout.unpack(frame.body, 0, len(frame.body))
    if layout.has_children:
        values.append(_decode_parameters(frame.body, at, len(frame.body), 0))
    return kind(*values)


def message_name(message_type: int) -> str:
    """The standard's name of a message type."""
    kind = _MESSAGE_BY_TYPE.get(message_type)
    return kind.NAME if kind else f"MESSAGE_{message_type}"


def encode_parameters(parameters: Parameters) -> bytes:
    """Parameters one behind the other. Raises ``LlrpError`` like ``encode_message``."""
    return b"".join(map(_encode_parameter, parameters))


def _encode_parameter(parameter: Parameter) -> bytes:
    if isinstance(parameter, UnknownParameter):
        kind, body = parameter.type, parameter.body
    else:
        kind = parameter.TYPE
        body = _PARAMETERS[type(parameter)].pack(parameter)
        body += encode_parameters(getattr(parameter, "children", ()))
    if kind < 128:
        return bytes((0x80 | kind,)) + body
    if len(body) > 0xFFFF - _TLV.size:
        raise LlrpError(f"parameter {kind} of {len(body)} bytes is too long")
    return _TLV.pack(kind, _TLV.size + len(body)) + body


def decode_parameters(body: bytes) -> Parameters:
    """All parameters in ``body``. Raises ``LlrpError`` like ``decode_message``."""
    return _decode_parameters(body, 0, len(body), 0)


def _decode_parameters(body: bytes, at: int, end: int, depth: int) -> Parameters:
    if depth > _MAX_DEPTH:
        raise LlrpError(f"parameters nested more than {_MAX_DEPTH} deep")
    found: list[Parameter] = []
    while at < end:
        if body[at] & 0x80:
            parameter, at = _decode_tv(body, at, end)
        else:
            parameter, at = _decode_tlv(body, at, end, depth)
        found.append(parameter)
    return tuple(found)


def _decode_tv(body: bytes, at: int, end: int) -> tuple[Parameter, int]:
    kind = body[at] & 0x7F
    known = _PARAMETER_BY_TYPE.get(kind)
    if known is None:
        return UnknownParameter(kind, body[at + 1 : end]), end
    values, at = _PARAMETERS[known].unpack(body, at + 1, end)
    return known(*values), at


def _decode_tlv(body: bytes, at: int, end: int, depth: int) -> tuple[Parameter, int]:
    if at + _TLV.size > end:
        raise LlrpError("a parameter ends inside its header")
    kind, length = _TLV.unpack_from(body, at)
    kind &= 0x3FF
    stop = at + length
    if length < _TLV.size or stop > end:
        raise LlrpError(f"parameter {kind} says {length} bytes where {end - at} are left")
    known = _PARAMETER_BY_TYPE.get(kind)
    if known is None or kind < 128:
        return UnknownParameter(kind, body[at + _TLV.size : stop]), stop
    layout = _PARAMETERS[known]
    values, at = layout.unpack(body, at + _TLV.size, stop)
    if layout.has_children:
        values.append(_decode_parameters(body, at, stop, depth + 1))
    return known(*values), stop
