"""Every MQTT topic, built and taken apart here and nowhere else. A topic is a value that cannot hold a bad string.

aisle/v1/{store}/dev/{device}/reads|count|code|till|status      device → edge
aisle/v1/{store}/node/{node}/facts/{class}                      edge → gateway
aisle/v1/{store}/node/{node}/acks/{class}                       gateway → edge
aisle/v1/{store}/node/{node}/status                             retained, last will = offline
aisle/v1/{store}/node/{node}/command                            gateway → edge
aisle/v1/{store}/lane/{lane}                                    retained sample
aisle/v1/{store}/door/{door}                                    retained sample
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from models.messages.errors import BadTopic
from models.messages.ids import SLUG_PATTERN, StreamClass

ROOT: Final = "aisle/v1"
ANY: Final = "+"
_SLUG = re.compile(SLUG_PATTERN)


class DeviceKind(StrEnum):
    """The last level of a device's topic: what kind of thing it says."""

    READS = "reads"
    COUNT = "count"
    CODE = "code"
    TILL = "till"
    STATUS = "status"


def _check(*levels: str) -> None:
    for level in levels:
        if level != ANY and not _SLUG.fullmatch(level):
            raise BadTopic(f"{level!r} is not a name: a-z, 0-9 and -, at most 32, starting with a letter or digit")


@dataclass(frozen=True, slots=True)
class DeviceTopic:
    """What a device says. ``+`` stands for any device or kind in a subscription."""

    store: str
    device: str
    kind: DeviceKind | None
    """``None`` subscribes to every kind."""

    def __post_init__(self) -> None:
        _check(self.store, self.device)

    def __str__(self) -> str:
        return f"{ROOT}/{self.store}/dev/{self.device}/{self.kind or ANY}"


@dataclass(frozen=True, slots=True)
class FactsTopic:
    """Batches of facts from a node to the gateway."""

    store: str
    node: str
    stream: StreamClass | None
    """``None`` subscribes to both classes."""

    def __post_init__(self) -> None:
        _check(self.store, self.node)

    def __str__(self) -> str:
        return f"{ROOT}/{self.store}/node/{self.node}/facts/{self.stream or ANY}"


@dataclass(frozen=True, slots=True)
class AcksTopic:
    """Acknowledgements from the gateway to a node."""

    store: str
    node: str
    stream: StreamClass | None

    def __post_init__(self) -> None:
        _check(self.store, self.node)

    def __str__(self) -> str:
        return f"{ROOT}/{self.store}/node/{self.node}/acks/{self.stream or ANY}"


@dataclass(frozen=True, slots=True)
class StatusTopic:
    """A node's retained status."""

    store: str
    node: str

    def __post_init__(self) -> None:
        _check(self.store, self.node)

    def __str__(self) -> str:
        return f"{ROOT}/{self.store}/node/{self.node}/status"


@dataclass(frozen=True, slots=True)
class CommandTopic:
    """What the gateway asks of a node."""

    store: str
    node: str

    def __post_init__(self) -> None:
        _check(self.store, self.node)

    def __str__(self) -> str:
        return f"{ROOT}/{self.store}/node/{self.node}/command"


@dataclass(frozen=True, slots=True)
class LaneTopic:
    """The retained sample of a lane."""

    store: str
    lane: str

    def __post_init__(self) -> None:
        _check(self.store, self.lane)

    def __str__(self) -> str:
        return f"{ROOT}/{self.store}/lane/{self.lane}"


@dataclass(frozen=True, slots=True)
class DoorTopic:
    """The retained sample of a door."""

    store: str
    door: str

    def __post_init__(self) -> None:
        _check(self.store, self.door)

    def __str__(self) -> str:
        return f"{ROOT}/{self.store}/door/{self.door}"


Topic = DeviceTopic | FactsTopic | AcksTopic | StatusTopic | CommandTopic | LaneTopic | DoorTopic


def parse_topic(text: str) -> Topic:
    """Take a concrete topic (no wildcards) apart.

    Raises:
        BadTopic: it is not in the tree.
    """
    if ANY in text or "#" in text:
        raise BadTopic(f"{text!r} has a wildcard")
    try:
        match text.split("/"):
            case ["aisle", "v1", store, "dev", device, kind]:
                return DeviceTopic(store, device, DeviceKind(kind))
            case ["aisle", "v1", store, "node", node, "facts", stream]:
                return FactsTopic(store, node, StreamClass(stream))
            case ["aisle", "v1", store, "node", node, "acks", stream]:
                return AcksTopic(store, node, StreamClass(stream))
            case ["aisle", "v1", store, "node", node, "status"]:
                return StatusTopic(store, node)
            case ["aisle", "v1", store, "node", node, "command"]:
                return CommandTopic(store, node)
            case ["aisle", "v1", store, "lane", lane]:
                return LaneTopic(store, lane)
            case ["aisle", "v1", store, "door", door]:
                return DoorTopic(store, door)
    except ValueError as error:
        raise BadTopic(f"{text!r}: {error}") from error
    raise BadTopic(f"{text!r} is not in the tree of topics")
