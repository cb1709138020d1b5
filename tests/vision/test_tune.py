"""Tuning a camera: the core's choice, the page behind its link, and what is written into the settings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from edge.adapters.footage import VTEST_CAMERA
from edge.adapters.frame_source import ListedFrames
from edge.adapters.opencv_source import OpenCvSource
from edge.adapters.person_detector import OnnxDetector
from edge.core.tuning import THRESHOLDS, Choice, error_of, matched, tune
from edge.settings import EdgeSettings
from edge.tune.app import create_tune
from edge.tune.session import FRAMES, Session
from edge.tune.writing import NotWritten, write_camera
from models.process.health import Health
from models.process.settings import load_settings
from models.vision.session import PersonModel
from tests.vision.conftest import noise

NODE = """\
store = "main-street"
node = "pi-1"
data_dir = "edge"

[mqtt]
hosts = ["127.0.0.1:1883"]
username = "pi-1"
password = "correct-horse"

[[lane]]
id = "1"

"""


def boxes(*people: tuple[float, float, float]) -> np.ndarray:
    """People of 20 × 60 whose middle is there, with a score."""
    rows = [(x - 10, y - 30, x + 10, y + 30, score) for x, y, score in people]
    return np.array(rows, np.float32).reshape(-1, 5)


# --- the choice ---------------------------------------------------------------------------------------------


def test_the_threshold_between_people_and_lamp_posts_is_found() -> None:
    frames = [boxes((50, 50, 0.7), (150, 50, 0.62), (300, 50, 0.31))] * 10
    labels = [[(50.0, 50.0), (152.0, 48.0)]] * 10
    tuned = tune({"whole 1x1": frames}, labels, Choice("whole 1x1", 0.2))
    assert 0.31 < tuned.best.threshold < 0.62
    assert abs(tuned.best.threshold - 0.465) < 0.03
    assert (tuned.error.count, tuned.before.count) == (0.0, 1.0)


def test_the_error_that_is_told_is_on_frames_that_had_no_say() -> None:
    """One frame in which a shadow scores as a person does: whoever left it out is wrong on it."""
    frames = [boxes((50, 50, 0.6))] * 9 + [boxes((50, 50, 0.6), (200, 50, 0.58))]
    labels = [[(50.0, 50.0)]] * 10
    tuned = tune({"whole 1x1": frames}, labels, Choice("whole 1x1", 0.4))
    assert tuned.expected >= tuned.error.count
    assert tuned.expected > 0


def test_a_dearer_look_has_to_be_worth_it() -> None:
    same = [boxes((50, 50, 0.7))] * 4
    labels = [[(50.0, 50.0)]] * 4
    looks, costs = {"whole 2x2": same, "whole 1x1": same}, {"whole 2x2": 4.0, "whole 1x1": 1.0}
    assert tune(looks, labels, Choice("whole 1x1", 0.5), costs).best.look == "whole 1x1"
    blind = [boxes()] * 4
    looks = {"whole 2x2": same, "whole 1x1": blind}
    assert tune(looks, labels, Choice("whole 1x1", 0.5), costs).best.look == "whole 2x2"


def test_missing_one_and_inventing_another_is_no_perfect_count() -> None:
    wrong, right = [boxes((400, 50, 0.7))] * 3, [boxes((50, 50, 0.7))] * 3
    tuned = tune({"crop 1x1": wrong, "whole 1x1": right}, [[(50.0, 50.0)]] * 3, Choice("crop 1x1", 0.5))
    assert tuned.best.look == "whole 1x1"


def test_nothing_labelled_is_refused() -> None:
    with pytest.raises(ValueError, match="no frame"):
        tune({"whole 1x1": []}, [], Choice("whole 1x1", 0.5))


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(0, 500)), max_size=6), st.integers(0, 6))
def test_a_person_stands_in_at_most_one_box_and_a_box_holds_at_most_one(
    people: list[tuple[float, float]], found: int
) -> None:
    seen = boxes(*((x, y, 0.9) for x, y in people[:found]))
    pairs = matched(seen, people)
    assert pairs == len(seen)
    error = error_of([seen], [people], 0.5)
    assert error.missed == len(people) - len(seen)
    assert error.false == 0


# --- the settings -------------------------------------------------------------------------------------------


def test_what_is_written_leaves_comments_and_other_cameras_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "edge.toml"
    other = VTEST_CAMERA.replace('"front"', '"back"').replace("[[camera]]", "# the yard\n[[camera]]")
    path.write_text(NODE + VTEST_CAMERA + other)
    write_camera(path, "front", {"threshold": 0.525, "crop": False, "tiles": [2, 1]})
    text = path.read_text()
    assert "# the yard" in text
    front, back = load_settings(path, EdgeSettings).camera
    assert (front.threshold, front.crop, front.tiles) == (0.525, False, (2, 1))
    assert (back.threshold, back.crop, len(back.lanes)) == (None, True, 1)
    assert len(front.lanes) == len(front.doors) == 1


def test_settings_that_cannot_be_changed_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "edge.toml"
    path.write_text(NODE)
    with pytest.raises(NotWritten, match="front"):
        write_camera(path, "front", {"threshold": 0.5})
    path.write_text("= nonsense")
    with pytest.raises(NotWritten):
        write_camera(path, "front", {"threshold": 0.5})
    assert path.read_text() == "= nonsense"


# --- the page -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory, footage: Path, lite: PersonModel) -> Session:
    """Ten frames of the real footage, and what was found on them."""
    path = tmp_path_factory.mktemp("tune") / "edge.toml"
    path.write_text(NODE + VTEST_CAMERA.replace("var/footage/vtest.avi", str(footage)))
    session = Session(load_settings(path, EdgeSettings).camera[0], OnnxDetector(lite), path)
    session.take(OpenCvSource(str(footage), live=False), 1.0, lambda _s: False)
    return session


@pytest.fixture
def tuning(taken: Session, health: Health, serve: Callable[..., Any]) -> tuple[str, Session]:
    """The page over them, nothing labelled yet."""
    for frame in taken.frames:
        frame.people = None
    return serve(create_tune(taken, health, "the-key")).url, taken


def test_ten_labels_in_a_browser_set_the_camera(tuning: tuple[str, Session], visitor: Callable[..., Any]) -> None:
    url, session = tuning
    page = visitor(width=1280, height=900)
    page.goto(f"{url}/open/the-key")
    assert "the-key" not in page.url
    for number in range(FRAMES):
        page.locator(".dots .done").nth(number - 1).wait_for() if number else page.wait_for_selector("#right")
        page.click("#right")
    page.wait_for_selector("#save")
    page.click("#save")
    page.wait_for_selector(".toast.good")
    front = tomlkit.parse(session.config.read_text())["camera"][0]
    assert THRESHOLDS[0] <= front["threshold"] <= THRESHOLDS[-1]
    assert load_settings(session.config, EdgeSettings).camera[0].threshold == front["threshold"]


def test_a_touch_marks_a_person_and_a_touch_on_a_mark_takes_it_away(
    tuning: tuple[str, Session], visitor: Callable[..., Any]
) -> None:
    page = visitor()
    page.goto(f"{tuning[0]}/open/the-key")
    page.wait_for_selector("#right")
    before = page.locator(".mark-person").count()
    box = page.locator(".stage").bounding_box()
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.6 * box["height"])
    assert page.locator(".mark-person").count() == before + 1
    page.locator(".mark-person").last.click()
    assert page.locator(".mark-person").count() == before


def test_without_the_link_nobody_sees_a_frame(tuning: tuple[str, Session]) -> None:
    url, session = tuning
    assert session.frames
    with httpx.Client(base_url=url) as stranger:
        assert stranger.get("/open/guess").status_code == 401
        for path in ("/api/tune", "/api/tune/frames/0"):
            answer = stranger.get(path)
            assert answer.status_code == 401
            assert b"\xff\xd8" not in answer.content
        assert stranger.post("/api/tune/save", json={"look": "whole 1x1", "threshold": 0.5}).status_code == 401


def test_a_camera_that_gives_no_picture_is_said_with_its_reason(
    tmp_path: Path, lite: PersonModel, health: Health, serve: Callable[..., Any]
) -> None:
    path = tmp_path / "edge.toml"
    path.write_text(NODE + VTEST_CAMERA)
    session = Session(load_settings(path, EdgeSettings).camera[0], OnnxDetector(lite), path)
    session.take(ListedFrames([]), 1.0, lambda _s: False)
    with httpx.Client(base_url=serve(create_tune(session, health, "k")).url, follow_redirects=True) as client:
        client.get("/open/k")
        assert "no frames" in client.get("/api/tune").json()["problem"]
        assert client.post("/api/tune/result").status_code == 409
        assert client.get("/api/tune/frames/3").status_code == 404


def test_fewer_frames_than_ten_can_be_labelled_and_judged(
    tmp_path: Path, lite: PersonModel, health: Health, serve: Callable[..., Any]
) -> None:
    path = tmp_path / "edge.toml"
    path.write_text(NODE + VTEST_CAMERA)
    session = Session(load_settings(path, EdgeSettings).camera[0], OnnxDetector(lite), path)
    session.take(ListedFrames([noise(1), noise(2)], interval_ms=5000), 1.0, lambda _s: False)
    with httpx.Client(base_url=serve(create_tune(session, health, "k")).url, follow_redirects=True) as client:
        client.get("/open/k")
        said = (
            client.put("/api/tune/frames/0", json={"people": [[0.5, 0.45], [0.99, 0.99]]}).raise_for_status().json()
        )
        assert len(said["people"]) == 1, "who stands outside of lanes and doors is left out"
        result = client.post("/api/tune/result").raise_for_status().json()
        assert result["error"]["count"] >= 0
        assert client.put("/api/tune/frames/0", json={"people": [[1.5, 0]]}).status_code == 422
