"""A bad settings file is refused with file, line, key and what was expected, and keeps its secrets."""

from pathlib import Path

import pytest
from pydantic import Field

from models.process.settings import BadSettings, Settings, line_of, load_settings


class Lane(Settings):
    id: str
    points: tuple[tuple[int, ...], ...] = ()


class Camera(Settings):
    url: str
    fps: float = Field(gt=0, le=60)
    lanes: tuple[Lane, ...] = ()


class Shop(Settings):
    store: str
    password: str = Field(default="", min_length=0, max_length=8)
    limits: dict[str, int] = Field(default_factory=dict)
    cameras: tuple[Camera, ...] = ()


GOOD = """\
# A shop.
store = "harbour"

[limits]
people = 12

[[cameras]]
url = "file:a"
fps = 5

  [[cameras.lanes]]
  id = "lane-1"

[[cameras]]
url = "file:b"
fps = 10

  [[cameras.lanes]]
  id = "lane-2"
  points = [[0, 0], [1, 1]]
"""


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "shop.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadSettings) as caught:
        load_settings(path, Shop)
    return str(caught.value)


def test_a_good_file_becomes_one_frozen_object(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(GOOD, encoding="utf-8")
    shop = load_settings(path, Shop)
    assert shop.cameras[1].lanes[0].id == "lane-2"
    with pytest.raises(ValueError, match="frozen"):
        shop.store = "other"  # type: ignore[misc] # that it is refused is the point


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('store = "harbour"', "store = 7", "shop.toml:2: store: Input should be a valid string (it is 7)"),
        ("people = 12", 'people = "a dozen"', "shop.toml:5: limits.people: "),
        ("fps = 5\n", "fps = 0\n", "shop.toml:9: cameras.0.fps: Input should be greater than 0 (it is 0)"),
        ("fps = 10\n", "fps = 1000\n", "shop.toml:16: cameras.1.fps: "),
        ("fps = 10\n", "fps = nan\n", "shop.toml:16: cameras.1.fps: "),
        ('id = "lane-2"', "id = 2", "shop.toml:19: cameras.1.lanes.0.id: "),
        ("[[0, 0], [1, 1]]", '[[0, 0], [1, "x"]]', "shop.toml:20: cameras.1.lanes.0.points.1.1: "),
        ('url = "file:b"', 'uri = "file:b"', "shop.toml:15: cameras.1.uri: Extra inputs are not permitted"),
        ('url = "file:b"', 'uri = "file:b"', "shop.toml:14: cameras.1.url: Field required"),
    ],
)
def test_a_mistake_is_named_by_file_line_key_and_expectation(tmp_path: Path, old: str, new: str, where: str) -> None:
    assert where in refused(tmp_path, GOOD.replace(old, new))


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    assert len(refused(tmp_path, GOOD.replace("fps = ", "fsp = ")).splitlines()) == 4


def test_a_secret_is_not_repeated_in_the_refusal(tmp_path: Path) -> None:
    text = refused(tmp_path, 'store = "s"\npassword = "correct horse battery"\n')
    assert "shop.toml:2: password" in text
    assert "horse" not in text


@pytest.mark.parametrize(
    ("text", "line"), [("a = 1\nstore = ", 2), ('store = "a"\nstore = "b"', 2), ("[[[", 1), ("\nstore = 'x", 2)]
)
def test_what_is_not_toml_is_refused_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    assert f"shop.toml:{line}: not valid TOML" in refused(tmp_path, text)


def test_a_file_that_is_not_there_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="aisle init"):
        load_settings(tmp_path / "none.toml", Shop)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_bytes(b'store = "\xff"')
    with pytest.raises(BadSettings, match="cannot be read"):
        load_settings(path, Shop)


def test_a_line_is_found_however_the_key_is_written() -> None:
    text = 'a.b = 1\n"c" = 2\n[t]\nd.e = 3\n'
    assert line_of(text, ("a", "b")) == 1
    assert line_of(text, ("c",)) == 2
    assert line_of(text, ("t", "d", "e")) == 4
    assert line_of(text, ("t",)) == 3
