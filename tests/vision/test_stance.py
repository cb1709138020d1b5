"""A camera that hangs the wrong way: its scene says so at once, its people say so always, nobody is counted on it."""

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.adapters.camera import CameraPipeline
from edge.adapters.footage import vtest_camera
from edge.adapters.frame_source import Frame, ListedFrames
from edge.adapters.opencv_source import OpenCvSource
from edge.adapters.person_detector import ListedPeople, OnnxDetector, PersonDetector
from edge.adapters.stance import TURNED_S, Stance
from edge.adapters.view import View
from edge.core.floor import Floor
from edge.core.lane.told import CameraCounts
from edge.core.lane.upright import SURE, Upright
from edge.core.wait.board import LaneBoard
from edge.core.wait.waits import LaneSetup
from models.process.clock import SystemClock
from models.process.health import Health
from models.vision.picture import Boxes, Image
from models.vision.session import PersonModel
from tests.vision.conftest import noise


def in_shape(image: Image) -> Image:
    """Stretched to the footage's size, as FFmpeg does when a stream changes its own."""
    stretched: Image = cv2.resize(image, (768, 576))  # type: ignore[assignment] # OpenCV's type is any matrix
    return stretched


TURNS: dict[str, Callable[[Image], Image]] = {
    "as it was": lambda image: image,
    "dimmer": lambda image: image // 3,
    "half": lambda image: image[::-1, ::-1],
    "upside down": lambda image: image[::-1],
    "mirrored": lambda image: image[:, ::-1],
    "left": lambda image: in_shape(np.rot90(image).copy()),
    "right": lambda image: in_shape(np.rot90(image, 3).copy()),
}
Start = Callable[..., tuple[CameraPipeline, list[CameraCounts], list[str]]]
SAID = {"half": "half", "upside down": "half", "mirrored": "mirrored", "left": "quarter", "right": "quarter"}


@pytest.fixture(scope="module")
def frames(footage: Path) -> list[Image]:
    """A minute of the footage, one frame a second."""
    source = OpenCvSource(str(footage), live=False)
    source.open()
    taken = [source.read().image for _ in range(600)][::10]
    source.close()
    return taken


# --- the scene ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turn", TURNS)
def test_a_scene_is_known_again_whichever_way_it_is_turned(frames: list[Image], turn: str) -> None:
    view = View()
    assert {view.look(frame, step) for step, frame in enumerate(frames[:20])} == {None}
    assert {view.look(TURNS[turn](frame), 20 + step) for step, frame in enumerate(frames[20:])} == {SAID.get(turn)}


def test_somebody_in_front_of_the_lens_turns_nothing(frames: list[Image]) -> None:
    view = View()
    for step, frame in enumerate(frames):
        covered = frame.copy()
        covered[:, 100 : 100 + 12 * step] = (60, 70, 90)
        assert view.look(covered, step) is None


def test_nothing_of_the_scene_is_kept_but_a_few_grey_values(frames: list[Image]) -> None:
    view = View()
    for step, frame in enumerate(frames):
        view.look(frame, step)
    kept = [value for value in vars(view).values() if isinstance(value, np.ndarray)]
    assert sum(array.size for array in kept) == 256
    assert kept[0].max() < 1, "shades about their mean, of length 1: not even how bright it was"


# --- the people ---------------------------------------------------------------------------------------------


def boxes(*left: float) -> Boxes:
    """People of 20 × 60 pixels."""
    return np.array([(x, 10, x + 20, 70, 0.9) for x in left], np.float32).reshape(-1, 5)


def test_people_who_are_found_turned_turn_the_picture_and_a_standing_poster_does_not() -> None:
    walked, poster = Upright(), Upright()
    for step in range(20):
        walked.weigh(boxes(), boxes(step * 40.0), step * 2.0)
        poster.weigh(boxes(), boxes(100.0 + step % 2), step * 2.0)
    assert walked.is_turned
    assert not poster.is_doubted


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_a_picture_is_never_sure_and_doubted_and_more_people_upright_never_turn_it(
    seen: list[tuple[int, int]],
) -> None:
    upright = Upright()
    for step, (up, turned) in enumerate(seen):
        upright.weigh(
            boxes(*range(step * 900, step * 900 + up * 100, 100)),
            boxes(*range(step * 900, step * 900 + turned * 100, 100)),
            step * 2.0,
        )
        assert not (upright.is_sure and upright.is_doubted)
    if all(up >= turned for up, turned in seen):
        assert not upright.is_doubted
    assert upright.is_sure or sum(up - turned for up, turned in seen) < SURE or any(up < down for up, down in seen)


def test_once_it_is_sure_the_picture_is_seldom_looked_at_twice() -> None:
    upright = Upright()
    assert upright.is_due(0.0)
    upright.weigh(boxes(0, 100, 200, 300, 400), boxes(), 0.0)
    assert not upright.is_due(29.0)
    assert upright.is_due(30.0)


def test_a_scene_that_was_never_known_to_be_upright_may_be_turned_right(frames: list[Image]) -> None:
    stance = Stance()
    for step in range(10):
        stance.look(frames[step][::-1, ::-1].copy(), step)
    assert stance.look(frames[10], 10.0)
    assert stance.fault(20.0) is None


