"""Real people: the footage, what is found on it, and that nothing of it leaves but numbers."""

import json
import shutil
import time
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import cv2
import pytest
import typer
from typer.testing import CliRunner

from benchmarks.footage_labels import CROSSINGS, count_error
from edge.adapters import footage as footage_module
from edge.adapters.camera import CameraPipeline
from edge.adapters.camera_settings import CameraSettings
from edge.adapters.footage import FRAMES, SHA256, VTEST_CAMERA, FootageMissing, fetch, footage_path, vtest_camera
from edge.adapters.person_detector import OnnxDetector
from edge.core.lane.told import CameraCounts, CameraSums
from edge.replay.frames import mount_frames, read_source
from firmware_stubs.demo.plan import FOOTAGE_CAMERA
from models.process.clock import SystemClock
from models.process.health import Health
from models.vision.scene import shop_with_people
from models.vision.session import PersonModel


def counted(footage: Path, model: PersonModel) -> dict[int, int]:
    """People on every fourth frame, as `aisle replay frames --every 4` says without settings."""
    settings = CameraSettings(name="replay", source="-")
    return {
        line["frame"]: line["people"] for line in read_source(str(footage), settings, OnnxDetector(model), every=4)
    }


def test_the_footage_is_the_one_that_is_known(footage: Path) -> None:
    assert footage_path(footage.parent.parent) == footage


def test_people_on_the_footage_are_counted_to_within_seven_tenths(footage: Path, lite: PersonModel) -> None:
    lines = counted(footage, lite)
    assert len(lines) == (FRAMES + 3) // 4
    assert count_error(lines) <= 0.7


def test_the_better_model_counts_better(footage: Path, yolox: PersonModel) -> None:
    # 0.45 with every frame, 0.50 with every fourth; the processor's arithmetic moves a box or two.
    assert count_error(counted(footage, yolox)) <= 0.6


def test_the_demos_door_counts_who_walked_through_it(footage: Path, lite: PersonModel) -> None:
    lines = list(read_source(str(footage), vtest_camera(footage), OnnxDetector(lite), every=4))
    passed = lines[-1]["doors"]["main"]
    assert abs(passed["in"] - CROSSINGS[0]) <= 1
    assert abs(passed["out"] - CROSSINGS[1]) <= 1
    queue = [line["lanes"]["1"] for line in lines]
    assert max(queue) >= 4
    assert min(queue) == 0


def test_the_demos_camera_is_written_as_it_is_built(footage: Path) -> None:
    written = CameraSettings.model_validate(tomllib.loads(VTEST_CAMERA)["camera"][0])
    assert written == vtest_camera(Path("var/footage/vtest.avi"))


# --- nothing but numbers ------------------------------------------------------------------------------------


def leaves(value: object) -> Iterator[object]:
    """Everything that is inside ``value``."""
    if isinstance(value, dict) or hasattr(value, "items"):
        for key, item in value.items():
            yield key
            yield from leaves(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from leaves(item)
    elif is_dataclass(value):
        for one in fields(value):
            yield from leaves(getattr(value, one.name))
    else:
        yield value


def test_what_comes_out_of_a_camera_is_numbers_and_names_alone(footage: Path, health: Health) -> None:
    said: list[object] = []
    camera = vtest_camera(footage, fps=10)
    pipeline = CameraPipeline(camera, on_counts=said.append, on_sums=said.append, clock=SystemClock(), health=health)
    pipeline.start()
    end = time.monotonic() + 30
    while len(said) < 20 and time.monotonic() < end:
        time.sleep(0.05)
    pipeline.stop()
    assert len(said) >= 20
    found = [leaf for counts in said for leaf in leaves(counts)]
    # Where a minute ends meanwhile, its sums come too: seconds, and no heat yet.
    assert {int, str} <= {type(leaf) for leaf in found} <= {int, float, str, type(None)}
    assert {leaf for leaf in found if isinstance(leaf, str)} == {"1", "main"}


def test_the_type_that_leaves_the_core_has_no_place_for_a_picture() -> None:
    hints = get_type_hints(CameraCounts) | get_type_hints(CameraSums)
    text = " ".join(str(hint) for hint in hints.values())
    assert not any(word in text for word in ("bytes", "ndarray", "Any", "object", "memoryview"))


# --- bringing it --------------------------------------------------------------------------------------------


def test_it_is_not_brought_twice(footage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(footage_module, "_download", lambda *_: pytest.fail("it was downloaded again"))
    assert fetch(footage.parent.parent) == footage


def test_a_machine_without_apt_says_so_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(FootageMissing, match="no apt-get") as missing:
        fetch(tmp_path)
    assert "\n" not in str(missing.value)


def test_apt_without_a_network_says_so_in_one_line_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(footage_module, "PACKAGE", "opencv-doc-that-is-nowhere")
    apt = footage_module._apt

    def offline(scratch: Path, arguments: list[str], say: footage_module.Say) -> None:
        apt(scratch, ["-o", "Acquire::Languages=none", "-o", f"Dir::Etc={scratch}", *arguments], say)

    monkeypatch.setattr(footage_module, "_apt", offline)
    with pytest.raises(FootageMissing, match="apt-get cannot bring opencv-doc-that-is-nowhere: ") as missing:
        fetch(tmp_path)
    assert "\n" not in str(missing.value)
    assert list((tmp_path / "footage").iterdir()) == []


def test_footage_with_another_hash_is_not_the_footage(tmp_path: Path, footage: Path) -> None:
    (tmp_path / "footage").mkdir()
    (tmp_path / "footage" / footage.name).write_bytes(footage.read_bytes()[:-1])
    assert footage_path(tmp_path) is None
    assert len(SHA256) == 64


# --- the command --------------------------------------------------------------------------------------------


def replay(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    app, replays = typer.Typer(), typer.Typer()
    app.add_typer(replays, name="replay")
    mount_frames(replays)
    app.command()(lambda: None)
    result = CliRunner().invoke(app, ["replay", "frames", *arguments])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def test_pictures_and_videos_are_replayed_and_what_cannot_be_read_is_said(tmp_path: Path, clip: Path) -> None:
    picture = tmp_path / "shop.png"
    cv2.imwrite(str(picture), shop_with_people())
    (tmp_path / "broken.jpg").write_bytes(b"not a picture")
    status, lines, _ = replay(str(picture), str(clip), str(tmp_path / "broken.jpg"), str(tmp_path / "gone.mp4"))
    assert status == 1
    assert lines[0]["people"] == len(lines[0]["boxes"]) == 2
    assert set(lines[0]) == {"source", "frame", "t_ms", "people", "boxes", "lanes", "doors"}
    assert [line["frame"] for line in lines[1:13]] == list(range(12))
    assert [line["t_ms"] for line in lines[1:13]] == [100 * k for k in range(12)]
    assert ["error" in line for line in lines[13:]] == [True, True]


def test_a_model_that_is_refused_is_said_in_one_line(tmp_path: Path) -> None:
    status, lines, said = replay("x.png", "--model", str(tmp_path / "nothing.onnx"))
    assert (status, lines) == (2, [])
    assert "no such file" in said


def test_the_demo_watches_the_same_places(footage: Path) -> None:
    demo, ours = CameraSettings.model_validate({**FOOTAGE_CAMERA, "source": str(footage)}), vtest_camera(footage)
    assert [lane.polygon for lane in demo.lanes] == [lane.polygon for lane in ours.lanes]
    assert [(door.line, door.inside) for door in demo.doors] == [(door.line, door.inside) for door in ours.doors]
