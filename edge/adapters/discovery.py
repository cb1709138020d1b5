"""Finding RFID readers in the store's network: those that announce ``_llrp._tcp`` by mDNS (RFC 6762, RFC 6763).

One-shot queries (RFC 6762, section 5.1) from a port of our own: responders answer us alone, and whatever else on this
machine speaks mDNS is not disturbed. The packets' format is dnspython's. What comes back is anybody's word: names are
shown, never trusted, and bounded in number.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import dns.rrset

SERVICE: Final = "_llrp._tcp.local."
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
        self.records: list[dns.rrset.RRset] = []
        self.came = asyncio.Event()

    def datagram_received(self, data: bytes, addr: Address) -> None:  # noqa: ARG002 - anybody may answer
        if len(self.records) >= MOST * 8:
            return
        try:
            message = dns.message.from_wire(data, ignore_trailing=True)
        except (dns.exception.DNSException, ValueError, struct.error):
            return
        if message.flags & dns.flags.QR:
            self.records += [*message.answer, *message.additional]
            self.came.set()

    def error_received(self, exc: Exception) -> None:
        """An interface that takes no multicast finds nothing; the others may."""


async def find_readers(
    seconds: float = 3.0,
    *,
    to: Address = GROUP,
    service: str = SERVICE,
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
        while (left_s := end - loop.time()) > 0 and not enough(found_in(answers.records, service)):
            for question in _questions(answers.records, service):
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
    return found_in(answers.records, service)


async def find_reader(name: str, seconds: float = 2.0, *, to: Address = GROUP) -> FoundReader | None:
    """The reader that announces itself by this name, in whatever case."""

    def named(found: list[FoundReader]) -> FoundReader | None:
        return next((reader for reader in found if reader.name.casefold() == name.casefold()), None)

    return named(await find_readers(seconds, to=to, enough=lambda found: named(found) is not None))


def found_in(records: Iterable[dns.rrset.RRset], service: str = SERVICE) -> list[FoundReader]:
    """The readers that these records tell of; one without a port is none."""
    by_kind: dict[dns.rdatatype.RdataType, dict[dns.name.Name, dns.rrset.RRset]] = {}
    for record in records:
        by_kind.setdefault(record.rdtype, {})[record.name] = record
    readers: dict[str, FoundReader] = {}
    for instance in sorted(_instances(records, service))[:MOST]:
        place = by_kind.get(dns.rdatatype.SRV, {}).get(instance)
        if place is None:
            continue
        target = place[0].target
        address = by_kind.get(dns.rdatatype.A, {}).get(target)
        text = by_kind.get(dns.rdatatype.TXT, {}).get(instance)
        name = _shown(instance.labels[0])
        host = str(IPv4Address(address[0].address)) if address else _shown(target.to_text().encode()).rstrip(".")
        readers[name] = FoundReader(name, host, int(place[0].port), _pairs(text[0].strings) if text else {})
    return list(readers.values())


def _instances(records: Iterable[dns.rrset.RRset], service: str) -> set[dns.name.Name]:
    wanted = dns.name.from_text(service)
    return {
        one.target
        for record in records
        if record.rdtype == dns.rdatatype.PTR and record.name == wanted
        for one in record
        if one.target.is_subdomain(wanted) and len(one.target.labels) == len(wanted.labels) + 1
    }


def _questions(records: list[dns.rrset.RRset], service: str) -> list[bytes]:
    """What to ask next: who there is, and of those that answered in part the rest."""
    known = {(record.name, record.rdtype) for record in records}
    wanted = [(dns.name.from_text(service), dns.rdatatype.PTR)]
    for instance in sorted(_instances(records, service))[:MOST]:
        wanted += [(instance, dns.rdatatype.SRV), (instance, dns.rdatatype.TXT)]
    wanted += [(record[0].target, dns.rdatatype.A) for record in records if record.rdtype == dns.rdatatype.SRV]
    missing = [one for one in dict.fromkeys(wanted) if one not in known or one[1] == dns.rdatatype.PTR]
    return [dns.message.make_query(name, kind, flags=0).to_wire() for name, kind in missing[:MOST]]


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
