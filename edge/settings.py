"""Settings of an edge node (``edge.toml``)."""

from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from cloud_sync.settings import MqttSettings
from edge.adapters.camera_settings import CameraSettings
from edge.adapters.llrp_settings import EpcPrefix, LlrpReaderSettings
from models.messages.ids import SLUG_PATTERN
from models.process.settings import Settings

CLOCK_PATTERN = r"^([01]\d|2[0-3]):[0-5]\d$"
SHELF_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$"


class LaneSettings(Settings):
    """A checkout lane that this node decides about."""

    id: str = Field(pattern=SLUG_PATTERN)
    name: str = Field(default="", max_length=40, description="What stands on its sign; the id when empty.")
    kind: Literal["staffed", "sco"] = Field(default="staffed", description="A cashier, or a bank of kiosks.")
    servers: int = Field(default=1, ge=1, le=50, description="How many are served at once.")
    counter: str | None = Field(default=None, pattern=SLUG_PATTERN, description="The device that counts its people.")
    till: str | None = Field(default=None, pattern=SLUG_PATTERN, description="The device that says who is served.")
    mean_service_s: float = Field(default=86.0, gt=0, le=3600, description="Long-run mean of this store, seconds.")
    open: bool = Field(default=True, description="Open until a till or a person says otherwise.")
    opens: str | None = Field(default=None, pattern=CLOCK_PATTERN, description="The hours it keeps, if any.")
    closes: str | None = Field(
        default=None, pattern=CLOCK_PATTERN, description="Nobody is sent there who would not be served before."
    )

    @model_validator(mode="after")
    def _opens_and_closes(self) -> Self:
        if (self.opens is None) != (self.closes is None):
            raise ValueError(f"lane {self.id} needs both opens and closes, or neither")
        if self.opens is not None and self.opens == self.closes:
            raise ValueError(f"lane {self.id} opens and closes at {self.opens}; one that never closes names neither")
        return self


class ShelfDeviceSettings(Settings):
    """A shelf that speaks MQTT (``dev/{device}/reads``)."""

    device: str = Field(pattern=SLUG_PATTERN)
    antennas: dict[int, str] = Field(description="Antenna number → shelf.")
    ignore_epcs: tuple[EpcPrefix, ...] = Field(
        default=(), max_length=100, description="EPCs of others, by how they begin."
    )


class ShelfSettings(Settings):
    """How presence decides."""

    neighbours: dict[str, list[str]] = Field(default_factory=dict, description="Shelf → shelves whose tags it hears.")
    cycle_ms: int = Field(default=1000, ge=100, le=60_000, description="How long one inventory of a reader takes.")
    false_takes_per_1000_h: float = Field(
        default=16.0,
        ge=0.1,
        le=1000,
        description="Of 1,000 items an hour, so many may be said taken that are only looked at; more is faster.",
    )


class ScreenSettings(Settings):
    """The page for the store screen."""

    host: str = Field(default="127.0.0.1", description="0.0.0.0 shows it to the store's network.")
    port: int = Field(default=8081, ge=0, le=65_535)
    title_en: str = Field(default="Checkouts", max_length=60)
    title_zh: str = Field(default="收银台", max_length=60)
    theme: Literal["dark", "light", "contrast", "auto"] = Field(
        default="dark", description="contrast: high contrast, as a system that asks for more gets by itself."
    )
    towards: dict[str, Literal["left", "ahead", "right"]] = Field(
        default_factory=dict, description="Lane → where it is for who looks at this screen: its arrow."
    )


class EdgeSettings(Settings):
    """One edge node."""

    store: str = Field(pattern=SLUG_PATTERN)
    node: str = Field(pattern=SLUG_PATTERN)
    data_dir: Path = Field(description="Where its database lives.")
    mqtt: MqttSettings
    outbox_budget_mb: int = Field(default=2000, ge=1, le=1_000_000, description="Disk for facts to be acknowledged.")
    time_zone: str = Field(default="UTC", description="The store's, for when a door's day begins (Europe/Berlin).")
    closing: str = Field(
        default="00:00",
        pattern=CLOCK_PATTERN,
        description="When the last have gone: a door's day ends then, and it counts from nobody inside.",
    )
    screen: ScreenSettings = ScreenSettings()
    shelves: ShelfSettings = ShelfSettings()
    lane: tuple[LaneSettings, ...] = ()
    reader: tuple[LlrpReaderSettings, ...] = ()
    shelf_device: tuple[ShelfDeviceSettings, ...] = ()
    camera: tuple[CameraSettings, ...] = ()
    scanners: tuple[str, ...] = Field(default=(), description="Devices that publish codes.")

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{name!r} is not a time zone, such as Europe/Berlin or Asia/Shanghai") from error
        return name

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        for what, names in (
            ("lane", [lane.id for lane in self.lane]),
            ("reader", [reader.name for reader in self.reader]),
            ("camera", [camera.name for camera in self.camera]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"two entries of [[{what}]] are called {', '.join(twice)}")
        known = {lane.id for lane in self.lane}
        for camera in self.camera:
            unknown = sorted({lane.id for lane in camera.lanes} - known)
            if unknown:
                raise ValueError(f"camera {camera.name} counts lane {', '.join(unknown)}, which no [[lane]] names")
        return self


EXAMPLE = """\
# An edge node: one Raspberry Pi near shelves, tills or a camera. Start it with: aisle edge --config edge.toml
store = "main-street"
node = "pi-1"
data_dir = "/var/lib/aisle/edge"
time_zone = "Europe/Berlin"

[mqtt]
hosts = ["127.0.0.1:1883"]
username = "pi-1"
password = "change-me-pi-1"        # the same as in broker.toml

# The page for the store screen. 127.0.0.1 shows it on this machine alone.
[screen]
host = "127.0.0.1"
port = 8081

# Checkout lanes that this node decides about.
[[lane]]
id = "1"
name = "1"
counter = "counter-1"
till = "till-1"
mean_service_s = 86.0

[[lane]]
id = "sco"
name = "Self checkout"
kind = "sco"
servers = 4
counter = "counter-sco"
mean_service_s = 175.0

# An RFID reader that speaks LLRP. Antenna number = shelf.
[[reader]]
name = "shelf-a"
host = "192.168.1.20"
antennas = { 1 = "A1", 2 = "A2" }

# A reader at a door: `aisle readers find` shows what announces itself. docs/readers.md has all of it.
# [[reader]]
# name = "gate"
# host = "mdns:SpeedwayR-10-25-32"
# behaviour = "exit"
# door = "main"
# antennas = { 1 = "inside", 2 = "outside" }

# A shelf that speaks MQTT.
[[shelf_device]]
device = "shelf-c"
antennas = { 1 = "C1" }

# Which shelves hear each other's tags.
[shelves]
neighbours = { A1 = ["A2"], A2 = ["A1"] }
"""
"""What ``aisle init edge`` writes."""
