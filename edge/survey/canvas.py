"""A sheet to draw figures on, over OpenCV: text, boxes, lines and dots in points, at twice the points in pixels."""

from pathlib import Path
from typing import Any, Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""
Picture = npt.NDArray[np.uint8]
Align = Literal["left", "middle", "right"]

SCALE: Final = 2
_SUBPIXEL_BITS: Final = 4

GROUND: Final[Colour] = (255, 255, 255)
INK: Final[Colour] = (14, 32, 41)
SOFT: Final[Colour] = (77, 96, 106)
FAINT: Final[Colour] = (150, 163, 168)
LINE: Final[Colour] = (213, 217, 210)
EMPTY: Final[Colour] = (244, 245, 242)
GO: Final[Colour] = (0, 108, 79)
GO_FILL: Final[Colour] = (20, 169, 123)
GO_TINT: Final[Colour] = (216, 241, 230)
BAD: Final[Colour] = (168, 42, 31)
BAD_TINT: Final[Colour] = (249, 222, 218)
WARN: Final[Colour] = (138, 82, 0)


class Canvas:
    """A white sheet of ``width`` × ``height`` points. ``picture`` is its pixels, (2·height, 2·width, 3) in RGB."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.picture: Picture = np.full((height * SCALE, width * SCALE, 3), GROUND, np.uint8)
        self._font: Any = cv2.FontFace("sans")

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 13,
        colour: Colour = INK,
        bold: bool = False,
        align: Align = "left",
    ) -> float:
        """Write ``text`` with its base line at ``y``; gives its width in points."""
        weight = 650 if bold else 400
        width = self.measure(text, size=size, bold=bold)
        left = x - (0 if align == "left" else width / 2 if align == "middle" else width)
        at = (round(left * SCALE), round(y * SCALE))
        cv2.putText(self.picture, text, at, colour, self._font, round(size * SCALE), weight)
        return width

    def measure(self, text: str, *, size: float = 13, bold: bool = False) -> float:
        """How wide ``text`` will be, in points."""
        if not text:
            return 0.0
        weight = 650 if bold else 400
        # The measuring call wraps at the picture's edge: it gets one that is wide enough.
        _, _, width, _ = cv2.getTextSize((100_000, 1_000), text, (0, 0), self._font, round(size * SCALE), weight)
        return float(width / SCALE)

    def paragraph(
        self, x: float, y: float, text: str, *, width: float, size: float = 13, colour: Colour = INK
    ) -> float:
        """Write ``text`` in lines of at most ``width``; gives the base line below the last one."""
        line, step = "", size * 1.4
        for word in text.split():
            longer = f"{line} {word}".strip()
            if line and self.measure(longer, size=size) > width:
                self.text(x, y, line, size=size, colour=colour)
                line, y = word, y + step
            else:
                line = longer
        if line:
            self.text(x, y, line, size=size, colour=colour)
            y += step
        return y

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """Fill a box."""
        left, top, right, bottom = (round(value * SCALE) for value in (x, y, x + width, y + height))
        cv2.rectangle(self.picture, (left, top), (right - 1, bottom - 1), colour, cv2.FILLED)

    def line(
        self, x0: float, y0: float, x1: float, y1: float, *, colour: Colour = LINE, width: float = 1, dash: float = 0
    ) -> None:
        """Draw a line, dashed if ``dash`` (points) is given."""
        length = float(np.hypot(x1 - x0, y1 - y0))
        pieces = [(0.0, 1.0)]
        if dash and length:
            count = max(1, int(length / (2 * dash)))
            pieces = [(number / count, (number + 0.5) / count) for number in range(count)]
        for start, end in pieces:
            ends = [(x0 + (x1 - x0) * part, y0 + (y1 - y0) * part) for part in (start, end)]
            first, last = (self._fine(*point) for point in ends)
            cv2.line(self.picture, first, last, colour, max(1, round(width * SCALE)), cv2.LINE_AA, _SUBPIXEL_BITS)

    def dot(self, x: float, y: float, radius: float, colour: Colour, *, ring: Colour = GROUND) -> None:
        """Draw a dot with a ring around it."""
        for colour_now, radius_now in ((ring, radius + 1.2), (colour, radius)):
            fine = round(radius_now * SCALE * (1 << _SUBPIXEL_BITS))
            cv2.circle(self.picture, self._fine(x, y), fine, colour_now, cv2.FILLED, cv2.LINE_AA, _SUBPIXEL_BITS)

    def png(self) -> bytes:
        """The sheet as a PNG file."""
        done, data = cv2.imencode(".png", cv2.cvtColor(self.picture, cv2.COLOR_RGB2BGR))
        if not done:
            raise ValueError("the picture cannot be written as PNG")
        return data.tobytes()

    def save(self, path: Path) -> None:
        """Write the sheet into a PNG file."""
        path.write_bytes(self.png())

    @staticmethod
    def _fine(x: float, y: float) -> tuple[int, int]:
        unit = SCALE * (1 << _SUBPIXEL_BITS)
        return round(x * unit), round(y * unit)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """A colour between two: ``share`` of the second one."""
    share = min(1.0, max(0.0, share))
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
