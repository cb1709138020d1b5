"""Letterboxes and the suppression of overlaps: what must hold for every picture and every set of boxes."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.vision.letterbox import Letterbox, unletterbox
from models.vision.suppression import suppress

SIDES = st.integers(8, 700)


@given(SIDES, SIDES, st.tuples(*[st.floats(0, 1)] * 4))
@settings(max_examples=60, deadline=None)
def test_a_box_goes_to_the_canvas_and_back(width: int, height: int, spot: tuple[float, float, float, float]) -> None:
    canvas, scale = Letterbox(64, 7).put(np.zeros((height, width, 3), np.uint8))
    x0, x1 = sorted((spot[0] * width, spot[1] * width))
    y0, y1 = sorted((spot[2] * height, spot[3] * height))
    on_canvas = np.array([[x0 * scale, y0 * scale, x1 * scale, y1 * scale, 0.5]], np.float32)
    assert canvas.shape == (64, 64, 3)
    assert on_canvas[0, :4].max() <= 64.01
    back = unletterbox(on_canvas, scale, width, height)
    if x1 - x0 > 0.01 and y1 - y0 > 0.01:
        assert np.allclose(back[0, :4], (x0, y0, x1, y1), atol=0.01)


def test_the_padding_of_one_picture_never_shows_the_one_before() -> None:
    letterbox = Letterbox(64, 114)
    letterbox.put(np.full((100, 100, 3), 255, np.uint8))
    canvas, _ = letterbox.put(np.zeros((50, 100, 3), np.uint8))
    assert (canvas[:32] == 0).all()
    assert (canvas[32:] == 114).all()


def test_a_box_in_the_padding_is_nobody() -> None:
    boxes = np.array([[0, 40, 20, 60, 0.9], [0, 10, 20, 30, 0.8]], np.float32)
    assert unletterbox(boxes, 0.5, 100, 70)[:, 4].tolist() == [np.float32(0.8)]


BOXES = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(1, 30), st.integers(1, 30), st.integers(1, 99)),
    max_size=25,
).map(lambda rows: np.array([(x, y, x + w, y + h, s / 100) for x, y, w, h, s in rows], np.float32).reshape(-1, 5))


def _iou(one: np.ndarray, other: np.ndarray) -> float:
    width = max(0.0, float(min(one[2], other[2]) - max(one[0], other[0])))
    height = max(0.0, float(min(one[3], other[3]) - max(one[1], other[1])))
    areas = [float((box[2] - box[0]) * (box[3] - box[1])) for box in (one, other)]
    return width * height / (sum(areas) - width * height)


@given(BOXES)
@settings(max_examples=80, deadline=None)
def test_what_is_kept_does_not_overlap_and_what_is_dropped_overlaps_something_better(boxes: np.ndarray) -> None:
    kept = suppress(boxes, 0.5)
    for index, box in enumerate(kept):
        assert all(_iou(box, other) <= 0.5 + 1e-6 for other in kept[:index])
    for box in boxes:
        assert any((box == other).all() or (_iou(box, other) > 0.5 - 1e-6 and other[4] >= box[4]) for other in kept)
    assert np.array_equal(suppress(kept, 0.5), kept)


def test_no_more_are_kept_than_asked_for() -> None:
    boxes = np.array([(10 * k, 0, 10 * k + 5, 5, 0.5 + k / 100) for k in range(20)], np.float32)
    assert suppress(boxes, limit=3)[:, 0].tolist() == [190, 180, 170]
