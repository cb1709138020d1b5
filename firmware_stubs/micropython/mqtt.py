"""MQTT 3.1.1, as little of it as a device needs: a last will, publishing at QoS 0 and 1, a link that is known to be dead.

Nothing here waits but ``connect``, and that with asyncio: the socket never blocks, so tags are read while the network
is slow. (``umqtt.simple`` blocks, and knows neither when a PUBACK came nor that the other side is gone.)
"""

import asyncio
import errno
import socket
import struct
import time

_NOT_YET = (errno.EAGAIN, errno.EINPROGRESS, errno.EALREADY, getattr(errno, "ENOTCONN", 128), 119, 128)
CONNECT_MS = 10_000


class Mqtt:
    """One client. What goes wrong with the link is an ``OSError``; then ``close`` it and ``connect`` again."""

    def __init__(self, host, port, client_id, user=None, password=None, will=None, keepalive_s=20):
        self._address = (host, port)
        self._client_id, self._user, self._password, self._will = client_id, user, password, will
        self._keepalive_ms = keepalive_s * 1000
        self._socket = None

    async def connect(self):
        """Open the link and greet the broker. Raises ``OSError`` when it cannot, or says no."""
        self.close()
        self._out, self._in, self._acks, self._answer = bytearray(), bytearray(), [], None
        self._socket = socket.socket()
        self._socket.setblocking(False)
        try:
            self._socket.connect(socket.getaddrinfo(*self._address)[0][-1])
        except OSError as error:
            if error.errno not in _NOT_YET:
                raise
        start = self._heard = self._spoke = time.ticks_ms()
        self._out.extend(self._greeting())
        while self._answer is None:
            if time.ticks_diff(time.ticks_ms(), start) > CONNECT_MS:
                raise OSError(errno.ETIMEDOUT)
            self.poll()
            await asyncio.sleep_ms(10)
        if self._answer:
            raise OSError("the broker refused us, code %d" % self._answer)

    def publish(self, topic, payload, packet_id=0, retain=False, again=False):
        """Send a message: at QoS 1 with a ``packet_id`` (1 to 65535), which ``poll`` gives back when it is acknowledged."""
        kind = 0x30 | (2 if packet_id else 0) | (1 if retain else 0) | (8 if again and packet_id else 0)
        head = _text(topic) + (struct.pack(">H", packet_id) if packet_id else b"")
        self._send(kind, head, payload)

    def poll(self):
        """Send and receive what can be now; the packet ids acknowledged since the last call. Raises ``OSError``."""
        self._flush()
        self._receive()
        now = time.ticks_ms()
        if time.ticks_diff(now, self._heard) > self._keepalive_ms * 3 // 2:
            raise OSError(errno.ETIMEDOUT)
        if time.ticks_diff(now, self._spoke) > self._keepalive_ms // 2:
            self._spoke = now
            self._send(0xC0)
        acks, self._acks = self._acks, []
        return acks

    def is_idle(self):
        """Whether all that was published has left."""
        return not self._out

    def close(self):
        """Drop the link without a word: the broker tells the last will."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _greeting(self):
        flags = 0x02  # a clean session: what is not acknowledged is ours to send again
        payload = _text(self._client_id)
        if self._will:
            flags |= 0x04 | 0x20 | 0x08  # a will, retained, QoS 1
            payload += _text(self._will[0]) + _text(self._will[1])
        if self._user is not None:
            flags |= 0xC0
            payload += _text(self._user) + _text(self._password or "")
        body = _text("MQTT") + bytes((4, flags)) + struct.pack(">H", self._keepalive_ms // 1000) + payload
        return bytes((0x10,)) + _length(len(body)) + body

    def _send(self, kind, head=b"", payload=b""):
        self._out.extend(bytes((kind,)) + _length(len(head) + len(payload)) + head)
        self._out.extend(payload)

    def _flush(self):
        if self._out:
            try:
                sent = self._socket.send(self._out)
            except OSError as error:
                if error.errno not in _NOT_YET:
                    raise
                return
            self._out = self._out[sent:]
            self._spoke = time.ticks_ms()

    def _receive(self):
        try:
            data = self._socket.recv(512)
        except OSError as error:
            if error.errno not in _NOT_YET:
                raise
            return
        if not data:
            raise OSError(errno.ECONNRESET)
        self._heard = time.ticks_ms()
        self._in.extend(data)
        while self._take():
            pass

    def _take(self):
        """Take one whole packet off what came; whether there was one."""
        length = shift = 0
        for at in range(1, 5):
            if at >= len(self._in):
                return False
            length |= (self._in[at] & 0x7F) << shift
            shift += 7
            if not self._in[at] & 0x80:
                break
        end = at + 1 + length
        if length > 4096:
            raise OSError(errno.EINVAL)
        if len(self._in) < end:
            return False
        kind, body = self._in[0] >> 4, bytes(self._in[at + 1 : end])
        self._in = self._in[end:]
        if kind == 2 and length == 2:
            self._answer = body[1]
        elif kind == 4 and length == 2:
            self._acks.append(body[0] << 8 | body[1])
        return True


def _text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack(">H", len(data)) + data


def _length(value):
    out = bytearray()
    while True:
        out.append(value & 0x7F | (0x80 if value > 0x7F else 0))
        value >>= 7
        if not value:
            return bytes(out)
