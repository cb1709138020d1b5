"""Wide views in tiles: nothing is left out, nobody counts twice, and small people are found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.adapters.camera_settings import CameraSettings
from edge.adapters.person_detector import OnnxDetector
from edge.adapters.tiles import detect_in_tiles, tiles_of
from edge.adapters.watcher import Watcher
from models.vision.picture import Boxes, Image
from models.vision.scene import empty_shop, shop_with_people
from models.vision.session import PersonModel


@given(st.integers(20, 700), st.integers(20, 700), st.integers(1, 4), st.integers(1, 4))
def test_tiles_cover_every_pixel_of_the_picture(width: int, height: int, columns: int, rows: int) -> None:
    covered = np.zeros((height, width), np.uint8)
    tiles = list(tiles_of(np.zeros((height, width, 3), np.uint8), columns, rows))
    for tile, left, top in tiles:
        assert tile.size
        covered[top : top + tile.shape[0], left : left + tile.shape[1]] += 1
    assert len(tiles) == columns * rows
    assert covered.min() >= 1


class _Sees:
    """Sees everybody who stands at ``people``, as far as the tile shows them."""

    threshold = 0.5

    def __init__(self, image: Image, people: list[tuple[int, int, int, int]]) -> None:
        self._image, self._people = image, people

    def detect(self, frame_bgr: Image, least: float | None = None) -> Boxes:
        """Their boxes, cut at the tile's edges."""
        left = int(frame_bgr[0, 0, 0]) + 256 * int(frame_bgr[0, 0, 1])
        found = []
        for x0, y0, x1, y1 in self._people:
            low, high = max(x0 - left, 0), min(x1 - left, frame_bgr.shape[1])
            if high - low > 5:
                found.append((low, y0, high, y1, 0.9))
        return np.array(found, np.float32).reshape(-1, 5)


def numbered(width: int, height: int) -> Image:
    """A picture whose every column says its own number."""
    image = np.zeros((height, width, 3), np.uint8)
    columns = np.arange(width)
    image[:, :, 0], image[:, :, 1] = columns % 256, columns // 256
    return image


@given(st.lists(st.integers(0, 29), min_size=1, max_size=8, unique=True), st.integers(1, 4))
def test_somebody_on_the_seam_of_two_tiles_counts_once(places: list[int], columns: int) -> None:
    image = numbered(640, 100)
    people = [(20 * place, 20, 20 * place + 18, 90) for place in places]
    found = detect_in_tiles(_Sees(image, people), image, 0.5, columns, 1)
    assert sorted(map(tuple, found[:, :4].astype(int).tolist())) == sorted(people)


def test_people_who_are_too_small_on_the_whole_view_are_found_in_tiles(lite: PersonModel) -> None:
    small = np.ascontiguousarray(shop_with_people()[::6, ::6])
    wide = np.tile(empty_shop()[:160], (1, 3, 1))
    wide[40 : 40 + small.shape[0], 900 : 900 + small.shape[1]] = small
    seen = {}
    for tiles in ((1, 1), (4, 1)):
        settings = CameraSettings(name="wide", source="-", tiles=tiles)
        seen[tiles] = Watcher(settings, OnnxDetector(lite)).look_once(wide).people
    assert seen[1, 1] < 2
    assert seen[4, 1] == 2


@pytest.mark.parametrize("tiles", [(0, 1), (5, 1), (1.5, 1)])
def test_tiles_that_cannot_be_meant_are_refused(tiles: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="tiles"):
        CameraSettings(name="wide", source="-", tiles=tiles)
