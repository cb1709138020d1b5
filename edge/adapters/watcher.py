"""Looks at the pictures of one camera and counts: the part that live cameras and recordings share."""

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
        boxes = self._detect(image, self.threshold * WEAK_SHARE)
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
        if self._tiles == (1, 1):
            return shift(self._detector.detect(picture, least), left, top)
        return shift(detect_in_tiles(self._detector, picture, least, *self._tiles), left, top)


def _size(image: Image) -> tuple[int, int]:
    return image.shape[1], image.shape[0]
