"""A wireless network that is always there: the host's."""

STA_IF = 0


class WLAN:
    def __init__(self, _interface):
        pass

    def active(self, _is_up):
        pass

    def isconnected(self):
        return True

    def connect(self, _ssid, _password):
        pass
