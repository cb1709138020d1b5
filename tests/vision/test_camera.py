"""A camera composed: counts come out while it sees, and a reason while it does not."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from edge.adapters.camera import CameraPipeline
from edge.adapters.camera_settings import CameraSettings
from edge.adapters.frame_source import CameraDenied, CameraLost, Frame, FrameSource, ListedFrames
from edge.adapters.frame_watch import BLACK_S, FLICKER_S, FROZEN_S, SILENT_S, FrameWatch
from edge.adapters.newest_frame import NewestFrame
from edge.adapters.person_detector import ListedPeople, PersonDetector
from edge.adapters.region import Region, region_of, shift
from edge.core.lane.told import CameraCounts
from models.process.clock import SystemClock
from models.process.health import Health
from models.vision.picture import Boxes, Image
from tests.vision.conftest import noise

BLACK = np.zeros((120, 160, 3), np.uint8)

# --- is it still seeing? ------------------------------------------------------------------------------------


def watched(
    pictures: Callable[[int], Image | None], seconds: float, size: tuple[int, int] | None = None
) -> list[str]:
    """The state after each half second: a fault's code, or "" while all is well. ``None`` is no picture."""
    watch = FrameWatch(size, started_s=0.0)
    states = []
    for step in range(int(seconds * 2)):
        picture = pictures(step)
        if picture is not None:
            watch.look(picture, step / 2)
        fault = watch.fault(step / 2)
        states.append(fault.code if fault else "")
    return states


def test_a_camera_that_sees_has_no_fault() -> None:
    assert set(watched(noise, 30)) == {""}


@pytest.mark.parametrize(
    ("pictures", "code", "limit_s"),
    [
        (lambda step: noise(step) if step < 20 else None, "camera_silent", SILENT_S),
        (lambda step: noise(step) if step < 20 else BLACK, "camera_black", BLACK_S),
        (lambda step: noise(min(step, 20)), "camera_frozen", FROZEN_S),
        (lambda step: noise(step) if step < 20 else noise(step, 120, 160), "camera_size", 0.5),
    ],
    ids=["vanished", "black", "frozen", "rotated"],
)
def test_a_fault_is_known_within_fifteen_seconds_and_not_before_it_is_one(
    pictures: Callable[[int], Image | None], code: str, limit_s: float
) -> None:
    states = watched(pictures, 30)
    first = states.index(code) / 2
    assert first <= 10 + limit_s + 0.5 <= 10 + 15
    assert set(states[: int(first * 2)]) == {""}
    assert set(states[int(first * 2) :]) == {code}


def test_a_camera_that_never_gave_a_picture_is_silent() -> None:
    assert watched(lambda _step: None, 10)[-1] == "camera_silent"


def test_a_picture_of_the_wrong_size_is_not_counted_and_one_of_another_resolution_is() -> None:
    assert watched(noise, 1, size=(640, 480))[-1] == "camera_size"
    assert watched(lambda step: noise(step, 160, 120) if step % 2 else noise(step, 320, 240), 5)[-1] == ""


def test_a_dark_frame_now_and_then_costs_itself_alone() -> None:
    watch = FrameWatch(started_s=0.0)
    usable = [watch.look(BLACK if step % 20 == 1 else noise(step), step / 2) for step in range(60)]
    assert usable.count(True) == 57
    assert watch.fault(29.5) is None


