"""Every MQTT topic, built and taken apart here and nowhere else. A topic is a value that cannot hold a bad string.

aisle/v1/{store}/dev/{device}/reads|count|code|till|status      device → edge
aisle/v1/{store}/node/{node}/facts/{class}                      edge → gateway
aisle/v1/{store}/node/{node}/acks/{class}                       gateway → edge
aisle/v1/{store}/node/{node}/status                             retained, last will = offline
aisle/v1/{store}/node/{node}/command                            gateway → edge
aisle/v1/{store}/lane/{lane}                                    retained sample
aisle/v1/{store}/door/{door}                                    retained sample
aisle/v1/{store}/baskets                                        retained sample, gateway → edge
"""

import re
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache
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


class _Levels:
    """What every topic keeps to: each of its names is one level, or stands for any."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for one in fields(self):  # type: ignore[arg-type] # every subclass is a dataclass
            level = getattr(self, one.name)
            if isinstance(level, StrEnum) or level is None or level == ANY or _SLUG.fullmatch(level):
                continue
            raise BadTopic(f"{level!r} is not a name: a-z, 0-9 and -, at most 32, starting with a letter or digit")


@dataclass(frozen=True, slots=True)
class DeviceTopic(_Levels):
    """What a device says. ``+`` stands for any device or kind in a subscription."""

    store: str
    device: str
    kind: DeviceKind | None
    """``None`` subscribes to every kind."""

    def __str__(self) -> str:
        return f"{ROOT}/{self.store}/dev/{self.device}/{self.kind or ANY}"


@dataclass(frozen=True, slots=True)
class FactsTopic(_Levels):
    """Batches of facts from a node to the gateway."""

    store: str
    node: str
    stream: StreamClass | None
    """``None`` subscribes to both classes."""

    def __str__(self) -> str:
        return f"{ROOT}/{self.store}/node/{self.node}/facts/{self.stream or ANY}"


@dataclass(frozen=True, slots=True)
class AcksTopic(_Levels):
    """Acknowledgements from the gateway to a node."""

    store: str
    node: str
    stream: StreamClass | None

    def __str__(self) -> str:
        return f"{ROOT}/{self.store}/node/{self.node}/acks/{self.stream or ANY}"


@dataclass(frozen=True, slots=True)
class StatusTopic(_Levels):
    """A node's retained status."""

    store: str
    node: str

    def __str__(self) -> str:
        return f"{ROOT}/{self.store}/node/{self.node}/status"


@dataclass(frozen=True, slots=True)
class CommandTopic(_Levels):
    """What the gateway asks of a node."""

    store: str
    node: str

    def __str__(self) -> str:
        return f"{ROOT}/{self.store}/node/{self.node}/command"


@dataclass(frozen=True, slots=True)
class AdviceTopic(_Levels):
    """The retained sample of what a node advises about its lanes."""

    store: str
    node: str

    def __str__(self) -> str:
        return f"{ROOT}/{self.store}/node/{self.node}/advice"


@dataclass(frozen=True, slots=True)
class LaneTopic(_Levels):
    """The retained sample of a lane."""

    store: str
    lane: str

    def __str__(self) -> str:
        return f"{ROOT}/{self.store}/lane/{self.lane}"


@dataclass(frozen=True, slots=True)
class DoorTopic(_Levels):
    """The retained sample of a door."""

    store: str
    door: str

    def __str__(self) -> str:
        return f"{ROOT}/{self.store}/door/{self.door}"


@dataclass(frozen=True, slots=True)
class BasketsTopic(_Levels):
    """The retained sample of what the store knows of baskets."""

    store: str

    def __str__(self) -> str:
        return f"{ROOT}/{self.store}/baskets"


_OfNode = FactsTopic | AcksTopic | StatusTopic | CommandTopic | AdviceTopic
Topic = DeviceTopic | _OfNode | LaneTopic | DoorTopic | BasketsTopic


_OF_NODES: Final[dict[str, type[StatusTopic | CommandTopic | AdviceTopic]]] = {
    "status": StatusTopic,
    "command": CommandTopic,
    "advice": AdviceTopic,
}


@lru_cache(maxsize=4096)
def parse_topic(text: str) -> Topic:
    """Take a concrete topic (no wildcards) apart. A store has a few hundred, and each comes once a second.

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
            case ["aisle", "v1", store, "node", node, kind] if kind in _OF_NODES:
                return _OF_NODES[kind](store, node)
            case ["aisle", "v1", store, "lane", lane]:
                return LaneTopic(store, lane)
            case ["aisle", "v1", store, "door", door]:
                return DoorTopic(store, door)
            case ["aisle", "v1", store, "baskets"]:
                return BasketsTopic(store)
    except ValueError as error:
        raise BadTopic(f"{text!r}: {error}") from error
    raise BadTopic(f"{text!r} is not in the tree of topics")
