"""How a process reaches the broker and headquarters, and what the broker lets whom do."""

import re
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, model_validator

from models.messages.ids import SLUG_PATTERN
from models.process.settings import Settings

DEFAULT_PORT = 1883


def _host(text: str) -> str:
    host, _, port = text.rpartition(":") if ":" in text else (text, "", str(DEFAULT_PORT))
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", host) or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ValueError('expected "host:port", for example "127.0.0.1:1883"')
    return f"{host}:{port}"


HostPort = Annotated[str, AfterValidator(_host)]
SlugText = Annotated[str, Field(pattern=SLUG_PATTERN)]


class MqttSettings(Settings):
    """A broker as a client sees it."""

    hosts: list[HostPort] = Field(
        default=["127.0.0.1:1883"], min_length=1, description="brokers in the order in which they are tried"
    )
    username: str = ""
    password: str = Field(default="", repr=False)
    ca_file: Path | None = Field(default=None, description="trust brokers with this authority's certificate: TLS on")
    cert_file: Path | None = Field(default=None, description="this client's certificate")
    key_file: Path | None = Field(default=None, description="and its key")

    @model_validator(mode="after")
    def _certificate_with_key(self) -> "MqttSettings":
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file come together")
        if self.cert_file and not self.ca_file:
            raise ValueError("ca_file is needed with cert_file")
        return self


_LOOPBACK = re.compile(r"^http://(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?(/|$)")


def _safe_url(text: str) -> str:
    if not text.startswith("https://") and not _LOOPBACK.match(text):
        raise ValueError("expected https://…; http:// is for this very machine only")
    return text.rstrip("/")


class HqLinkSettings(Settings):
    """Headquarters as a gateway sees it."""

    url: Annotated[str, AfterValidator(_safe_url)] = Field(description="for example https://hq.example.com")
    key: str = Field(min_length=16, repr=False, description="this store's key, as headquarters issued it")
    ca_file: Path | None = Field(default=None, description="trust headquarters by this authority's certificate")


class BrokerUser(Settings):
    """One client of the broker, and what it may say and hear."""

    name: SlugText
    password: str = Field(min_length=8, repr=False)
    role: Literal["device", "node", "gateway"]
    devices: list[SlugText] = Field(default=[], description="devices that a node may hear")
    lanes: list[SlugText] = Field(default=[], description="lanes of which a node may say samples")
    doors: list[SlugText] = Field(default=[], description="doors of which a node may say samples")

    @model_validator(mode="after")
    def _only_nodes_are_given_things(self) -> "BrokerUser":
        if self.role != "node" and (self.devices or self.lanes or self.doors):
            raise ValueError("devices, lanes and doors are given to nodes only")
        return self


class BrokerSettings(Settings):
    """The embedded broker."""

    store: SlugText
    listen: HostPort = Field(default="127.0.0.1:1883", description='"0.0.0.0:8883" serves the shop\'s network')
    data_dir: Path = Path("data/broker")
    monitor: HostPort | None = Field(default=None, description="where its /health and /metrics are, 127.0.0.1:8222")
    cert_file: Path | None = Field(default=None, description="the broker's certificate: TLS on")
    key_file: Path | None = None
    users: list[BrokerUser] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> "BrokerSettings":
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file come together")
        names = [user.name for user in self.users]
        if len(set(names)) < len(names):
            raise ValueError("two users have the same name")
        return self


EXAMPLE: Final = """\
# The embedded MQTT broker of a store: `aisle broker --config broker.toml`

store = "main-street"
listen = "127.0.0.1:1883"     # "0.0.0.0:8883" serves the shop's network; give it a certificate then
data_dir = "data/broker"
monitor = "127.0.0.1:8222"   # its /health and /metrics
# cert_file = "/etc/aisle/broker.crt"
# key_file = "/etc/aisle/broker.key"

# Everybody who connects, each allowed only what is its own.
[[users]]
name = "gateway"
role = "gateway"
password = "change-me-gateway"

# An edge node: the devices that it hears, the lanes and doors of which it speaks.
[[users]]
name = "pi-1"
role = "node"
password = "change-me-pi-1"
devices = ["counter-1", "till-1", "counter-sco", "shelf-c"]
lanes = ["1", "sco"]
doors = ["main"]

# A device: it may say only what it is.
[[users]]
name = "counter-1"
role = "device"
password = "change-me-counter-1"

[[users]]
name = "till-1"
role = "device"
password = "change-me-till-1"

[[users]]
name = "counter-sco"
role = "device"
password = "change-me-counter-sco"

[[users]]
name = "shelf-c"
role = "device"
password = "change-me-shelf-c"
"""
