"""The pictures decode, and show in each cell and at each dot what the figures say."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from edge.core.survey.figures import TAKEN, UNKNOWN, Bin
from edge.core.survey.truth import AWAY
from edge.survey.canvas import EMPTY, GO_FILL, SCALE, Canvas
from edge.survey.confusion import ConfusionPicture
from edge.survey.reliability import ReliabilityPicture

CONFUSION = {
    ("A1", "A1"): 900,
    ("A1", "A2"): 100,
    ("A2", "A2"): 500,
    ("A2", UNKNOWN): 500,
    (AWAY, TAKEN): 40,
    (AWAY, "A1"): 10,
}


def pixels(canvas: Canvas, path: Path) -> npt.NDArray[np.uint8]:
    """What is in the file, RGB."""
    canvas.save(path)
    read = cv2.imread(str(path))
    assert read is not None
    return np.asarray(cv2.cvtColor(read, cv2.COLOR_BGR2RGB), np.uint8)


def test_each_cell_of_the_matrix_has_the_colour_of_its_share(tmp_path: Path) -> None:
    picture = ConfusionPicture(CONFUSION, ["A1", "A2", "A3"], "a walk")
    shown = pixels(picture.canvas, tmp_path / "confusion.png")
    assert shown.shape == (picture.canvas.height * SCALE, picture.canvas.width * SCALE, 3)
    for place in ("A1", "A2", "A3", AWAY):
        for said in ("A1", "A2", "A3", UNKNOWN, TAKEN):
            x, y = picture.cell(place, said)
            corner = tuple(shown[round((y + 4) * SCALE), round((x + 4) * SCALE)].tolist())
            assert corner == picture.colour(place, said), (place, said)
    right, wrong = picture.colour("A1", "A1"), picture.colour("A1", "A2")
    assert right[1] > right[0], "right is green"
    assert wrong[0] > wrong[1], "wrong is red"
    assert picture.colour("A3", "A3") == EMPTY
    assert picture.colour(AWAY, TAKEN)[1] > picture.colour(AWAY, TAKEN)[0], "gone and said to be gone is right"


def test_a_cell_that_has_answers_is_written_in_and_an_empty_one_is_not(tmp_path: Path) -> None:
    picture = ConfusionPicture(CONFUSION, ["A1", "A2", "A3"], "a walk")
    shown = pixels(picture.canvas, tmp_path / "confusion.png")

    def inks(place: str, said: str) -> int:
        x, y = (round(value * SCALE) for value in picture.cell(place, said))
        inside = shown[y + 8 : y + 100, x + 8 : x + 100].reshape(-1, 3)
        return len(np.unique(inside, axis=0))

    assert inks("A1", "A2") > 5
    assert inks("A3", "A1") == 1


@pytest.mark.parametrize("count", [1, 9, 20, 40])
def test_a_matrix_of_any_size_stays_on_its_sheet(count: int, tmp_path: Path) -> None:
    shelves = [f"Aisle-{number}" for number in range(count)]
    picture = ConfusionPicture({(shelf, shelf): 5 for shelf in shelves}, shelves, "a walk")
    shown = pixels(picture.canvas, tmp_path / "confusion.png")
    x, y = picture.cell(AWAY, TAKEN)
    assert x + 24 < picture.canvas.width
    assert y + 24 < picture.canvas.height
    assert (shown[:, -8:] == 255).all(), "something runs off the sheet"


def test_a_dot_lies_where_its_probability_and_its_share_meet(tmp_path: Path) -> None:
    bins = [
        Bin(0.2, 0.3, 0.25, 0.60, 40, 12, 0.3, 0.8),
        Bin(0.9, 1.0, 0.99, 0.98, 90_000, 150, 0.95, 0.999),
    ]
    picture = ReliabilityPicture(bins, [("Brier score", "0.0100")], "a walk")
    shown = pixels(picture.canvas, tmp_path / "reliability.png")
    for one in bins:
        x, y = (round(value * SCALE) for value in picture.at(one.said, one.was_so))
        assert tuple(shown[y, x].tolist()) == GO_FILL
    x, y = (round(value * SCALE) for value in picture.at(0.25, 0.31))
    assert tuple(shown[y, x].tolist()) != (250, 250, 248), "no bar below the dot"
    x, y = (round(value * SCALE) for value in picture.at(0.55, 0.33))
    assert tuple(shown[y, x].tolist()) == (250, 250, 248), "a dot where no bin is"


def test_a_walk_without_answers_still_has_its_pictures(tmp_path: Path) -> None:
    pixels(ConfusionPicture({}, ["A1"], "nothing").canvas, tmp_path / "confusion.png")
    pixels(ReliabilityPicture([], [], "nothing").canvas, tmp_path / "reliability.png")