@pytest.mark.parametrize("dark", [BLACK, noise(1) // 4], ids=["black", "dim"])
def test_a_picture_that_flickers_is_a_fault_and_its_frames_are_not_counted(dark: Image) -> None:
    states = watched(lambda step: dark if 20 <= step < 60 and step % 3 == 1 else noise(step), 45)
    first = states.index("camera_flickers") / 2
    assert 10 < first <= 10 + FLICKER_S
    assert states[-1] == ""
    watch = FrameWatch(started_s=0.0)
    usable = [watch.look(dark if step % 3 == 1 else noise(step), step / 2) for step in range(60)]
    assert not any(usable[6:])


def test_a_light_that_is_switched_off_and_on_is_no_flicker() -> None:
    assert set(watched(lambda step: noise(step) // (2 if 20 <= step < 24 else 1), 20)) == {""}


def still(step: int, *, clock: bool = False, recoded: bool = False, person: bool = False) -> Image:
    """A picture in which nothing moves, as coding and a clock in its corner change it."""
    picture = noise(7, 160, 120).astype(int)
    picture[:8, :60] += 60 * (step % 2) if clock else 0
    picture[40:44, 80:84] += 30 * (step % 2) if person else 0
    shown: Image = np.clip(picture + (step % 3 if recoded else 0), 0, 255).astype(np.uint8)
    return shown


def test_a_hanging_camera_whose_clock_ticks_on_is_frozen() -> None:
    assert watched(lambda step: still(step, clock=True), 12)[-1] == "camera_frozen"


@pytest.mark.parametrize(("people", "person", "code"), [(2, False, "camera_frozen"), (2, True, ""), (0, False, "")])
def test_people_who_do_not_move_at_all_are_a_frozen_picture_and_an_empty_shop_is_not(
    people: int, person: bool, code: str
) -> None:
    watch = FrameWatch(started_s=0.0)
    for step in range(30):
        watch.look(still(step, recoded=True, person=person), step / 2)
        watch.saw(people)
    fault = watch.fault(14.5)
    assert (fault.code if fault else "") == code


def test_a_picture_that_is_repeated_is_counted_once() -> None:
    watch = FrameWatch(started_s=0.0)
    assert [watch.look(noise(min(step, 3)), step / 2) for step in range(8)] == [True] * 4 + [False] * 4


def test_a_camera_that_sees_again_is_well_again() -> None:
    states = watched(lambda step: noise(step) if step < 5 or step > 40 else BLACK, 30)
    assert "camera_black" in states
    assert states[-1] == ""


# --- the newest frame ---------------------------------------------------------------------------------------


def reading(source: FrameSource) -> NewestFrame:
    newest = NewestFrame(source)
    newest.start()
    return newest


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def test_who_looks_late_gets_the_newest_frame_and_each_frame_once() -> None:
    newest = reading(ListedFrames([noise(k) for k in range(50)]))
    assert until(lambda: newest._ended)
    taken = newest.take(1.0)
    assert taken is not None
    assert taken[0].number == 49
    assert newest.take(0.0) is None
    assert newest.ended
    newest.stop()


def test_a_camera_that_is_lost_is_opened_again_and_again() -> None:
    source = ListedFrames([CameraLost("cable"), noise(1), CameraLost("cable"), ValueError("decoder"), noise(2)])
    newest = reading(source)
    assert until(lambda: newest._ended, 15)
    newest.stop()
    assert source.opened == 4


def test_the_reason_is_kept_while_it_lasts() -> None:
    newest = reading(ListedFrames([CameraDenied("cam: the camera refuses the user name or password (401)")] * 50))
    assert until(lambda: newest.fault is not None)
    fault = newest.fault
    newest.stop()
    assert fault is not None
    assert fault.code == "camera_denied"
    assert "401" in fault.message


# --- where it looks -----------------------------------------------------------------------------------------


def settings(**changed: object) -> CameraSettings:
    values: dict[str, object] = {
        "name": "front",
        "source": "nowhere",
        "fps": 20,
        "lanes": [{"id": "1", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}],
        "doors": [{"id": "main", "line": [[0.5, 0], [0.5, 1]], "inside": "left"}],
    }
    return CameraSettings.model_validate(values | changed)


def test_the_detector_is_shown_lanes_and_doors_and_boxes_come_back_to_their_place() -> None:
    small = settings(lanes=[{"id": "1", "polygon": [[0.4, 0.6], [0.6, 0.6], [0.6, 0.8]]}], doors=[])
    region = region_of(small.floor())
    image = noise(1, 400, 200)
    picture, left, top = region.cut(image)
    assert picture.shape[0] < 150
    assert picture.shape[1] < 200
    assert (picture == image[top : top + picture.shape[0], left : left + picture.shape[1]]).all()
    moved = shift(np.array([[1, 2, 3, 4, 0.5]], np.float32), left, top)
    assert moved[0, :4].tolist() == [1 + left, 2 + top, 3 + left, 4 + top]


def test_without_lanes_and_doors_or_with_wide_ones_it_looks_everywhere() -> None:
    assert region_of(settings(lanes=[], doors=[]).floor()) == Region()
    assert region_of(settings().floor()) == Region()


@pytest.mark.parametrize(
    "wrong",
    [
        {"lanes": [{"id": "1", "polygon": [[0, 0], [1, 1]]}]},
        {"lanes": [{"id": "1", "polygon": [[0, 0], [0.5, 0.5], [1, 1]]}]},
        {"lanes": [{"id": "1", "polygon": [[0, 0], [2, 0], [1, 1]]}]},
        {"lanes": [{"id": "1", "polygon": [[0, 0], [1, 0], [1, 1]]}] * 2},
        {"doors": [{"id": "d", "line": [[0.5, 0.5], [0.5, 0.5]], "inside": "left"}]},
        {"doors": [{"id": "d", "line": [[0.5, 0.5], [0.5, 0.9]], "inside": "there"}]},
        {"fps": 0},
        {"threshold": 1.0},
        {"colour": "blue"},
    ],
    ids=str,
)
def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        settings(**wrong)


# --- all of it ----------------------------------------------------------------------------------------------


class _Endless(ListedFrames):
    """A camera that never ends, at about 50 frames a second."""

    def __init__(self, picture: Callable[[int], Image]) -> None:
        super().__init__([])
        self._picture = picture

    def read(self) -> Frame:
        """Another picture."""
        time.sleep(0.02)
        self._number += 1
        return Frame(self._picture(self._number), self._number, self._number * 20)


@dataclass
class Running:
    """A camera that runs, and what it said."""

    health: Health
    counts: list[CameraCounts] = field(default_factory=list)

    def problem(self, subject: str = "camera.front") -> str:
        return next((problem.code for problem in self.health.problems() if problem.subject == subject), "")


@pytest.fixture
def run(health: Health) -> Iterator[Callable[..., Running]]:
    started: list[CameraPipeline] = []

    def start(camera: FrameSource | None, detector: PersonDetector | None, **changed: object) -> Running:
        running = Running(health)

        def take(counts: CameraCounts) -> None:
            running.counts.append(counts)
            if len(running.counts) == 3:
                raise RuntimeError("whoever takes the counts has a bad moment")

        pipeline = CameraPipeline(
            settings(**changed),
            on_counts=take,
            clock=SystemClock(),
            health=health,
            source=camera,
            detector=detector,
        )
        pipeline.start()
        started.append(pipeline)
        return running

    yield start
    for pipeline in started:
        pipeline.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("camera")]


QUEUE = [[(10.0, 20.0, 30.0, 80.0, 0.9), (60.0, 20.0, 80.0, 80.0, 0.9)]]


def test_a_running_camera_says_who_stands_where_and_outlives_an_error_of_the_one_it_tells(
    run: Callable[..., Running],
) -> None:
    running = run(_Endless(noise), ListedPeople(QUEUE))
    assert until(lambda: len(running.counts) > 20)
    counts = running.counts[-1]
    lanes, doors, t_ms = counts.lanes, counts.doors, counts.t_ms
    assert lanes == {"1": 2}
    assert doors == {"main": (0, 0)}
    assert abs(t_ms - time.time() * 1000) < 60_000
    assert running.problem() == ""


def test_a_camera_that_goes_black_says_nothing_until_it_sees_again(run: Callable[..., Running]) -> None:
    is_dark = threading.Event()
    running = run(_Endless(lambda number: BLACK if is_dark.is_set() else noise(number)), ListedPeople(QUEUE))
    assert until(lambda: len(running.counts) > 5)
    is_dark.set()
    assert until(lambda: running.problem() == "camera_black", BLACK_S + 10)
    said = len(running.counts)
    time.sleep(0.3)
    assert len(running.counts) == said
    is_dark.clear()
    assert until(lambda: running.problem() == "" and len(running.counts) > said)


def test_a_camera_that_refuses_the_password_is_a_problem_with_its_reason(run: Callable[..., Running]) -> None:
    running = run(ListedFrames([CameraDenied("cam: 401")] * 100), ListedPeople(QUEUE))
    assert until(lambda: running.problem() == "camera_denied")
    assert running.counts == []


def test_a_camera_that_accepts_and_never_answers_is_silent_and_does_not_hold_up_the_end(
    run: Callable[..., Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.adapters.frame_watch.SILENT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as hangs:
        address = f"rtsp://clerk:s3cret@127.0.0.1:{hangs.getsockname()[1]}/stream"
        running = run(None, ListedPeople(QUEUE), source=address)
        assert until(lambda: running.problem() == "camera_silent")
        link, _ = hangs.accept()
        link.close()
    assert until(lambda: running.problem() == "camera_lost", 20)
    assert "s3cret" not in str(running.health.problems())
    assert running.counts == []


def test_footage_that_ends_is_said_to_have_ended(run: Callable[..., Running]) -> None:
    running = run(ListedFrames([noise(k) for k in range(3)]), ListedPeople(QUEUE))
    assert until(lambda: running.problem() == "camera_ended")


def test_a_camera_without_its_model_goes_on_with_the_one_that_comes_with_aisle(
    run: Callable[..., Running], in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.adapters.camera._detectors", None)
    running = run(_Endless(noise), None, model="yolox-nano")
    assert until(lambda: len(running.counts) > 2, 20)
    assert running.problem("camera.front.model") == "model_refused"


def test_a_machine_that_cannot_keep_up_says_so_and_counts_on(run: Callable[..., Running]) -> None:
    class Slow(ListedPeople):
        def detect(self, frame_bgr: Image, least: float | None = None) -> Boxes:
            time.sleep(0.12)
            return super().detect(frame_bgr, least)

    running = run(_Endless(noise), Slow(QUEUE), fps=10)
    assert until(lambda: running.problem("camera.front.pace") == "camera_slow", 20)
    assert running.problem() == ""
    said = len(running.counts)
    assert until(lambda: len(running.counts) > said)


def test_a_detector_that_breaks_is_a_problem_and_not_the_end_of_the_node(run: Callable[..., Running]) -> None:
    class Broken(ListedPeople):
        def detect(self, frame_bgr: Image, least: float | None = None) -> Boxes:
            raise MemoryError("no memory left")

    running = run(_Endless(noise), Broken(QUEUE))
    assert until(lambda: running.problem() == "camera_failed")
