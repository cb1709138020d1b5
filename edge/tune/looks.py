"""Ways to look at a picture: whole or cropped to what matters, in one piece or in tiles."""

from dataclasses import dataclass
from typing import Final

from edge.adapters.camera_settings import CameraSettings
from edge.adapters.person_detector import PersonDetector
from edge.adapters.region import Region, region_of, shift
from edge.adapters.tiles import detect_in_tiles
from edge.core.tuning import LEAST
from models.vision.picture import Boxes, Image


@dataclass(frozen=True)
class Look:
    """One way to look; ``crop`` and ``tiles`` as in the settings."""

    crop: bool
    tiles: tuple[int, int]

    @property
    def name(self) -> str:
        """For people and tables."""
        return f"{'crop' if self.crop else 'whole'} {self.tiles[0]}x{self.tiles[1]}"

    @property
    def cost(self) -> float:
        """Inferences a frame."""
        return float(self.tiles[0] * self.tiles[1])


LOOKS: Final = tuple(Look(crop, tiles) for crop in (True, False) for tiles in ((1, 1), (2, 1), (2, 2)))


def looks_of(settings: CameraSettings) -> tuple[Look, ...]:
    """Those that differ for this camera: without lanes and doors there is nothing to crop to."""
    is_cropped = region_of(settings.floor()) != Region()
    return tuple(look for look in LOOKS if is_cropped or not look.crop)


def current(settings: CameraSettings) -> Look:
    """What is set now."""
    return Look(settings.crop and region_of(settings.floor()) != Region(), settings.tiles)


def detect(detector: PersonDetector, settings: CameraSettings, look: Look, image: Image) -> Boxes:
    """Everybody on ``image`` by this look, with all scores that could matter (N × 5, pixels)."""
    region = region_of(settings.floor()) if look.crop else Region()
    picture, left, top = region.cut(image)
    if look.tiles == (1, 1):
        return shift(detector.detect(picture, LEAST), left, top)
    return shift(detect_in_tiles(detector, picture, LEAST, *look.tiles), left, top)
