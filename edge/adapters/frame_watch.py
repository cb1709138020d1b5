"""Is this camera still seeing? Frozen, black and wrongly sized pictures are told from good ones, frame by frame."""

from dataclasses import dataclass

import numpy as np

from models.vision.picture import Image

SILENT_S = 5.0
BLACK_S = 3.0
FROZEN_S = 10.0
"""How long each may last before nobody is told a number any more; all well under 15 s."""

_SAMPLE_ROWS = 60
_DARK, _FLAT = 12.0, 6.0


@dataclass(frozen=True)
class Fault:
    """Why a camera's view is unknown. ``code`` is one word, ``hint`` says what a person can do."""

    code: str
    message: str
    hint: str = ""


class FrameWatch:
    """Looks at every frame before it is counted. Time comes in as seconds that never step back."""

    def __init__(self, size: tuple[int, int] | None = None, *, started_s: float) -> None:
        """``size``: the width and height that the camera must deliver; the first frame's shape if ``None``."""
        self._wanted = size
        self._first: tuple[int, int] | None = None
        self._sample: Image | None = None
        self._seen_s = self._changed_s = self._lit_s = started_s
        self._size_fault: Fault | None = None

    def look(self, image: Image, t_s: float) -> bool:
        """Take in a frame; whether it may be counted.

        The very picture that was there before may not: it says nothing new, and if the camera hangs, what it showed
        must begin to age with the last picture that was new, not when the hanging is certain.
        """
        self._seen_s = t_s
        self._size_fault = self._check_size(image)
        step = max(1, image.shape[0] // _SAMPLE_ROWS)
        sample = image[::step, ::step]
        is_new = self._sample is None or not np.array_equal(sample, self._sample)
        if is_new:
            self._changed_s, self._sample = t_s, sample.copy()
        is_black = float(sample.mean()) < _DARK and float(sample.std()) < _FLAT
        if not is_black:
            self._lit_s = t_s
        return is_new and not is_black and self._size_fault is None

    def fault(self, t_s: float) -> Fault | None:
        """What is wrong with the view at ``t_s``; ``None`` if it may be believed."""
        if t_s - self._seen_s >= SILENT_S:
            return Fault("camera_silent", f"No picture for {t_s - self._seen_s:.0f} s.", "Check its power and cable.")
        if self._size_fault is not None:
            return self._size_fault
        if self._seen_s - self._lit_s >= BLACK_S:
            return Fault("camera_black", "The picture is black.", "Is the lens covered, is the light off?")
        if self._seen_s - self._changed_s >= FROZEN_S:
            return Fault("camera_frozen", "The camera repeats the same picture.", "Restart the camera.")
        return None

    def _check_size(self, image: Image) -> Fault | None:
        height, width = image.shape[:2]
        hint = "Set the camera back, or draw its lanes and doors again and correct `size`."
        if self._wanted is not None and (width, height) != self._wanted:
            wanted = f"{self._wanted[0]} × {self._wanted[1]}"
            return Fault("camera_size", f"The picture is {width} × {height}, the settings say {wanted}.", hint)
        if self._first is None:
            self._first = (width, height)
        # Another resolution of the same shape does no harm: places are fractions. Another shape is another view.
        if abs(width * self._first[1] / (height * self._first[0]) - 1) > 0.02:
            before = f"{self._first[0]} × {self._first[1]}"
            return Fault("camera_size", f"The picture is {width} × {height} now, it was {before}.", hint)
        return None
