"""One tuning: frames that live in memory alone, what was found on them, and what a person says is there."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

import cv2

from edge.adapters.camera_settings import CameraSettings
from edge.adapters.frame_source import CameraLost, EndOfFootage, FrameSource
from edge.adapters.person_detector import PersonDetector
from edge.adapters.region import Region, region_of
from edge.core.lane.floor import Point
from edge.core.tuning import Choice, Tuned, tune
from edge.tune.looks import Look, current, detect, looks_of
from edge.tune.writing import write_camera
from models.vision.picture import Boxes, Image

FRAMES: Final = 10
_QUALITY: Final = 80


@dataclass(eq=False)
class Labelled:
    """One frame, what each look finds on it, and where a person says people are (pixels); ``None``: not yet."""

    image: Image
    found: dict[Look, Boxes]
    people: list[Point] | None = None


@dataclass(frozen=True)
class Looked:
    """How long a look takes on this machine."""

    look: Look
    frame_ms: float


@dataclass
class Session:
    """A camera being tuned. Safe from any thread."""

    settings: CameraSettings
    detector: PersonDetector
    config: Path
    frames: list[Labelled] = field(default_factory=list)
    problem: str = ""
    _taken_ms: dict[Look, list[float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def looks(self) -> tuple[Look, ...]:
        """Ways to look that are compared."""
        return looks_of(self.settings)

    @property
    def region(self) -> Region:
        """The part of the picture that matters; who stands outside of it is counted by no look."""
        return region_of(self.settings.floor())

    @property
    def before(self) -> Choice:
        """What is set now."""
        return Choice(current(self.settings).name, self.settings.threshold or self.detector.threshold)

    def take(self, source: FrameSource, every_s: float, wait: Callable[[float], bool]) -> None:
        """Take ``FRAMES`` frames, ``every_s`` apart, on a thread of its own; ``wait(seconds)`` gives whether to stop.

        Files have a time of their own: they are not waited for.
        """
        try:
            source.open()
            next_ms = 0.0
            while len(self.frames) < FRAMES and not wait(0.0):
                frame = source.read()
                if frame.t_ms < next_ms:
                    continue
                next_ms = frame.t_ms + every_s * 1000
                self._add(frame.image.copy())
        except EndOfFootage:
            if not self.frames:
                self.problem = f"{source.title} has no frames."
        except CameraLost as error:
            self.problem = f"{source.title}: {error}"
        finally:
            source.close()

    def _add(self, image: Image) -> None:
        found = {}
        for look in self.looks:
            began = time.perf_counter()
            found[look] = detect(self.detector, self.settings, look, image)
            self._taken_ms.setdefault(look, []).append((time.perf_counter() - began) * 1000)
        with self._lock:
            self.frames.append(Labelled(image, found))

    def suggested(self, frame: Labelled) -> Boxes:
        """What the camera sees there as it is set now (N × 5, pixels)."""
        boxes = self._within(frame, frame.found[current(self.settings)])
        return boxes[boxes[:, 4] >= self.before.threshold]

    def _within(self, frame: Labelled, boxes: Boxes) -> Boxes:
        """Boxes whose middle is in the part that matters."""
        height, width = frame.image.shape[:2]
        across, down = (boxes[:, 0] + boxes[:, 2]) / 2 / width, (boxes[:, 1] + boxes[:, 3]) / 2 / height
        region = self.region
        is_in = (across >= region.left) & (across <= region.right) & (down >= region.top) & (down <= region.bottom)
        kept: Boxes = boxes[is_in]
        return kept

    def label(self, number: int, people: list[Point]) -> None:
        """Remember where people are on a frame (pixels); whoever stands outside of what matters is left out."""
        frame, region = self.frames[number], self.region
        height, width = frame.image.shape[:2]
        with self._lock:
            frame.people = [
                (x, y)
                for x, y in people
                if region.left <= x / width <= region.right and region.top <= y / height <= region.bottom
            ]

    def jpeg(self, number: int) -> bytes:
        """A frame for the browser; made anew each time, kept nowhere."""
        _ok, data = cv2.imencode(".jpg", self.frames[number].image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        return data.tobytes()

    def tuned(self) -> Tuned:
        """The best choice by the frames that are labelled. Raises ``ValueError``: none is."""
        with self._lock:
            done = [frame for frame in self.frames if frame.people is not None]
        looks = {look.name: [self._within(frame, frame.found[look]) for frame in done] for look in self.looks}
        costs = {look.name: look.cost for look in self.looks}
        return tune(looks, [frame.people or [] for frame in done], self.before, costs)

    def timings(self) -> list[Looked]:
        """How long each look takes here: the median over the frames."""
        return [Looked(look, sorted(taken)[len(taken) // 2]) for look, taken in self._taken_ms.items()]

    def save(self, look: Look, threshold: float) -> None:
        """Write a choice into the settings. Raises ``NotWritten``."""
        values = {"threshold": threshold, "crop": look.crop, "tiles": list(look.tiles)}
        write_camera(self.config, self.settings.name, values)
