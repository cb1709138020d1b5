"""Sockets that never block, over the host's TCP. They raise what a board's do."""

import _host
import errno


def getaddrinfo(host, port):
    return [(2, 1, 0, "", (host, port))]


class socket:
    def __init__(self):
        self._number = None

    def setblocking(self, is_blocking):
        if is_blocking:
            raise NotImplementedError

    def connect(self, address):
        self._number = _host.tcp_open(address[0], address[1])
        raise OSError(errno.EINPROGRESS)

    def send(self, data):
        sent = _host.tcp_send(self._number, bytes(data[:1400]).hex())
        if sent < 0:
            raise OSError(-sent)
        return sent

    def recv(self, size):
        data = _host.tcp_recv(self._number, size)
        if isinstance(data, int):
            raise OSError(data)
        return bytes(data)

    def close(self):
        if self._number is not None:
            _host.tcp_close(self._number)
