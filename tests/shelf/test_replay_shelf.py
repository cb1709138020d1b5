"""``aisle replay shelf`` keeps to its protocol, whatever the lines are."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from edge.replay.shelf import ShelfReplay

ROOT = Path(__file__).resolve().parent.parent.parent
EPC = "3034257BF7194E4000001A85"
HELLO = {
    "t_ms": 0,
    "type": "hello",
    "antennas": {"1": "A1", "2": "A2"},
    "neighbours": {"A1": ["A2"]},
    "cycle_ms": 1000,
}


def reads(seconds: range, *, antenna: str | int = "1", epcs: tuple[str, ...] = (EPC,)) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for second in seconds:
        lines += [
            {"t_ms": second * 1000 + 12, "type": "read", "epc": epc, "antenna": antenna, "rssi_dbm": -61.5}
            for epc in epcs
        ]
        lines.append({"t_ms": second * 1000 + 1000, "type": "tick"})
    return lines


def replayed(lines: list[dict[str, Any] | str]) -> tuple[list[Any], str]:
    out, complaints = io.BytesIO(), io.StringIO()
    text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    ShelfReplay(out, complaints).run((line + "\n").encode() for line in text)
    return [json.loads(line) for line in out.getvalue().splitlines()], complaints.getvalue()


def test_a_recording_gives_facts_and_one_answer_per_ask() -> None:
    lines = [HELLO, *reads(range(20)), {"t_ms": 20_000, "type": "ask", "id": "q1"}]
    answers, complaints = replayed(
        [*lines, *reads(range(20, 70), epcs=()), {"t_ms": 70_000, "type": "ask", "id": "q2"}]
    )
    placed, first, taken, last = answers
    assert placed["kind"] == "item.placed"
    assert (placed["epc"], placed["shelf"]) == (EPC, "A1")
    assert placed["t_ms"] % 1000 == 0
    assert placed["p"] >= 0.95
    assert first["id"] == "q1"
    assert first["items"][EPC]["shelf"] == "A1"
    assert first["items"][EPC]["state"] == "present"
    assert first["items"][EPC]["p"] > 0.95
    assert (taken["kind"], taken["shelf"]) == ("item.taken", "A1")
    assert last["items"].get(EPC, {"state": "taken"})["state"] == "taken"
    assert complaints == ""


def test_bad_lines_are_named_counted_and_passed_over() -> None:
    bad = [
        "nonsense",
        '{"type":"read"}',
        '{"t_ms":1e400,"type":"tick"}',
        '{"t_ms":-5,"type":"tick"}',
        "[" * 5000,
        '{"t_ms":1,"type":"hello","antennas":[1]}',
        '{"t_ms":NaN,"type":"tick"}',
    ]
    answers, complaints = replayed([HELLO, *bad, "", *reads(range(10)), {"t_ms": 10_000, "type": "ask", "id": 7}])
    assert answers[-1]["items"][EPC]["state"] == "present"
    assert "line 2:" in complaints
    assert f"{len(bad)} lines could not be used" in complaints


def test_types_and_fields_that_it_does_not_know_are_ignored() -> None:
    answers, complaints = replayed([HELLO, {"type": "truth", "items": {}}, {"t_ms": 5, "type": "tick", "new": 1}])
    assert answers == []
    assert complaints == ""


def test_antennas_may_be_numbers_and_loudness_may_be_missing() -> None:
    lines = [line | {"rssi_dbm": None} if line["type"] == "read" else line for line in reads(range(15), antenna=2)]
    answers, _ = replayed([HELLO, *lines, {"t_ms": 15_000, "type": "ask", "id": "q"}])
    assert answers[-1]["items"][EPC]["shelf"] == "A2"


def test_an_ask_before_hello_has_an_answer_and_a_read_before_it_a_complaint() -> None:
    answers, complaints = replayed([{"t_ms": 0, "type": "ask", "id": "early"}, *reads(range(1))])
    assert answers == [{"id": "early", "items": {}}]
    assert "before hello" in complaints


def test_reads_by_antennas_that_hello_does_not_name_are_told_at_the_end() -> None:
    _, complaints = replayed([HELLO, *reads(range(3), antenna="9")])
    assert "3 reads by antenna '9'" in complaints


def test_a_recording_without_ticks_goes_by_the_reads_own_time() -> None:
    lines = [line for line in reads(range(30)) if line["type"] == "read"]
    answers, _ = replayed([HELLO, *lines, {"t_ms": 30_000, "type": "ask", "id": "q"}])
    assert answers[-1]["items"][EPC]["state"] == "present"


def test_a_disconnected_antenna_is_unknown_until_it_reads_again() -> None:
    epcs = tuple(f"3034257BF7194E400000{number:04X}" for number in range(10))
    off = {"t_ms": 20_100, "type": "reader", "value": "antenna_disconnected", "antenna": "1"}
    ask = {"t_ms": 20_200, "type": "ask", "id": "a"}
    again = [*reads(range(60, 70), epcs=epcs), {"t_ms": 70_000, "type": "ask", "id": "b"}]
    answers, _ = replayed([HELLO, *reads(range(20), epcs=epcs), off, ask, *reads(range(21, 60), epcs=()), *again])
    asked = {line["id"]: line["items"] for line in answers if "id" in line}
    assert {item["state"] for item in asked["a"].values()} == {"unknown"}
    assert {item["state"] for item in asked["b"].values()} == {"present"}
    assert not [line for line in answers if line.get("kind") == "item.taken"]


def test_each_answer_is_there_before_the_next_line_is_sent() -> None:
    command = [sys.executable, "-c", "import aisle; aisle.main()", "replay", "shelf"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for number in range(3):
        process.stdin.write(json.dumps({"t_ms": number, "type": "ask", "id": f"q{number}"}).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == f"q{number}"
    _, complaints = process.communicate(timeout=60)
    assert process.returncode == 0
    assert complaints == b""
