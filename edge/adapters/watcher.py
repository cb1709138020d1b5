"""Looks at the pictures of one camera and counts: the part that live cameras and recordings share."""

import cv2

from edge.adapters.camera_settings import WEAK_SHARE, CameraSettings
from edge.adapters.person_detector import PersonDetector
from edge.adapters.region import Region, region_of, shift
from edge.adapters.tiles import detect_in_tiles
from edge.adapters.uniform import Uniform
from edge.core.lane.people import Counts, People, still
from edge.core.lane.zones import HeatSum, ZoneSum
from models.vision.picture import Boxes, Image


class Watcher:
    """Looks at the frames of one camera: crop, detect, follow, count. Not for two threads at once."""

    def __init__(self, settings: CameraSettings, detector: PersonDetector) -> None:
        self._detector = detector
        self.threshold = settings.threshold or detector.threshold
        self._floor = settings.floor()
        self._people = People(settings.people(self.threshold))
        self._tiles = settings.tiles
        self._region = region_of(self._floor) if settings.crop else Region()
        uniform = settings.uniform
        self._uniform = Uniform(uniform.colour, uniform.share) if uniform else None

    def look(self, image: Image, t_ms: int) -> Counts:
        """Count one frame, seen at ``t_ms`` on a clock that never steps back."""
        return self.follow(image, self.find(image), t_ms)

    def find(self, image: Image) -> Boxes:
        """Everybody who may be on ``image`` (N × 5, its pixels), weak boxes too; nothing is counted."""
        return self._detect(image, self.threshold * WEAK_SHARE)

    def find_turned(self, image: Image) -> Boxes:
        """Who is surely somebody (N × 5) on what is looked at of ``image``, turned by a half; nothing is counted."""
        picture, _left, _top = self._region.cut(image)
        turned: Image = cv2.rotate(picture, cv2.ROTATE_180)  # type: ignore[assignment] # OpenCV's type is any matrix
        return self._find(turned, self.threshold)

    def follow(self, image: Image, boxes: Boxes, t_ms: int) -> Counts:
        """Count the people of one frame (``boxes`` as ``find`` gives them)."""
        worn = self._uniform.worn(image, boxes) if self._uniform else None
        return self._people.frame(boxes, _size(image), t_ms, worn)

    def zones(self) -> dict[str, ZoneSum]:
        """How people stayed in each zone since the last call."""
        return self._people.zones()

    def heat(self) -> HeatSum:
        """Where people stood since the last call."""
        return self._people.heat()

    def lighten(self) -> str:
        """Look at less from now on; gives what was given up, empty where there is nothing left to give up."""
        if self._tiles != (1, 1):
            self._tiles = (1, 1)
            return "tiles"
        region = region_of(self._floor)
        if self._region != region:
            self._region = region
            return "the whole picture"
        return ""

    def look_once(self, image: Image, t_ms: int = 0) -> Counts:
        """Count a picture that follows none: a photograph, or a frame long after the one before."""
        return still(self._detect(image, self.threshold), self._floor, _size(image), t_ms)

    def _detect(self, image: Image, least: float) -> Boxes:
        picture, left, top = self._region.cut(image)
        return shift(self._find(picture, least), left, top)

    def _find(self, picture: Image, least: float) -> Boxes:
        if self._tiles == (1, 1):
            return self._detector.detect(picture, least)
        return detect_in_tiles(self._detector, picture, least, *self._tiles)


def _size(image: Image) -> tuple[int, int]:
    return image.shape[1], image.shape[0]
