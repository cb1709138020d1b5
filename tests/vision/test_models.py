"""The catalogue, the files, and what is refused before it may count anybody."""

import hashlib
import re
import shutil
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.adapters.person_detector import OnnxDetectors
from models.vision.catalogue import ARTEFACTS, CATALOGUE, DEFAULT_MODEL, LICENCES, find_row
from models.vision.errors import ModelMissing, ModelTampered, ModelUnfit, ModelUnlicensed
from models.vision.families import FAMILIES
from models.vision.picture import Boxes
from models.vision.scene import PEOPLE, empty_shop, shop_with_people
from models.vision.selftest import overlap, self_test
from models.vision.session import PersonModel
from models.vision.store import locate, open_model, pull

Boxlike = Sequence[tuple[float, ...]]
ROOT = Path(__file__).resolve().parents[2]
LITE = ARTEFACTS / "efficientdet_lite0.onnx"


def test_the_model_that_comes_with_aisle_is_the_one_that_the_catalogue_names() -> None:
    row = find_row(DEFAULT_MODEL)
    data = (ARTEFACTS / str(row.artefact)).read_bytes()
    assert hashlib.sha256(data).hexdigest() == row.sha256
    assert len(data) == row.size_bytes < 4_600_000


def test_the_script_that_made_it_pins_its_origin_and_its_tools() -> None:
    script = (ROOT / "scripts" / "convert_efficientdet.py").read_text(encoding="utf-8")
    assert "2e04c53bfeac0ac2a30c057c7e2a777594ce39baaac35a92f74fb1e8c4fc4e0b" in script
    dependencies = re.findall(r'^#   "(.+)",$', script, re.MULTILINE)
    assert {"tensorflow-cpu==2.15.1", "tf2onnx==1.16.1"} <= set(dependencies)
    assert all("==" in dependency for dependency in dependencies)


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row.name)
def test_every_row_has_a_licence_that_a_shop_may_use_and_a_whole_hash(row: object) -> None:
    assert row.licence in LICENCES  # type: ignore[attr-defined]
    assert re.fullmatch(r"[0-9a-f]{64}", row.sha256)  # type: ignore[attr-defined]


def test_a_name_that_nobody_knows_says_which_there_are() -> None:
    with pytest.raises(ModelMissing, match="efficientdet-lite0, yolox-nano"):
        find_row("yolo-v99")


def test_a_model_that_was_not_pulled_says_how_to_bring_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="aisle models pull yolox-nano"):
        open_model("yolox-nano", tmp_path)


def test_a_pulled_file_with_one_changed_byte_is_refused(tmp_path: Path) -> None:
    (tmp_path / "yolox-nano.onnx").write_bytes(b"not what the catalogue names")
    with pytest.raises(ModelTampered, match="695e750a5d57"):
        open_model("yolox-nano", tmp_path)


def another_file(folder: Path, extra: bytes = b"\x32\x05mine.") -> Path:
    """The same network as another file: ONNX keeps the last of a repeated field, here its description."""
    path = folder / "mine.onnx"
    path.write_bytes(LITE.read_bytes() + extra)
    return path


def describe(path: Path, **changed: object) -> None:
    row = {
        "name": "mine", "family": "efficientdet-lite", "licence": "MIT", "side": 320, "threshold": 0.45,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    } | changed  # fmt: skip
    lines = [f"{key} = {value!r}\n" for key, value in row.items() if value is not None]
    path.with_suffix(".toml").write_text("".join(lines), encoding="utf-8")


def test_a_file_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnlicensed, match=r"describe it in .*mine\.toml"):
        open_model(str(another_file(tmp_path)), tmp_path)


def test_an_operators_own_model_is_used_once_it_is_described(tmp_path: Path) -> None:
    path = another_file(tmp_path)
    describe(path)
    assert open_model(str(path), tmp_path).row.name == "mine"


def test_a_plain_ssd_is_read_as_tensorflow_writes_it_whatever_number_its_people_have(tmp_path: Path) -> None:
    path = another_file(tmp_path)
    describe(path, family="ssd")
    people = open_model(str(path), tmp_path).detect(shop_with_people())
    assert len(people) == len(PEOPLE)
    one = replace(find_row(DEFAULT_MODEL), family="ssd", side=300, person=1)
    outputs = [
        np.array([[[0.1, 0.2, 0.5, 0.4], [0.1, 0.6, 0.5, 0.8], [0, 0, 1, 1]]], np.float32),
        np.array([[1.0, 1.0, 3.0]], np.float32),
        np.array([[0.9, 0.2, 0.9]], np.float32),
        np.array([3.0], np.float32),
    ]
    found = FAMILIES["ssd"](one).read(outputs, 0.5)
    assert np.allclose(found, [[60, 30, 120, 150, 0.9]])


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"licence": "AGPL-3.0"}, ModelUnlicensed),
        ({"licence": None}, ModelUnfit),
        ({"sha256": "0" * 64}, ModelTampered),
        ({"family": "crystal-ball"}, ModelUnfit),
        ({"side": "big"}, ModelUnfit),
        ({"side": 416}, ModelUnfit),
        ({"family": "yolox"}, ModelUnfit),
        ({"threshold": 1.5}, ModelUnfit),
        ({"person": 17}, ModelUnfit),
    ],
    ids=str,
)
def test_a_description_that_does_not_fit_is_refused(
    tmp_path: Path, changed: dict[str, object], refusal: type[Exception]
) -> None:
    path = another_file(tmp_path)
    describe(path, **changed)
    with pytest.raises(refusal):
        open_model(str(path), tmp_path)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.onnx"
    path.write_bytes(b"\x08\x07garbage")
    describe(path)
    with pytest.raises(ModelUnfit, match="cannot load"):
        open_model(str(path), tmp_path)


