"""Under which address this machine is reached from the store's network."""

import socket

from cloud_sync.settings import MqttSettings
from edge.settings import ScreenSettings


def own_pages(screen: ScreenSettings, mqtt: MqttSettings) -> str:
    """Where this node's pages are, http://…; empty where others cannot reach them, or where it cannot be told.

    Pages on loopback are reached where the whole store is one machine, its broker too. Else the routing table is
    asked, towards the broker: no packet is sent.
    """
    hosts = [address.rpartition(":")[0] for address in mqtt.hosts]
    if screen.port == 0 or (_is_loopback(screen.host) and not all(map(_is_loopback, hosts))):
        return ""
    if screen.host not in {"0.0.0.0", "::"}:  # noqa: S104 - the setting's own words for «everybody»
        return f"http://{screen.host}:{screen.port}"
    for host in hosts:
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.connect((host, 9))
                return f"http://{probe.getsockname()[0]}:{screen.port}"
        except OSError:
            continue
    return ""


def _is_loopback(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or host.strip("[]") == "::1"
