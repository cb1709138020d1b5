"""A board's peripherals, as far as the shelf uses them: a UART is a TCP connection to whoever plays the module."""

import _host


class UART:
    def __init__(self, number, **_settings):
        self._number = number
        _host.uart_open(number)

    def read(self):
        data = _host.uart_read(self._number)
        return bytes(data) if data is not None else None

    def write(self, data):
        _host.uart_write(self._number, bytes(data).hex())
        return len(data)


class WDT:
    def __init__(self, timeout):
        self.timeout = timeout

    def feed(self):
        pass
