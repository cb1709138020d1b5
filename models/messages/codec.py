"""JSON in and out. Decoding raises ``WireError`` and nothing else, whatever the bytes are."""

from typing import Any, Final, TypeVar

import msgspec

from models.messages.envelopes import FactBatch
from models.messages.errors import Malformed, Oversized, WrongVersion
from models.messages.every_fact import AnyFact

T = TypeVar("T")

MAX_MESSAGE_BYTES: Final = 1_000_000
VERSION: Final = 1

_encoder = msgspec.json.Encoder()


_decoders: dict[type, msgspec.json.Decoder[Any]] = {}


def _decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    if kind not in _decoders:
        _decoders[kind] = msgspec.json.Decoder(kind)
    return _decoders[kind]


def encode(message: msgspec.Struct) -> bytes:
    """Encode a message as compact UTF-8 JSON. A float that is not finite becomes ``null``."""
    return _encoder.encode(message)


def decode(data: bytes, kind: type[T]) -> T:
    """Decode one message of type ``kind``; fields that it does not know are ignored.

    Raises:
        Oversized: more than ``MAX_MESSAGE_BYTES``.
        Malformed: not JSON, not of the shape, nested too deeply, a number out of its range.
        WrongVersion: it says a version other than ``VERSION``.
    """
    if len(data) > MAX_MESSAGE_BYTES:
        raise Oversized(f"{len(data)} bytes, at most {MAX_MESSAGE_BYTES} are read")
    try:
        message = _decoder(kind).decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        # A future version may have another shape, so what it says of its version comes first.
        _refuse_other_version(data)
        raise Malformed(str(error)) from error
    if getattr(message, "v", VERSION) != VERSION:
        _refuse_other_version(data)
    return message


class _Versioned(msgspec.Struct):
    v: int = VERSION


def _refuse_other_version(data: bytes) -> None:
    try:
        version = _decoder(_Versioned).decode(data).v
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return
    if version != VERSION:
        raise WrongVersion(f"version {version}, this build speaks {VERSION}")


def decode_fact(data: bytes | msgspec.Raw) -> AnyFact:
    """Decode one fact by its ``kind``. Raises ``Malformed``."""
    try:
        fact: AnyFact = _FACT_DECODER.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Malformed(str(error)) from error
    return fact


_FACT_DECODER: msgspec.json.Decoder[AnyFact] = msgspec.json.Decoder(AnyFact)


def decode_batch(data: bytes) -> FactBatch:
    """Decode a batch; its facts stay raw. Raises like ``decode``."""
    return decode(data, FactBatch)
