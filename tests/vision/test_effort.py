"""A camera costs what its machine can bear: threads that pay, and tiles that are given up before frames are."""

from collections.abc import Callable, Iterator

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.adapters.camera_settings import CameraSettings
from edge.adapters.effort import PATIENCE_S, Effort, fastest, most_threads
from edge.adapters.person_detector import ListedPeople
from edge.adapters.watcher import Watcher
from models.vision.picture import Boxes, Image
from tests.vision.conftest import noise


def timed(*seconds: float) -> tuple[list[tuple[int, Callable[[], None]]], Callable[[], float]]:
    """One run for each number of threads, which takes so long on a clock of its own."""
    now = [0.0]

    def run(duration: float) -> Callable[[], None]:
        def work() -> None:
            now[0] += duration

        return work

    return [(threads, run(duration)) for threads, duration in enumerate(seconds, 1)], lambda: now[0]


def test_a_second_thread_is_taken_where_it_pays_and_left_where_it_hardly_helps() -> None:
    runs, clock = timed(0.100, 0.060)
    assert fastest(runs, clock) == 2
    runs, clock = timed(0.100, 0.095)
    assert fastest(runs, clock) == 1


def test_two_cameras_on_four_cores_may_have_two_threads_each_and_three_may_not() -> None:
    assert [most_threads(cameras, 4) for cameras in (1, 2, 3)] == [2, 2, 1]
    assert most_threads(1, 1) == 1


def frames(took_s: float, seconds: float) -> Iterator[tuple[float, float]]:
    now_s = 0.0
    while now_s < seconds:
        now_s += max(took_s, 0.5)
        yield took_s, now_s


def test_a_machine_that_is_slow_for_long_gives_something_up_and_one_that_was_busy_does_not() -> None:
    effort = Effort(2.0)
    asked = []
    for took, now in frames(0.9, 60):
        effort.took(took, now)
        if effort.gives_up(now):
            asked.append(now)
    assert asked
    assert asked[0] > PATIENCE_S
    busy = Effort(2.0)
    for took, now in frames(0.9, PATIENCE_S * 0.8):
        busy.took(took, now)
        assert not busy.gives_up(now)
    for took, now in frames(0.1, 120):
        busy.took(took, now)
        assert not busy.gives_up(now)
    assert busy.keeps_up


@given(st.floats(0.01, 0.45), st.floats(1.0, 10.0))
def test_a_machine_that_holds_two_frames_a_second_gives_nothing_up(took_s: float, fps: float) -> None:
    effort = Effort(fps)
    for took, now in frames(took_s, 60):
        effort.took(took, now)
        assert not effort.gives_up(now)


class _Counting(ListedPeople):
    def __init__(self) -> None:
        super().__init__([[]])
        self.looks: list[tuple[int, ...]] = []

    def detect(self, frame_bgr: Image, least: float | None = None) -> Boxes:
        self.looks.append(frame_bgr.shape[:2])
        return super().detect(frame_bgr, least)


def test_tiles_are_given_up_first_then_what_surrounds_the_lanes() -> None:
    detector = _Counting()
    lane = {"id": "1", "polygon": [[0.4, 0.5], [0.6, 0.5], [0.6, 0.9], [0.4, 0.9]]}
    settings = CameraSettings.model_validate(
        {"name": "front", "source": "-", "tiles": [2, 1], "crop": False, "lanes": [lane]}
    )
    watcher = Watcher(settings, detector)
    image = noise(1)
    watcher.look(image, 1)
    assert len(detector.looks) == 2
    assert watcher.lighten() == "tiles"
    watcher.look(image, 2)
    assert detector.looks[2] == image.shape[:2]
    assert watcher.lighten() == "the whole picture"
    watcher.look(image, 3)
    assert np.prod(detector.looks[3]) < np.prod(image.shape[:2])
    assert watcher.lighten() == ""
