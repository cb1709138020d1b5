"""A pretend R200 module: the other end of the firmware's UART, byte for byte."""

import contextlib
import socket
import threading

EMPTY_ROUND = bytes.fromhex("BB01FF000115167E")


def framed(kind: int, command: int, parameters: bytes) -> bytes:
    body = bytes((kind, command)) + len(parameters).to_bytes(2, "big") + parameters
    return b"\xbb" + body + bytes((sum(body) & 0xFF,)) + b"\x7e"


def notice(epc: str, rssi_dbm: int) -> bytes:
    """What a module says of one tag. PC holds the EPC's words; nobody checks the tag's own CRC again."""
    data = bytes.fromhex(epc)
    return framed(2, 0x22, bytes((rssi_dbm & 0xFF, len(data) // 2 << 3, 0)) + data + b"\x12\x34")


class UhfModule:
    """Answers commands, and once it is told to read says every round what stands before it."""

    def __init__(self, port: int, round_s: float = 0.02) -> None:
        self.tags: dict[str, int] = {}
        self.commands: list[int] = []
        self.is_mute = False
        self._round_s = round_s
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._stop = threading.Event()
        self._reading = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._listen, self._read)]
        for thread in self._threads:
            thread.start()

    def say(self, data: bytes) -> None:
        """Put these very bytes on the wire."""
        with contextlib.suppress(OSError):
            self._socket.sendall(data)

    def close(self) -> None:
        """Unplug it."""
        self._stop.set()
        self._reading.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join(5)

    def _listen(self) -> None:
        held = b""
        self._socket.settimeout(None)
        while not self._stop.is_set():
            try:
                data = self._socket.recv(100)
            except OSError:
                return
            if not data:
                return
            held += data
            while len(held) >= 7 and len(held) >= (end := 7 + int.from_bytes(held[3:5], "big")):
                frame, held = held[:end], held[end:]
                assert frame == framed(frame[1], frame[2], frame[5:-2]), "a command with a wrong checksum"
                self.commands.append(frame[2])
                self.say(framed(1, frame[2], b"\0"))
                if frame[2] == 0x27:
                    self._reading.set()

    def _read(self) -> None:
        self._reading.wait()
        while not self._stop.wait(self._round_s):
            if not self.is_mute:
                self.say(b"".join(notice(epc, rssi) for epc, rssi in list(self.tags.items())) or EMPTY_ROUND)
