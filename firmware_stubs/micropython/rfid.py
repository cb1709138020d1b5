"""A UHF RFID module on a UART: YRM100, R200 and their many relatives (Magicrf M100 protocol).

Every frame is  BB type command length(2) parameters checksum 7E ; type 00 is a command, 01 its answer, 02 a notice;
the checksum is the sum of the bytes from type to the last parameter. Nothing is escaped, so a frame is found by its
length and trusted by its checksum; bytes that make none are skipped, and counted in ``bad``.

    set power       BB 00 B6 00 02 07 D0 8F 7E               20.00 dBm, in hundredths
    read on         BB 00 27 00 03 22 FF FF 4A 7E            65,535 rounds of inventory
    a tag           BB 02 22 00 11 C9 3400 30751FEB705C5904E3D50D70 3A76 EF 7E     RSSI (signed), PC, EPC, CRC
    an empty round  BB 01 FF 00 01 15 16 7E

A module has one antenna. It answers every round, with a tag or with an empty round: one that says nothing is gone.
"""

import time
from binascii import hexlify

HEAD, TAIL = 0xBB, 0x7E
COMMAND, ANSWER, NOTICE = 0x00, 0x01, 0x02
INVENTORY, READ_ON, STOP, SET_POWER = 0x22, 0x27, 0x28, 0xB6
LONGEST = 80
SILENT_MS = 3000  # an inventory round takes 20 to 100 ms


def frame(command, parameters=b"", kind=COMMAND):
    """The bytes of one frame."""
    body = bytes((kind, command, len(parameters) >> 8, len(parameters) & 0xFF)) + parameters
    return bytes((HEAD,)) + body + bytes((sum(body) & 0xFF, TAIL))


class Module:
    """One module and the antenna on it. Call ``poll`` often: it never waits."""

    def __init__(self, uart, antenna, power_dbm=26, silent_ms=SILENT_MS):
        self.antenna = antenna
        self.bad = 0
        self._uart = uart
        self._silent_ms = silent_ms
        self._power = round(power_dbm * 100)
        self._held = bytearray()
        self._heard = time.ticks_ms()
        self._asked = None

    def is_silent(self):
        """Whether it has not said a word for a while."""
        return time.ticks_diff(time.ticks_ms(), self._heard) > self._silent_ms

    def poll(self):
        """Tags seen since the last call: a list of (EPC in hexadecimal, RSSI in dBm)."""
        self._keep_reading()
        data = self._uart.read()
        if data:
            self._held.extend(data)
        tags = []
        while True:
            found = self._next()
            if found is None:
                return tags
            kind, command, parameters = found
            self._heard = time.ticks_ms()
            tag = self._tag(parameters) if kind == NOTICE and command == INVENTORY else None
            if tag:
                tags.append(tag)

    def _keep_reading(self):
        """Tell it to read on at the start, when its rounds are over, and when it has been switched off and on."""
        now = time.ticks_ms()
        soon = self._silent_ms // 3
        quiet = time.ticks_diff(now, self._heard) > soon
        if self._asked is None or (quiet and time.ticks_diff(now, self._asked) > soon):
            self._asked = now
            self._uart.write(frame(SET_POWER, bytes((self._power >> 8, self._power & 0xFF))))
            self._uart.write(frame(READ_ON, b"\x22\xff\xff"))

    def _next(self):
        """The next whole frame as (type, command, parameters), None where there is none yet."""
        while True:
            start = self._held.find(bytes((HEAD,)))
            if start != 0:
                self._skip(len(self._held) if start < 0 else start)
            held = self._held
            if len(held) < 7:
                return None
            length = held[3] << 8 | held[4]
            if length > LONGEST:
                self._skip(1)
                continue
            end = 7 + length
            if len(held) < end:
                return None
            if held[end - 1] != TAIL or sum(held[1 : end - 2]) & 0xFF != held[end - 2]:
                self._skip(1)
                continue
            found = held[1], held[2], bytes(held[5 : end - 2])
            self._held = held[end:]
            return found

    def _skip(self, count):
        if count:
            self.bad += count
            self._held = self._held[count:]

    @staticmethod
    def _tag(parameters):
        epc = parameters[3:-2]
        if len(parameters) < 7 or len(epc) % 2 or len(epc) > 62:
            return None
        rssi = parameters[0] - 256 if parameters[0] > 127 else parameters[0]
        return hexlify(epc).decode().upper(), rssi
