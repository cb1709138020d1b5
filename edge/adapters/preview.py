"""Lets a manager see a camera, for minutes, in their browser alone: a frame stays in memory while a ticket holds."""

import hashlib
import hmac
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from edge.adapters.camera_settings import CameraSettings
from models.process.clock import Clock

if TYPE_CHECKING:  # a node without a camera never loads OpenCV
    from edge.core.lane.people import Counts
    from models.vision.picture import Image

LONGEST_MS: Final = 15 * 60_000
"""However long somebody asks for: a preview is for setting up, nobody watches shoppers through it."""
_QUALITY: Final = 75


class Preview:
    """One camera's preview. Safe from any thread."""

    def __init__(self, settings: CameraSettings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._lock = Lock()
        self._ticket_hash = ""
        self._until_s = 0.0
        self._seen: tuple[Image, Counts] | None = None

    def allow(self, ticket_hash: str, until_ms: int) -> int:
        """Let the holder of the ticket whose SHA-256 this is look; gives until when (ms)."""
        now_ms = self._clock.now_ms()
        left_ms = max(0, min(until_ms - now_ms, LONGEST_MS))
        with self._lock:
            self._ticket_hash = ticket_hash
            self._until_s = self._clock.monotonic_s() + left_ms / 1000
            self._seen = None
        return now_ms + left_ms

    def holds(self, ticket: str) -> bool:
        """Whether this ticket may look now."""
        given = hashlib.sha256(ticket.encode()).hexdigest()
        return self.is_open and hmac.compare_digest(given, self._ticket_hash)

    @property
    def is_open(self) -> bool:
        """Whether anybody may look now."""
        return self._clock.monotonic_s() < self._until_s

    def put(self, image: "Image", counts: "Counts") -> None:
        """The newest frame: kept while somebody may look, else forgotten at once."""
        with self._lock:
            self._seen = (image.copy(), counts) if self.is_open else None

    def jpeg(self) -> bytes | None:
        """The newest frame as a picture; ``None`` before there is one."""
        with self._lock:
            seen = self._seen
        if seen is None or not self.is_open:
            return None
        import cv2

        _ok, data = cv2.imencode(".jpg", seen[0], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        return data.tobytes()

    def scene(self) -> dict[str, Any]:
        """What is drawn over the frame: lanes, tills, zones, doors, people; places as fractions of the picture."""
        with self._lock:
            seen = self._seen
        settings = self._settings
        drawn: dict[str, Any] = {
            "camera": settings.name,
            "left_s": max(0, round(self._until_s - self._clock.monotonic_s())),
            "lanes": [{"id": lane.id, "polygon": lane.polygon, "till": lane.till} for lane in settings.lanes],
            "doors": [{"id": door.id, "line": door.line, "inside": door.inside} for door in settings.doors],
            "zones": [{"id": zone.id, "polygon": zone.polygon} for zone in settings.zones],
            "staff": settings.staff,
            "people": [],
            "counts": {},
        }
        if seen is not None:
            height, width = seen[0].shape[:2]
            drawn["people"] = [
                [x0 / width, y0 / height, x1 / width, y1 / height] for x0, y0, x1, y1, _score in seen[1].boxes
            ]
            drawn["counts"] = dict(seen[1].lanes)
        return drawn
