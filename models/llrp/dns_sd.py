"""DNS packets as far as finding readers needs them: questions, and PTR, SRV, TXT and A records (RFC 1035, RFC 6763).

Our own hundred lines, since a DNS library that is installed is also loaded by the MQTT client: 5 MB and 0.1 s in each
process. Names are compared without case, as DNS does. Decoding raises ``DnsError`` and nothing else.
"""

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Final

from models.messages.errors import WireError

Name = tuple[bytes, ...]
"""A name's labels, as they were written."""

A, PTR, TXT, SRV = 1, 12, 16, 33
RESPONSE: Final = 0x8400
"""Flags of an answer by who owns the records."""
_IN, _CLASS_BITS = 1, 0x7FFF
"""mDNS uses a class's top bit: answer me alone; forget what you knew."""
_HEADER: Final = struct.Struct(">6H")
_QUESTION: Final = struct.Struct(">HH")
_RECORD: Final = struct.Struct(">HHIH")
_SERVICE: Final = struct.Struct(">HHH")
_MOST_BYTES, _LONGEST_NAME, _LONGEST_LABEL, _MOST = 9000, 255, 63, 500


class DnsError(WireError):
    """Bytes that are no DNS packet, or a name that none can hold."""

    reason = "dns"


@dataclass(frozen=True)
class Service:
    """Where a service listens (SRV)."""

    port: int
    host: Name


@dataclass(frozen=True)
class Record:
    """One record. ``value``: ``Service`` of SRV, name of PTR, strings of TXT, address of A; raw bytes of others."""

    name: Name
    kind: int
    value: Service | Name | str | bytes


@dataclass(frozen=True)
class Packet:
    """A question, or an answer."""

    id: int = 0
    flags: int = 0
    questions: tuple[tuple[Name, int], ...] = ()
    records: tuple[Record, ...] = ()

    @property
    def is_answer(self) -> bool:
        """Whether it answers."""
        return bool(self.flags & 0x8000)


def name_of(text: str) -> Name:
    """A name from its usual writing, without dots inside labels: ``_llrp._tcp.local``."""
    return tuple(label.encode() for label in text.rstrip(".").split("."))


def folded(name: Name) -> Name:
    """A name to compare by."""
    return tuple(label.lower() for label in name)


def encode_packet(packet: Packet, ttl_s: int = 10) -> bytes:
    """A packet's bytes, names uncompressed. Raises ``DnsError`` where a name or a value does not fit."""
    try:
        parts = [_HEADER.pack(packet.id, packet.flags, len(packet.questions), len(packet.records), 0, 0)]
        parts += [_encode_name(name) + _QUESTION.pack(kind, _IN) for name, kind in packet.questions]
        for record in packet.records:
            value = _encode_value(record)
            parts.append(_encode_name(record.name) + _RECORD.pack(record.kind, _IN, ttl_s, len(value)) + value)
    except struct.error as error:
        raise DnsError(f"a number does not fit a DNS packet: {error}") from error
    return b"".join(parts)


def decode_packet(data: bytes) -> Packet:
    """Read a packet; records of every section are in ``records``. Raises ``DnsError``."""
    if len(data) > _MOST_BYTES:
        raise DnsError(f"a packet of {len(data)} bytes")
    try:
        number, flags, questions, *counts = _HEADER.unpack_from(data)
        if questions + sum(counts) > _MOST:
            raise DnsError(f"a packet that counts {questions + sum(counts)} entries")
        at, asked, records = _HEADER.size, [], []
        for _ in range(questions):
            name, at = _decode_name(data, at)
            asked.append((name, _QUESTION.unpack_from(data, at)[0]))
            at += _QUESTION.size
        for _ in range(sum(counts)):
            record, at = _decode_record(data, at)
            if record is not None:
                records.append(record)
    except (struct.error, IndexError) as error:
        raise DnsError("a packet that is cut off") from error
    return Packet(number, flags, tuple(asked), tuple(records))


def _decode_record(data: bytes, at: int) -> tuple[Record | None, int]:
    name, at = _decode_name(data, at)
    kind, of_class, _, size = _RECORD.unpack_from(data, at)
    at += _RECORD.size
    end = at + size
    if end > len(data):
        raise DnsError("a record that is cut off")
    if of_class & _CLASS_BITS != _IN:
        return None, end
    return Record(name, kind, _decode_value(data, kind, at, end)), end


def _decode_value(data: bytes, kind: int, at: int, end: int) -> Service | Name | str | bytes:
    if kind == PTR:
        return _decode_name(data, at)[0]
    if kind == SRV:
        return Service(_SERVICE.unpack_from(data, at)[2], _decode_name(data, at + _SERVICE.size)[0])
    if kind == A and end - at == 4:
        return str(IPv4Address(data[at:end]))
    if kind == TXT:
        strings = []
        while at < end:
            size = data[at]
            strings.append(data[at + 1 : min(end, at + 1 + size)])
            at += 1 + size
        return tuple(strings)
    return data[at:end]


def _encode_value(record: Record) -> bytes:
    match record.value:
        case Service(port, host):
            return _SERVICE.pack(0, 0, port) + _encode_name(host)
        case str(address):
            return IPv4Address(address).packed
        case bytes(raw):
            return raw
        case strings if record.kind == TXT:
            return b"".join(bytes((len(one),)) + one for one in strings)
        case name:
            return _encode_name(name)


def _encode_name(name: Name) -> bytes:
    if (
        any(not 0 < len(label) <= _LONGEST_LABEL for label in name)
        or sum(map(len, name)) + len(name) >= _LONGEST_NAME
    ):
        raise DnsError(f"{b'.'.join(name)[:100]!r} is no DNS name")
    return b"".join(bytes((len(label),)) + label for label in name) + b"\0"


def _decode_name(data: bytes, at: int) -> tuple[Name, int]:
    """The name at ``at``, and where what follows it begins; pointers only ever lead back."""
    labels: list[bytes] = []
    length, after, limit = 0, -1, at
    while (size := data[at]) != 0:
        if size & 0xC0 == 0xC0:
            target = (size & 0x3F) << 8 | data[at + 1]
            after = at + 2 if after < 0 else after
            if target >= limit:
                raise DnsError("a name that runs in a circle")
            at = limit = target
            continue
        if size > _LONGEST_LABEL:
            raise DnsError(f"a label of {size} bytes")
        label = data[at + 1 : at + 1 + size]
        length += size + 1
        if len(label) < size or length >= _LONGEST_NAME:
            raise DnsError("a name that is cut off or too long")
        labels.append(label)
        at += 1 + size
    return tuple(labels), at + 1 if after < 0 else after
