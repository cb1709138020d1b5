"""Recordings that are not a walk's: without asks, with a sheet, with bad lines, without what is needed."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from aisle import app, replay
from edge.commands import mount

mount(app, replay)

EPCS = [f"30340000000000000000{number:04X}" for number in range(8)]
HELLO = {"t_ms": 0, "type": "hello", "antennas": {"1": "A1", "2": "A2"}, "cycle_ms": 1000}
Write = Callable[[Iterable[Mapping[str, Any]]], Path]


def standing(seconds: int) -> list[dict[str, Any]]:
    """Four items on each of two shelves, read in three of four cycles."""
    lines: list[dict[str, Any]] = [HELLO]
    for second in range(seconds):
        for number, epc in enumerate(EPCS):
            if (second + number) % 4:
                antenna = str(1 + number // 4)
                read = {"t_ms": second * 1000 + 7 * number, "type": "read", "epc": epc, "antenna": antenna}
                lines.append(read | {"rssi_dbm": -55.5})
        lines.append({"t_ms": (second + 1) * 1000, "type": "tick"})
    return lines


def survey(tmp_path: Path, reads: Path, *more: str) -> Result:
    arguments = [
        "--reads",
        str(reads),
        "--out",
        str(tmp_path / "out"),
        "--config",
        str(tmp_path / "none.toml"),
        *more,
    ]
    return CliRunner().invoke(app, ["shelf", "survey", *arguments])


def sheet(tmp_path: Path, rows: Iterable[tuple[str, str]]) -> str:
    path = tmp_path / "plan.csv"
    path.write_text("epc,shelf\n" + "".join(f"{epc},{shelf}\n" for epc, shelf in rows), encoding="utf-8")
    return str(path)


def test_a_recording_without_asks_is_asked_as_often_as_wanted(tmp_path: Path, write_recording: Write) -> None:
    plan = sheet(tmp_path, [(epc, "A1" if number < 4 else "A2") for number, epc in enumerate(EPCS)])
    result = survey(tmp_path, write_recording(standing(120)), plan, "--settle", "20", "--ask-every", "10")
    assert result.exit_code == 0, result.output
    figures = json.loads((tmp_path / "out" / "survey.json").read_text(encoding="utf-8"))
    assert figures["answers"] == 8 * 10, "at 21, 31, … 111 s"
    assert figures["right_shelf"] == 1.0
    assert "Good" in result.output
    assert [one["rate"] for one in figures["antennas"]] == [pytest.approx(0.75, abs=0.02)] * 2


def test_an_item_that_is_on_another_shelf_than_the_sheet_says_is_seen_in_the_matrix(
    tmp_path: Path, write_recording: Write
) -> None:
    plan = sheet(tmp_path, [(epc, "A1" if number < 5 else "A2") for number, epc in enumerate(EPCS)])
    result = survey(tmp_path, write_recording(standing(120)), plan, "--settle", "30")
    figures = json.loads((tmp_path / "out" / "survey.json").read_text(encoding="utf-8"))
    wrong = {(row["stood"], row["said"]): row["answers"] for row in figures["confusion"]}
    assert wrong["A1", "A2"] * 4 == wrong["A1", "A1"]
    assert "Not good yet" in result.output
    assert "A1: nearer to A2 than to their own antenna: " in result.output


def test_bad_lines_are_counted_and_passed_over(tmp_path: Path, write_recording: Write) -> None:
    lines = standing(90)
    path = write_recording(lines)
    bad = ["nonsense", '{"type":"read","t_ms":1}', '{"type":"tick","t_ms":-5}', '{"type":"weather"}', "[" * 3000]
    good = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*good[:50], *bad, *good[50:]]), encoding="utf-8")
    plan = sheet(tmp_path, [(epc, "A1" if number < 4 else "A2") for number, epc in enumerate(EPCS)])
    result = survey(tmp_path, path, plan, "--settle", "20")
    assert result.exit_code == 0, result.output
    assert "4 lines could not be used" in result.output
    assert "line 51:" in result.output


@pytest.mark.parametrize(
    ("lines", "says"),
    [([], "no hello"), ([HELLO], "nothing says what stands where"), ([{"t_ms": 1, "type": "tick"}], "no hello")],
)
def test_what_a_recording_lacks_is_said(
    lines: list[dict[str, Any]], says: str, tmp_path: Path, write_recording: Write
) -> None:
    result = survey(tmp_path, write_recording(lines))
    assert result.exit_code == 2
    assert says in result.output


def test_items_that_were_never_judged_are_no_success(tmp_path: Path, write_recording: Write) -> None:
    plan = sheet(tmp_path, [(EPCS[0], "A1")])
    result = survey(tmp_path, write_recording(standing(20)), plan, "--settle", "60")
    assert result.exit_code == 1
    assert "Nothing could be judged" in result.output


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    result = survey(tmp_path, tmp_path / "no.jsonl")
    assert result.exit_code == 2
    assert "no.jsonl" in result.output
    walk = CliRunner().invoke(app, ["shelf", "survey", "--config", str(tmp_path / "no.toml")])
    assert walk.exit_code == 2
    assert "aisle init" in walk.output
