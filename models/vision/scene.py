"""Two drawn people in a drawn shop: what a detector must see before it may count anybody.

Drawn, not photographed: nobody's picture comes with the programme, and the scene is the same everywhere.
"""

import cv2
import numpy as np

from models.vision.picture import Image

WIDTH, HEIGHT = 640, 480
PEOPLE = ((81, 90, 199, 390), (412, 120, 528, 410))
"""Where the drawn people stand: x0, y0, x1, y1 in pixels."""

Colour = tuple[int, int, int]
_SKIN: Colour = (150, 180, 225)
_HAIR: Colour = (30, 40, 60)
_SHOE: Colour = (25, 25, 30)
_TORSO = (
    (-0.4, 1.2), (0.4, 1.2), (1.15, 1.6), (1.5, 3), (1.35, 4.3), (1.05, 4.3), (1, 2.6), (0.95, 4.2),
    (-0.95, 4.2), (-1, 2.6), (-1.05, 4.3), (-1.35, 4.3), (-1.5, 3), (-1.15, 1.6),
)  # fmt: skip
_LEGS = (
    (-0.9, 3.9), (0.9, 3.9), (1, 5.5), (0.95, 7.6), (0.3, 7.6), (0.1, 4.8),
    (-0.1, 4.8), (-0.3, 7.6), (-0.95, 7.6), (-1, 5.5),
)  # fmt: skip
"""Outlines in heads: a grown person is eight heads tall."""


def empty_shop() -> Image:
    """A wall and a floor with nobody in front, HEIGHT × WIDTH × 3."""
    image = np.full((HEIGHT, WIDTH, 3), (170, 175, 178), np.uint8)
    image[300:] = (120, 125, 130)
    return _grain(image)


def shop_with_people() -> Image:
    """The same with the two people of ``PEOPLE``."""
    image = np.full((HEIGHT, WIDTH, 3), (170, 175, 178), np.uint8)
    image[300:] = (120, 125, 130)
    _draw(image, 140, 90, 300, shirt=(160, 60, 30), trousers=(60, 40, 30))
    _draw(image, 470, 120, 290, shirt=(40, 40, 170), trousers=(90, 80, 70))
    return _grain(image)


def _grain(image: Image) -> Image:
    """Soften the edges and add a sensor's noise: detectors have never seen perfectly flat colours."""
    noise = np.random.default_rng(1).normal(0, 4, image.shape)
    return np.clip(cv2.GaussianBlur(image, (5, 5), 0) + noise, 0, 255).astype(np.uint8)


def _draw(image: Image, centre: int, top: int, height: int, *, shirt: Colour, trousers: Colour) -> None:
    head = height / 8

    def at(x: float, y: float) -> tuple[int, int]:
        return round(centre + x * head), round(top + y * head)

    def oval(place: tuple[float, float], radii: tuple[float, float], colour: Colour, start: int = 0) -> None:
        size = (max(1, int(radii[0] * head)), max(1, int(radii[1] * head)))
        cv2.ellipse(image, at(*place), size, 0, start, 360, colour, -1, cv2.LINE_AA)

    for outline, colour in ((_LEGS, trousers), (_TORSO, shirt)):
        cv2.fillPoly(image, [np.array([at(x, y) for x, y in outline], np.int32)], colour, cv2.LINE_AA)
    oval((0, 0.62), (0.42, 0.58), _SKIN)
    oval((0, 0.4), (0.46, 0.42), _HAIR, start=180)
    for side in (-1, 1):
        oval((side * 1.2, 4.45), (0.2, 0.2), _SKIN)
        oval((side * 0.7, 7.75), (0.45, 0.2), _SHOE)
