"""Under which address this machine is reached from the store's network."""

import socket

from cloud_sync.settings import MqttSettings
from edge.settings import ScreenSettings


def own_pages(screen: ScreenSettings, mqtt: MqttSettings) -> str:
    """Where this node's pages are, http://…; the broker's machine alone sees those of loopback.

    Asked of the routing table, towards the broker: no packet is sent. Empty where it cannot be told.
    """
    if screen.port == 0:
        return ""
    if screen.host not in {"0.0.0.0", "::"}:  # noqa: S104 - the setting's own words for «everybody»
        return f"http://{screen.host}:{screen.port}"
    for address in mqtt.hosts:
        host = address.rpartition(":")[0]
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.connect((host, 9))
                return f"http://{probe.getsockname()[0]}:{screen.port}"
        except OSError:
            continue
    return ""
