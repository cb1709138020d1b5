"""Settings of the pretend store's devices (``pretend.toml``)."""

from pathlib import Path

import msgspec
from msgspec import Struct

from firmware_stubs.store.day_settings import DaySettings
from models.messages.errors import Malformed


class PretendLane(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One lane's devices: a bought queue counter and a till."""

    lane: str
    counter: str
    till: str
    reads_tags: bool = True
    """Whether its till reads the tags of what is paid; else it knows products by their bar codes only."""


class PretendShelves(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The shelves of one reader, antenna by antenna (numbered from 1)."""

    shelves: list[str]
    port: int = 0
    """LLRP readers: where the reader listens."""
    device: str = ""
    """MQTT shelves: the device's name."""


class PretendClerk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who does tasks with a handheld of their own, over the gateway's API."""

    gateway: str
    """Its address."""
    device: str
    """The handheld's cookie, from its enrolment."""
    clerk: str
    pin: str


class PretendSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is pretended, and how to reach the broker. ``passwords`` has one for each device."""

    store: str
    broker: str
    truth: str
    passwords: dict[str, str]
    seed: int = 1
    lanes: list[PretendLane] = []
    readers: list[PretendShelves] = []
    door_port: int = 0
    """Where the reader of the door listens; 0: the door has none."""
    door: str = "main"
    clerk: PretendClerk | None = None
    script: str = ""
    """A file that is followed: each happening that is written into it (a JSON line) happens at once."""
    mqtt_shelves: list[PretendShelves] = []
    scanner: str = ""
    members: list[str] = []
    currency: str = "EUR"
    arrivals_per_minute: float = 9.0
    items_per_product: int = 12
    speed: float = 1.0
    """How many pretended seconds pass in one."""

    def day(self) -> DaySettings:
        """The day that these devices see."""
        groups = (*self.readers, *self.mqtt_shelves)
        shelves = [shelf for group in groups for shelf in group.shelves if shelf != DaySettings.backroom]
        lanes = tuple(lane.lane for lane in self.lanes)
        return DaySettings(
            seed=self.seed,
            shelves=tuple(shelves),
            lanes=lanes,
            closed_lanes=lanes[-1:] if len(lanes) > 2 else (),
            arrivals_per_minute=self.arrivals_per_minute,
            items_per_product=self.items_per_product,
            door=self.door,
            has_clerk=self.clerk is not None,
            opening_s=DaySettings.opening_s * self.speed,
        )


def load_pretend_settings(path: Path) -> PretendSettings:
    """Read ``pretend.toml``.

    Raises:
        Malformed: not TOML, or not of this shape.
    """
    try:
        return msgspec.toml.decode(path.read_bytes(), type=PretendSettings)
    except msgspec.DecodeError as error:
        raise Malformed(f"{path}: {error}") from error