class _Detects(PersonModel):
    """A model that says what it is told to say."""

    def __init__(self, with_people: Boxlike, empty: Boxlike) -> None:
        self.row = find_row(DEFAULT_MODEL)
        self._answers = [np.array(boxes, np.float32).reshape(-1, 5) for boxes in (with_people, empty)]

    def detect(self, frame_bgr: object, least: float | None = None) -> Boxes:
        return self._answers.pop(0)


RIGHT = [(*person, 0.9) for person in PEOPLE]


@pytest.mark.parametrize(
    ("with_people", "empty", "why"),
    [
        ([], [], "sees 0 people"),
        (RIGHT[:1], [], "sees 1 people"),
        ([(0, 0, 50, 50, 0.9), RIGHT[1]], [], "does not see"),
        (RIGHT, RIGHT[:1], "empty shop"),
        ([(*PEOPLE[0], float("nan")), RIGHT[1]], [], "not finite"),
    ],
)
def test_a_model_that_sees_wrongly_fails_its_self_test(with_people: Boxlike, empty: Boxlike, why: str) -> None:
    with pytest.raises(ModelUnfit, match=why):
        self_test(_Detects(with_people, empty))
    self_test(_Detects(RIGHT, []))


def test_a_refused_model_leaves_the_last_good_one_at_work(tmp_path: Path) -> None:
    said: list[str] = []
    detectors = OnnxDetectors(tmp_path)
    first = detectors.get("yolox-nano", warn=said.append)
    assert first.name == DEFAULT_MODEL
    assert "yolox-nano is not on this machine" in said[0]
    assert detectors.get("no-such-model", warn=said.append, last_good=first) is first
    assert detectors.get(DEFAULT_MODEL, warn=said.append) is first
    assert len(said) == 2


def test_what_is_pulled_is_kept_only_if_it_is_what_the_catalogue_names(tmp_path: Path) -> None:
    row = find_row("yolox-nano")
    with pytest.raises(ModelTampered):
        pull(row, tmp_path, iter([b"x" * 1000]))
    with pytest.raises(ModelTampered, match="more than"):
        pull(row, tmp_path, iter([b"x" * row.size_bytes, b"y"]))
    with pytest.raises(OSError, match="cable"):
        pull(row, tmp_path, (_breaks() for _ in range(1)))
    assert list(tmp_path.iterdir()) == []


def _breaks() -> bytes:
    raise OSError("the cable was pulled")


def test_a_pulled_model_is_found_by_its_name(tmp_path: Path, yolox: PersonModel) -> None:
    source = ROOT.parent / "shared" / "models" / "yolox_nano_416.onnx"
    pull(yolox.row, tmp_path, iter([source.read_bytes()[:1000], source.read_bytes()[1000:]]))
    assert locate("yolox-nano", tmp_path)[0] == tmp_path / "yolox-nano.onnx"
    copied = tmp_path / "elsewhere.onnx"
    shutil.copy(source, copied)
    assert locate(str(copied), tmp_path)[1].name == "yolox-nano"


@pytest.mark.parametrize("family", ["lite", "yolox"])
@pytest.mark.parametrize("turn", ["as it is", "wide", "tall", "small"])
def test_drawn_people_are_found_where_they_stand(family: str, turn: str, request: pytest.FixtureRequest) -> None:
    model: PersonModel = request.getfixturevalue(family)
    picture, dx, dy, scale = shop_with_people(), 0, 0, 1.0
    if turn == "wide":
        picture, dx = np.concatenate((empty_shop()[:, :200], picture), axis=1), 200
    elif turn == "tall":
        picture, dy = np.concatenate((empty_shop()[:160], picture), axis=0), 160
    elif turn == "small":
        picture, scale = np.ascontiguousarray(picture[::2, ::2]), 0.5
    seen = model.detect(picture)
    assert len(seen) == len(PEOPLE)
    for x0, y0, x1, y1 in PEOPLE:
        moved = ((x0 + dx) * scale, (y0 + dy) * scale, (x1 + dx) * scale, (y1 + dy) * scale)
        assert max(overlap(box, moved) for box in seen) > 0.6


def test_what_is_no_picture_is_refused(lite: PersonModel) -> None:
    for wrong in (np.zeros((10, 10), np.uint8), np.zeros((10, 10, 3), np.float32), np.zeros((0, 10, 3), np.uint8)):
        with pytest.raises(ValueError, match="H × W × 3"):
            lite.detect(wrong)  # type: ignore[arg-type]


def test_cameras_on_several_threads_may_share_a_model(lite: PersonModel) -> None:
    wanted = {name: len(lite.detect(picture)) for name, picture in _pictures()}
    got: list[tuple[str, int]] = []

    def camera() -> None:
        got.extend((name, len(lite.detect(picture))) for name, picture in _pictures() * 3)

    threads = [threading.Thread(target=camera) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 12
    assert all(wanted[name] == count for name, count in got)


def _pictures() -> list[tuple[str, np.ndarray]]:
    return [("people", shop_with_people()), ("nobody", empty_shop())]
