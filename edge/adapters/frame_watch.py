"""Is this camera still seeing? Frozen, black, flickering and wrongly sized pictures are told from good ones."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.vision.picture import Image

SILENT_S = 5.0
BLACK_S = 3.0
FROZEN_S = 10.0
FLICKER_S = 8.0
"""How long each may last before nobody is told a number any more; all well under 15 s."""

_SAMPLE_ROWS = 60
_DARK, _FLAT = 12.0, 6.0
_STILL = 8
"""Grey levels: a hanging camera whose picture is coded anew changes by less, somebody who stands still by more."""
_EDGE = 0.1
"""Of the height, above and below: there a clock that the camera draws into the picture ticks on while it hangs."""
_JUMP, _JUMP_SHARE = 20.0, 0.25
"""Grey levels, and share of the brighter of two frames, by which a whole picture that flickers grows brighter."""
_DOUBTED, _CERTAIN = 3, 5
"""Jumps in ``FLICKER_S``: from here frames are not counted; from here it is a fault. A light switch makes two."""


@dataclass(frozen=True)
class Fault:
    """Why a camera's view is unknown. ``code`` is one word, ``hint`` says what a person can do.

    ``is_wrong``: there are pictures, and what was counted on the last of them may be wrong. Where there are none,
    more may come before the last number is old.
    """

    code: str
    message: str
    hint: str = ""
    is_wrong: bool = True


class FrameWatch:
    """Looks at every frame before it is counted. Time comes in as seconds that never step back."""

    def __init__(self, size: tuple[int, int] | None = None, *, started_s: float) -> None:
        """``size``: the width and height that the camera must deliver; the first frame's shape if ``None``."""
        self._wanted = size
        self._first: tuple[int, int] | None = None
        self._sample: Image | None = None
        self._still: NDArray[np.int16] | None = None
        self._seen_s = self._changed_s = self._moved_s = self._lit_s = started_s
        self._size_fault: Fault | None = None
        self._brightness: float | None = None
        self._jumps: deque[float] = deque()
        self._flickers = self._people = False

    def look(self, image: Image, t_s: float) -> bool:
        """Take in a frame; whether it may be counted.

        The very picture that was there before may not: it says nothing new, and if the camera hangs, what it showed
        must begin to age with the last picture that was new, not when the hanging is certain.
        """
        self._seen_s = t_s
        self._size_fault = self._check_size(image)
        step = max(1, image.shape[0] // _SAMPLE_ROWS)
        sample = image[::step, ::step]
        edge = int(len(sample) * _EDGE)
        is_new = self._change(sample[edge : len(sample) - edge], t_s)
        brightness = float(sample.mean())
        self._flicker(brightness, t_s)
        is_black = brightness < _DARK and float(sample.std()) < _FLAT
        if not is_black:
            self._lit_s = t_s
        return is_new and not is_black and len(self._jumps) < _DOUBTED and self._size_fault is None

    def saw(self, people: int) -> None:
        """How many people the last frame showed: who stands there moves a little, an empty shop need not."""
        self._people = people > 0

    def fault(self, t_s: float) -> Fault | None:
        """What is wrong with the view at ``t_s``; ``None`` if it may be believed."""
        if t_s - self._seen_s >= SILENT_S:
            message = f"No picture for {t_s - self._seen_s:.0f} s."
            return Fault("camera_silent", message, "Check its power and cable.", is_wrong=False)
        if self._size_fault is not None:
            return self._size_fault
        if self._seen_s - self._lit_s >= BLACK_S:
            return Fault("camera_black", "The picture is black.", "Is the lens covered, is the light off?")
        if self._flickers:
            hint = "Look at the light above and at the camera's exposure, then at its cable and power."
            return Fault("camera_flickers", "The picture goes bright and dark again and again.", hint)
        since_s = self._moved_s if self._people else self._changed_s
        if self._seen_s - since_s >= FROZEN_S:
            return Fault("camera_frozen", "The camera repeats the same picture.", "Restart the camera.")
        return None

    def _change(self, sample: Image, t_s: float) -> bool:
        """Whether this is another picture than the one before."""
        is_new = self._sample is None or not np.array_equal(sample, self._sample)
        if is_new:
            self._changed_s, self._sample = t_s, sample.copy()
            levels = sample.astype(np.int16)
            still = self._still
            if still is None or still.shape != levels.shape or int(abs(levels - still).max()) > _STILL:
                self._moved_s, self._still = t_s, levels
        return is_new

    def _flicker(self, brightness: float, t_s: float) -> None:
        before, self._brightness = self._brightness, brightness
        if before is not None and abs(brightness - before) > max(_JUMP, _JUMP_SHARE * max(brightness, before)):
            self._jumps.append(t_s)
        while self._jumps and t_s - self._jumps[0] >= FLICKER_S:
            self._jumps.popleft()
        self._flickers = len(self._jumps) >= (_DOUBTED if self._flickers else _CERTAIN)

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
