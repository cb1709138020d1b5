"""A backlog poured from a socket: just enough of an MQTT broker to find out how fast a subscriber drains it.

A real broker in between would be the slowest part of all and make any two subscribers look the same.
"""

import contextlib
import socket
import struct
from collections.abc import Sequence
from threading import Lock, Thread
from typing import BinaryIO

_PACKETS = 20
_CONNECT, _PUBLISH, _SUBSCRIBE, _PING = 1, 3, 8, 12


class Feeder:
    """Serves one subscriber: whatever it subscribes to, it gets ``payloads`` on ``topic`` with QoS 1."""

    def __init__(self, topic: str, payloads: Sequence[bytes]) -> None:
        packets = [publish_packet(topic, payload, n % 65_535 + 1) for n, payload in enumerate(payloads)]
        self._chunks = [b"".join(packets[n : n + _PACKETS]) for n in range(0, len(packets), _PACKETS)]
        self._sending = Lock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; the subscriber has gone already."""
        self._server.close()
        self._thread.join(2.0)

    def _serve(self) -> None:
        client, _address = self._server.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with client, contextlib.suppress(OSError):  # the subscriber is gone when it has what it wanted
            reader = client.makefile("rb")
            is_pouring = False
            while packet := _read_packet(reader):
                kind, flags, body = packet
                if kind == _CONNECT:
                    client.sendall(b"\x20\x02\x00\x00")
                elif kind == _SUBSCRIBE:
                    self._send(client, b"\x90\x03" + body[:2] + b"\x01")
                    if not is_pouring:
                        is_pouring = True
                        Thread(target=self._pour, args=(client,), daemon=True).start()
                elif kind == _PUBLISH and flags & 0x06:
                    length = int.from_bytes(body[:2], "big")
                    self._send(client, b"\x40\x02" + body[2 + length : 4 + length])
                elif kind == _PING:
                    self._send(client, b"\xd0\x00")

    def _pour(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the subscriber has what it wanted
            for chunk in self._chunks:
                self._send(client, chunk)

    def _send(self, client: socket.socket, packets: bytes) -> None:
        with self._sending:
            client.sendall(packets)


def publish_packet(topic: str, payload: bytes, number: int) -> bytes:
    """A PUBLISH of MQTT 3.1.1 with QoS 1."""
    name = topic.encode()
    body = struct.pack(">H", len(name)) + name + struct.pack(">H", number) + payload
    return b"\x32" + _length(len(body)) + body


def _length(size: int) -> bytes:
    coded = bytearray()
    while True:
        size, low = divmod(size, 128)
        coded.append(low | (128 if size else 0))
        if not size:
            return bytes(coded)


def _read_packet(reader: BinaryIO) -> tuple[int, int, bytes] | None:
    try:
        head = reader.read(1)
    except OSError:
        return None
    if not head:
        return None
    size, shift = 0, 0
    while True:
        (byte,) = reader.read(1)
        size |= (byte & 127) << shift
        shift += 7
        if not byte & 128:
            return head[0] >> 4, head[0] & 15, reader.read(size)
