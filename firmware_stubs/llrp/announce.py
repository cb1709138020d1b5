"""A pretend reader announces itself by mDNS, as Impinj's and Zebra's readers do: ``_llrp._tcp`` (RFC 6762, 6763)."""

import asyncio
import contextlib
import socket
import struct
from ipaddress import IPv4Address
from types import TracebackType
from typing import Final, Self

from models.llrp.dns_sd import (
    PTR,
    RESPONSE,
    SRV,
    TXT,
    A,
    DnsError,
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
_TTL_S: Final = 10
"""What RFC 6762 allows in an answer to one who asks once."""

Address = tuple[str, int]


class Announcement(asyncio.DatagramProtocol):
    """Answers who asks for readers, at the mDNS group or, for a test, at an address of its own."""

    def __init__(
        self,
        name: str,
        port: int,
        *,
        address: str = "127.0.0.1",
        text: dict[str, str] | None = None,
        at: Address = GROUP,
    ) -> None:
        """``at``: where it listens; a port 0 takes a free one, which ``at`` then says."""
        self.at = at
        self.asked = 0
        self.answers_in_parts = False
        """Answer each question with no more than was asked, as some responders do."""
        instance = (name.encode(), *SERVICE)
        host = (name.replace(" ", "-").lower().encode(), b"local")
        said = tuple(f"{key}={value}".encode() for key, value in (text or {"txtvers": "1"}).items())
        self.records = (
            Record(SERVICE, PTR, instance),
            Record(instance, SRV, Service(port, host)),
            Record(instance, TXT, said),
            Record(host, A, address),
        )
        self._transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> Self:
        """Begin to answer. Raises ``OSError`` where this machine takes no multicast."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=_listening(self.at))
        self.at = self._transport.get_extra_info("sockname")[:2] if self.at[1] == 0 else self.at
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Be silent."""
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Somebody asks; he is answered alone."""
        try:
            query = decode_packet(data)
        except DnsError:
            return
        asked = {(folded(name), kind) for name, kind in query.questions}
        direct = tuple(record for record in self.records if (folded(record.name), record.kind) in asked)
        if query.is_answer or not direct or self._transport is None:
            return
        self.asked += 1
        given = direct if self.answers_in_parts else self.records
        with contextlib.suppress(OSError):
            self._transport.sendto(encode_packet(Packet(query.id, RESPONSE, query.questions, given), _TTL_S), addr)


def _listening(at: Address) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setblocking(False)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        opened.bind(("" if IPv4Address(at[0]).is_multicast else at[0], at[1]))
        if IPv4Address(at[0]).is_multicast:
            for index, _ in socket.if_nameindex():
                with contextlib.suppress(OSError):
                    group = struct.pack("@4s4si", socket.inet_aton(at[0]), bytes(4), index)
                    opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
    except OSError:
        opened.close()
        raise
    return opened
