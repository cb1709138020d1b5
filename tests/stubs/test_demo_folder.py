"""A demo's folder: empty at the start, and one demo's alone."""

from pathlib import Path

import pytest

from firmware_stubs.demo.folder import emptied
from firmware_stubs.demo.supervise import DemoError


def test_a_demo_begins_with_an_empty_folder(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "demo"
    with emptied(folder):
        (folder / "gateway").mkdir()
        (folder / "gateway" / "gateway.db").write_text("yesterday's")
        (folder / "gateway.log").write_text("yesterday's")
    with emptied(folder):
        assert [path.name for path in folder.iterdir()] == [".aisle-demo"]


def test_a_second_demo_leaves_the_first_ones_files_alone(tmp_path: Path) -> None:
    with emptied(tmp_path):
        (tmp_path / "gateway.db").write_text("today's")
        with pytest.raises(DemoError, match="--folder"), emptied(tmp_path):
            pytest.fail("two demos in one folder")
        assert (tmp_path / "gateway.db").read_text() == "today's"


def test_a_folder_that_no_demo_made_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("the only copy")
    with pytest.raises(DemoError, match="not a demo's folder"), emptied(tmp_path):
        pytest.fail("somebody's files are gone")
    assert (tmp_path / "thesis.txt").exists()
