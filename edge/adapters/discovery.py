"""Finding RFID readers in the store's network: those that announce ``_llrp._tcp`` by mDNS (RFC 6762, RFC 6763).

One-shot queries (RFC 6762, section 5.1) from a port of our own: responders answer us alone, and whatever else on this
machine speaks mDNS is not disturbed. What comes back is anybody's word: names are shown, never trusted, and few.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Final

from models.llrp.dns_sd import (
    PTR,
    SRV,
    TXT,
    A,
    DnsError,
    Name,
    Packet,
    Record,
    Service,
    decode_packet,
    encode_packet,
    folded,
    name_of,
)

SERVICE: Final = name_of("_llrp._tcp.local")
GROUP: Final = ("224.0.0.251", 5353)
MOST: Final = 256
_ASK_AGAIN_S: Final = 0.75
_GATHER_S: Final = 0.2
"""Answers come together, each responder waiting a little (RFC 6762: 20 to 120 ms)."""
_MULTICAST_HOPS: Final = 255

Address = tuple[str, int]


@dataclass(frozen=True)
class FoundReader:
    """A reader that announces itself. ``host`` is its address, or its name where it tells no address."""

    name: str
    host: str
    port: int
    text: dict[str, str] = field(default_factory=dict)
    """What else it says of itself."""


class _Answers(asyncio.DatagramProtocol):
    """Gathers the records of every answer."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.came = asyncio.Event()

    def datagram_received(self, data: bytes, addr: Address) -> None:  # noqa: ARG002 - anybody may answer
        """Take an answer; what is none is left."""
        if len(self.records) >= MOST * 8:
            return
        try:
            packet = decode_packet(data)
        except DnsError:
            return
        if packet.is_answer:
            self.records += packet.records
            self.came.set()

    def error_received(self, exc: Exception) -> None:
        """An interface that takes no multicast finds nothing; the others may."""


async def find_readers(
    seconds: float = 3.0,
    *,
    to: Address = GROUP,
    enough: Callable[[list[FoundReader]], bool] = lambda _: False,
) -> list[FoundReader]:
    """All readers that announce themselves within ``seconds``, by name; or sooner, when those found are ``enough``.

    Raises:
        OSError: there is no network at all to ask in.
    """
    loop = asyncio.get_running_loop()
    transports, answers = [], _Answers()
    for opened in _sockets(to):
        transport, _ = await loop.create_datagram_endpoint(lambda: answers, sock=opened)
        transports.append(transport)
    try:
        end = loop.time() + seconds
        while (left_s := end - loop.time()) > 0 and not enough(found_in(answers.records)):
            for question in _questions(answers.records):
                for transport in transports:
                    transport.sendto(question, to)
            answers.came.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(_ASK_AGAIN_S, left_s)):
                    await answers.came.wait()
                    await asyncio.sleep(_GATHER_S)
    finally:
        for transport in transports:
            transport.close()
    return found_in(answers.records)


async def find_reader(name: str, seconds: float = 2.0, *, to: Address = GROUP) -> FoundReader | None:
    """The reader that announces itself by this name, in whatever case."""

    def named(found: list[FoundReader]) -> FoundReader | None:
        return next((reader for reader in found if reader.name.casefold() == name.casefold()), None)

    return named(await find_readers(seconds, to=to, enough=lambda found: named(found) is not None))


def found_in(records: Iterable[Record]) -> list[FoundReader]:
    """The readers that these records tell of; one without a port is none."""
    known = {(folded(record.name), record.kind): record.value for record in records}
    readers: dict[str, FoundReader] = {}
    for instance in _instances(records):
        place, text = known.get((folded(instance), SRV)), known.get((folded(instance), TXT))
        if not isinstance(place, Service):
            continue
        address = known.get((folded(place.host), A))
        name = _shown(instance[0])
        host = address if isinstance(address, str) else _shown(b".".join(place.host))
        said = _pairs(text) if isinstance(text, tuple) else {}
        readers[name] = FoundReader(name, host, place.port, said)
    return list(readers.values())


def _instances(records: Iterable[Record]) -> list[Name]:
    """The names of readers, in order; each is the service's with one label before it."""
    found = {
        record.value
        for record in records
        if record.kind == PTR and isinstance(record.value, tuple) and folded(record.name) == SERVICE
    }
    return sorted(name for name in found if len(name) == len(SERVICE) + 1 and folded(name)[1:] == SERVICE)[:MOST]


def _questions(records: list[Record]) -> list[bytes]:
    """What to ask next: who there is, and of those that answered in part the rest."""
    known = {(folded(record.name), record.kind) for record in records}
    wanted = [(instance, kind) for instance in _instances(records) for kind in (SRV, TXT)]
    wanted += [(record.value.host, A) for record in records if isinstance(record.value, Service)]
    missing = [one for one in dict.fromkeys(wanted) if (folded(one[0]), one[1]) not in known]
    return [encode_packet(Packet(questions=(one,))) for one in ((SERVICE, PTR), *missing[:MOST])]


def _pairs(strings: Iterable[bytes]) -> dict[str, str]:
    """The ``key=value`` strings of a TXT record (RFC 6763, section 6)."""
    split = [_shown(one).partition("=") for one in list(strings)[:20]]
    return {key: value for key, _, value in split if key}


def _shown(raw: bytes) -> str:
    """Somebody's bytes as a line that a terminal may show."""
    text = raw.decode("utf-8", errors="replace")[:100]
    return "".join(character if character.isprintable() else "·" for character in text)


def _sockets(to: Address) -> list[socket.socket]:
    """One socket for each interface that takes multicast; one for an address that is none."""
    if not IPv4Address(to[0]).is_multicast:
        return [_socket()]
    opened = []
    for index, _ in socket.if_nameindex():
        one = _socket()
        try:
            one.setsockopt(
                socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("@4s4si", bytes(4), bytes(4), index)
            )
            one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _MULTICAST_HOPS)
        except OSError:
            one.close()
            continue
        opened.append(one)
    if not opened:
        raise OSError("no network interface takes multicast")
    return opened


def _socket() -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setblocking(False)
    opened.bind(("", 0))
    return opened
