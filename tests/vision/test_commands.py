"""`aisle models …` and `aisle footage …`, as a person types them."""

import tomllib
from pathlib import Path

import httpx
import pytest
import typer
from typer.testing import CliRunner, Result

from edge.adapters import footage as footage_module
from edge.adapters.footage import FootageMissing
from edge.footage_command import mount_footage
from models.vision.catalogue import DEFAULT_MODEL
from models.vision.commands import mount
from tests.vision.conftest import YOLOX


@pytest.fixture
def aisle(in_folder: Path) -> typer.Typer:
    """The front door with these commands, in an empty data folder."""
    app = typer.Typer()
    mount(app, typer.Typer())
    mount_footage(app)
    return app


def call(app: typer.Typer, *words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_the_list_names_what_is_here_and_how_to_bring_what_is_not(aisle: typer.Typer) -> None:
    said = call(aisle, "models", "list").stdout
    assert DEFAULT_MODEL in said
    assert "Bring it with: aisle models pull yolox-nano" in said


def test_a_good_model_is_checked_and_a_missing_one_fails_with_what_to_do(aisle: typer.Typer) -> None:
    good, missing = call(aisle, "models", "check"), call(aisle, "models", "check", "yolox-nano")
    assert (good.exit_code, missing.exit_code) == (0, 1)
    assert "self-test are good" in good.stdout
    assert "missing: yolox-nano is not on this machine" in missing.stderr


def test_a_bench_says_what_a_frame_takes_beside_bare_inference(aisle: typer.Typer) -> None:
    said = call(aisle, "models", "bench", "--frames", "3").stdout
    assert "ms a frame, bare inference" in said
    assert "cameras at 2 frames a second" in said


def test_what_comes_with_aisle_need_not_be_pulled(aisle: typer.Typer) -> None:
    assert "comes with Aisle" in call(aisle, "models", "pull", DEFAULT_MODEL).stdout


def test_a_model_that_cannot_be_brought_says_how_else(aisle: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_arguments: object, **_options: object) -> None:
        raise httpx.ConnectError("no route to host")

    monkeypatch.setattr(httpx, "stream", no_network)
    result = call(aisle, "models", "pull", "yolox-nano")
    assert result.exit_code == 1
    assert "no route to host; bring the file yourself and give its path with --from: https://" in result.stderr


def test_a_model_that_was_brought_by_hand_is_kept_only_if_it_is_the_one(
    aisle: typer.Typer, in_folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(b"something else")
    refused = call(aisle, "models", "pull", "yolox-nano", "--from", str(other))
    assert refused.exit_code == 1
    assert "expected 695e750a5d57" in refused.stderr
    assert call(aisle, "models", "pull", "yolox-nano", "--from", str(tmp_path / "gone.onnx")).exit_code == 1
    assert not list(in_folder.glob("models/*"))
    if YOLOX.is_file():
        assert "checked" in call(aisle, "models", "pull", "yolox-nano", "--from", str(YOLOX)).stdout


def test_footage_that_cannot_be_brought_is_one_line_and_a_status(
    aisle: typer.Typer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_arguments: object) -> None:
        raise FootageMissing("this machine has no apt-get")

    monkeypatch.setattr(footage_module, "fetch", missing)
    result = call(aisle, "footage", "fetch")
    assert result.exit_code == 1
    assert result.stderr.strip().endswith("aisle footage: this machine has no apt-get")


def test_the_footages_camera_is_printed_as_settings(aisle: typer.Typer) -> None:
    camera = tomllib.loads(call(aisle, "footage", "settings").stdout)["camera"][0]
    assert camera["doors"][0]["inside"] == "left"
