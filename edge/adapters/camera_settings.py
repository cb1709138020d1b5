"""Settings of one camera (``[[camera]]`` in ``edge.toml``). Places are fractions of the picture from its top left."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from edge.core.lane.floor import DoorLine, Floor, LaneArea, ZoneArea
from edge.core.lane.people import PeopleSettings
from edge.core.lane.tracker import TrackerSettings
from models.messages.ids import SLUG_PATTERN
from models.process.settings import Settings
from models.vision.catalogue import DEFAULT_MODEL

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Spot = tuple[Fraction, Fraction]
Polygon = Annotated[tuple[Spot, ...], Field(min_length=3, max_length=100)]

WEAK_SHARE = 2 / 3
"""Boxes down to this share of the threshold may continue a track, though not start one."""


class LaneAreaSettings(Settings):
    """Where the people of one lane stand, those waiting and the one being served."""

    id: str = Field(pattern=SLUG_PATTERN)
    polygon: Polygon = Field(description="Corners on the floor, where feet stand: [[x, y], …] as fractions.")
    till: Polygon | None = Field(
        default=None, description="The part of it where the one stands who is served; tells served from gave up."
    )

    @field_validator("polygon", "till")
    @classmethod
    def _has_an_area(cls, polygon: tuple[Spot, ...] | None) -> tuple[Spot, ...] | None:
        return None if polygon is None else _with_area(polygon)


class ZoneSettings(Settings):
    """A part of the floor where it matters how long people stay: a display, a counter."""

    id: str = Field(pattern=SLUG_PATTERN)
    polygon: Polygon = Field(description="Corners on the floor: [[x, y], …] as fractions.")

    @field_validator("polygon")
    @classmethod
    def _has_an_area(cls, polygon: tuple[Spot, ...]) -> tuple[Spot, ...]:
        return _with_area(polygon)


class UniformSettings(Settings):
    """What staff wear: people in it are no customers, wherever they stand."""

    colour: str = Field(pattern=r"^#[0-9A-Fa-f]{6}$", description="Of vest or shirt, as it looks on the picture.")
    share: float = Field(default=0.4, gt=0, le=1, description="How much of the garment has it.")


class DoorLineSettings(Settings):
    """A line that people cross."""

    id: str = Field(pattern=SLUG_PATTERN)
    line: tuple[Spot, Spot] = Field(description="[[x, y], [x, y]] as fractions.")
    inside: Literal["left", "right"] = Field(description="Which hand the store is on, walking along the line.")

    @field_validator("line")
    @classmethod
    def _has_a_length(cls, line: tuple[Spot, Spot]) -> tuple[Spot, Spot]:
        if line[0] == line[1]:
            raise ValueError("both ends of the line are the same point")
        return line


class CameraSettings(Settings):
    """One camera and what it watches."""

    name: str = Field(pattern=SLUG_PATTERN)
    source: str = Field(
        min_length=1,
        max_length=500,
        description="rtsp://user:password@host/path, http://…, /dev/video0, or a file, which plays in real time.",
    )
    loop: bool = Field(default=True, description="A file begins again when it ends.")
    model: str = Field(
        default=DEFAULT_MODEL, description="A name from `aisle models list`, or the path of an .onnx file."
    )
    threshold: float | None = Field(
        default=None, gt=0, lt=1, description="Score from which a box is a person; the model's own if left out."
    )
    fps: float = Field(default=2.0, gt=0, le=30, description="How many frames a second are looked at.")
    threads: int | None = Field(
        default=None, ge=1, le=8, description="Threads of inference; timed on this machine if left out (1 or 2)."
    )
    size: tuple[int, int] | None = Field(
        default=None, description="Width and height that the camera must deliver; any size if left out."
    )
    turned: bool = Field(default=False, description="The camera hangs upside down: its picture is turned by 180°.")
    crop: bool = Field(default=True, description="Look only at what surrounds lanes and doors.")
    tiles: tuple[Annotated[int, Field(ge=1, le=4)], Annotated[int, Field(ge=1, le=4)]] = Field(
        default=(1, 1), description="Columns and rows of a wide view, an inference each; slow machines give them up."
    )
    lanes: tuple[LaneAreaSettings, ...] = ()
    doors: tuple[DoorLineSettings, ...] = ()
    zones: tuple[ZoneSettings, ...] = ()
    staff: tuple[Polygon, ...] = Field(default=(), description="Where only staff stand, behind the till.")
    uniform: UniformSettings | None = Field(default=None, description="What staff wear, if it tells them apart.")

    @field_validator("staff")
    @classmethod
    def _have_areas(cls, staff: tuple[tuple[Spot, ...], ...]) -> tuple[tuple[Spot, ...], ...]:
        return tuple(_with_area(polygon) for polygon in staff)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        for what, ids in (
            ("lanes", [lane.id for lane in self.lanes]),
            ("doors", [door.id for door in self.doors]),
            ("zones", [zone.id for zone in self.zones]),
        ):
            if len(set(ids)) < len(ids):
                raise ValueError(f"two of the camera's {what} have the same id")
        return self

    def floor(self) -> Floor:
        """What the core watches."""
        return Floor(
            lanes=tuple(LaneArea(lane.id, lane.polygon, lane.till or ()) for lane in self.lanes),
            doors=tuple(DoorLine(door.id, door.line, door.inside) for door in self.doors),
            staff=self.staff,
            zones=tuple(ZoneArea(zone.id, zone.polygon) for zone in self.zones),
        )

    def people(self, threshold: float) -> PeopleSettings:
        """Settings of the core for a detector with ``threshold``."""
        return PeopleSettings(floor=self.floor(), tracker=TrackerSettings(start_score=threshold))


def _with_area(polygon: tuple[Spot, ...]) -> tuple[Spot, ...]:
    """Refuse a polygon without area; the shoelace formula."""
    pairs = zip(polygon, (*polygon[1:], polygon[0]), strict=True)
    if abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs)) / 2 < 1e-5:
        raise ValueError("the polygon has no area: give its corners in order, at least three that are not on a line")
    return polygon
