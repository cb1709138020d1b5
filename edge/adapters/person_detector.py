"""The port that finds people on a picture, its ONNX adapter, and its fake."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np

from edge.adapters.effort import fastest
from models.vision.catalogue import DEFAULT_MODEL
from models.vision.errors import ModelRefused
from models.vision.picture import Boxes, Image
from models.vision.session import PersonModel
from models.vision.store import open_model


class PersonDetector(Protocol):
    """Finds people. The contract:

    - ``detect`` gives N × 5 float32 (x0, y0, x1, y1 in pixels of the picture, score), every score at least ``least``,
      every box inside the picture. It may be called from several threads. It keeps nothing of the picture.
    - ``threshold`` is the score from which a box is a person, unless a camera says otherwise.
    """

    @property
    def threshold(self) -> float:
        """The detector's own threshold."""

    def detect(self, frame_bgr: Image, least: float | None = None) -> Boxes:
        """People on ``frame_bgr`` (H × W × 3, uint8)."""


class OnnxDetectors:
    """The models of one process: each is loaded once, however many cameras use it.

    A model that is refused is told to ``warn`` once per request, and the last good one of that camera stays: the one
    that it had, else the one that comes with Aisle.
    """

    def __init__(self, folder: Path) -> None:
        """``folder``: where ``aisle models pull`` keeps files."""
        self._folder = folder
        self._open: dict[tuple[str, int], OnnxDetector] = {}
        self._chosen: dict[tuple[str, int], int] = {}
        self._lock = Lock()

    def get(
        self,
        model: str,
        *,
        threads: int | None = 1,
        most: int = 2,
        warn: Callable[[str], None],
        last_good: "OnnxDetector | None" = None,
    ) -> "OnnxDetector":
        """The detector called ``model``, or the last good one.

        ``threads`` of ``None``: as many as pay on this machine, at most ``most``.

        Raises:
            ModelRefused: not even the model that comes with Aisle is good.
        """
        with self._lock:
            try:
                return self._opened(model, threads, most)
            except ModelRefused as error:
                if last_good is None and model == DEFAULT_MODEL:
                    raise
                stays = last_good or self._opened(DEFAULT_MODEL, threads, most)
                warn(f"{error} {stays.name} goes on instead.")
                return stays

    def _opened(self, model: str, threads: int | None, most: int) -> "OnnxDetector":
        if threads is None:
            threads = self._chosen.get((model, most)) or self._choose(model, most)
            self._chosen[model, most] = threads
        key = (model, threads)
        if key not in self._open:
            self._open[key] = OnnxDetector(open_model(model, self._folder, threads=threads))
        return self._open[key]

    def _choose(self, model: str, most: int) -> int:
        if most == 1:
            return 1
        runs = []
        for threads in range(1, most + 1):
            opened = open_model(model, self._folder, threads=threads)
            runs.append((threads, partial(opened.infer, opened.blank_input())))
        return fastest(runs)


class OnnxDetector:
    """A checked model as a detector."""

    def __init__(self, model: PersonModel) -> None:
        self._model = model
        self.name = model.row.name

    @property
    def threshold(self) -> float:
        """The model's own threshold."""
        return self._model.row.threshold

    def detect(self, frame_bgr: Image, least: float | None = None) -> Boxes:
        """People on the picture."""
        return self._model.detect(frame_bgr, least)


class ListedPeople:
    """The fake: the listed boxes, one list per call, the last one for ever."""

    threshold = 0.5

    def __init__(self, listed: Sequence[Sequence[tuple[float, float, float, float, float]]]) -> None:
        self._listed, self._calls = list(listed), 0

    def detect(self, frame_bgr: Image, least: float | None = None) -> Boxes:
        """The next list, cut at the picture's edges."""
        height, width = frame_bgr.shape[:2]
        boxes = np.array(self._listed[min(self._calls, len(self._listed) - 1)], np.float32).reshape(-1, 5)
        self._calls += 1
        boxes[:, :4] = np.clip(boxes[:, :4], 0, np.array([width, height, width, height], np.float32))
        return boxes[boxes[:, 4] >= (self.threshold if least is None else least)]
