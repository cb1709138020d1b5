"""Footage, pictures and clocks for the tests of sight."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.adapters.footage import FootageMissing, fetch
from models.process.clock import SystemClock
from models.process.health import Health
from models.vision.catalogue import DEFAULT_MODEL, find_row
from models.vision.picture import Image
from models.vision.session import PersonModel
from models.vision.store import locate

ROOT = Path(__file__).resolve().parents[2]
YOLOX = ROOT.parent / "shared" / "models" / "yolox_nano_416.onnx"
FETCH_TIMEOUT_S = 900


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test that needs the footage may have to bring 96 MB."""
    for item in items:
        if item.path.parent == Path(__file__).parent and "footage" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(FETCH_TIMEOUT_S))


@pytest.fixture(scope="session")
def footage() -> Path:
    """The real footage; the tests fail with one clear line where it cannot be brought."""
    try:
        return fetch(Path(os.environ.get("AISLE_DATA") or ROOT / "var"))
    except FootageMissing as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def lite() -> PersonModel:
    """The model that comes with Aisle."""
    path, row = locate(DEFAULT_MODEL, ROOT / "var" / "models")
    return PersonModel(path, row)


@pytest.fixture(scope="session")
def yolox() -> PersonModel:
    """The better one, where somebody brought it."""
    if not YOLOX.is_file():
        pytest.skip(f"YOLOX-Nano is not beside the project ({YOLOX.name})")
    return PersonModel(YOLOX, find_row("yolox-nano"))


@pytest.fixture
def health() -> Health:
    return Health(SystemClock())


def noise(seed: int, width: int = 160, height: int = 120) -> Image:
    """A picture like no other."""
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A short video file: 12 frames at 10 frames a second, each of its own grey."""
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (160, 120))
    for number in range(12):
        writer.write(np.full((120, 160, 3), 20 * number, np.uint8))
    writer.release()
    return path


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder."""
    monkeypatch.setenv("AISLE_DATA", str(tmp_path))
    return tmp_path