def test_a_camera_that_is_turned_back_counts_at_once(frames: list[Image]) -> None:
    stance = Stance()
    stance.look(frames[0], 0.0)
    stance.weigh(boxes(0, 100, 200, 300, 400), boxes(), 0.0)
    for step in range(1, 10):
        assert stance.look(frames[step], step)
    for step in range(10, 20):
        assert not stance.look(frames[step][::-1, ::-1].copy(), step)
        fault = stance.fault(step)
        assert (fault is not None) == (step >= 10 + TURNED_S)
    assert stance.look(frames[20], 20.0)
    assert stance.fault(20.0) is None


# --- a camera that runs -------------------------------------------------------------------------------------


class _Camera(ListedFrames):
    """The footage for ever, 20 frames a second; each picture as ``turn`` gives it."""

    def __init__(self, pictures: list[Image]) -> None:
        super().__init__([])
        self._pictures = pictures
        self.turn = TURNS["as it was"]

    def read(self) -> Frame:
        """The next picture."""
        time.sleep(0.05)
        self._number += 1
        return Frame(self.turn(self._pictures[self._number % len(self._pictures)]).copy(), self._number, 0)


def until(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while not (holds := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return holds


def said_of(health: Health) -> dict[str, str]:
    """Subject → what is wrong and what to do."""
    return {problem.subject: f"{problem.code}: {problem.message} {problem.hint}" for problem in health.problems()}


@pytest.fixture
def start(health: Health, footage: Path) -> Start:
    def build(source: _Camera, detector: PersonDetector) -> tuple[CameraPipeline, list[CameraCounts], list[str]]:
        counts: list[CameraCounts] = []
        blind: list[str] = []
        pipeline = CameraPipeline(
            vtest_camera(footage, fps=20),
            on_counts=counts.append,
            on_blind=lambda: blind.append("blind"),
            clock=SystemClock(),
            health=health,
            source=source,
            detector=detector,
        )
        pipeline.start()
        return pipeline, counts, blind

    return build


def test_a_camera_that_hung_upside_down_from_the_start_says_so_and_counts_nobody(
    frames: list[Image],
    lite: PersonModel,
    health: Health,
    start: Start,
) -> None:
    camera = _Camera(frames)
    camera.turn = TURNS["half"]
    pipeline, counts, blind = start(camera, OnnxDetector(lite))
    assert until(lambda: "camera.front" in said_of(health))
    said = len(counts)
    time.sleep(0.5)
    pipeline.stop()
    assert said_of(health)["camera.front"].startswith(
        "camera_turned: The picture stands on its head. Turn the camera"
    )
    assert blind == ["blind"]
    assert len(counts) == said


def test_a_camera_that_is_turned_while_it_runs_is_not_counted_from_the_first_frame_on(
    frames: list[Image], health: Health, start: Start
) -> None:
    class FiveUpright(ListedPeople):
        """Finds five people on every picture that is looked at as it is, nobody on the one turned for comparison."""

        calls = 0

        def detect(self, frame_bgr: Image, least: float | None = None) -> Boxes:
            self.calls += 1
            return boxes(*range(0, 500, 100)) if least is not None and least < self.threshold else boxes()

    camera = _Camera(frames)
    pipeline, counts, blind = start(camera, FiveUpright([[]]))
    assert until(lambda: len(counts) > 10)
    camera.turn = TURNS["half"]
    time.sleep(0.5)
    said = len(counts)
    assert until(lambda: "camera.front" in said_of(health))
    assert len(counts) == said
    assert blind == ["blind"]
    camera.turn = TURNS["as it was"]
    assert until(lambda: "camera.front" not in said_of(health) and len(counts) > said)
    pipeline.stop()


def test_a_camera_that_is_meant_to_hang_upside_down_is_turned_by_its_setting(clip: Path) -> None:
    picture = noise(1)
    cv2.imwrite(str(clip.with_suffix(".png")), picture)
    shown = {}
    for turned in (False, True):
        source = OpenCvSource(str(clip.with_suffix(".png")), live=False, turned=turned)
        source.open()
        shown[turned] = source.read().image
        source.close()
    assert np.array_equal(shown[True], shown[False][::-1, ::-1])


def test_what_a_wrong_picture_said_last_is_shown_to_nobody() -> None:
    floor = Floor(
        presence=None,
        shelves={},
        boards=[LaneBoard([LaneSetup(id="1")])],
        doors=["main"],
        identify=lambda _epc: (None, None),
        day_of=str,
        now_ms=1_000_000,
    )
    floor.people("1", 3, 1_001_000)
    floor.crossed("main", 2, 0, 1_001_000)
    known = floor.tick(1_002_000)
    assert known.lanes[0].people is not None
    assert known.doors[0].believed_until_ms > 1_002_000
    floor.blind(["1"], ["main"])
    unknown = floor.tick(1_003_000)
    assert (unknown.lanes[0].state, unknown.lanes[0].people, unknown.lanes[0].wait_s) == ("unknown", None, None)
    assert unknown.doors[0].believed_until_ms < 1_003_000
    floor.people("1", 3, 1_004_000)
    assert floor.tick(1_005_000).lanes[0].people is not None
