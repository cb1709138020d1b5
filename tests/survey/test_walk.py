"""A whole walk over a real reader's bytes, and over a shelf that speaks MQTT; what it records can be judged again."""

import asyncio
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from aisle import app, replay
from edge.commands import mount
from edge.core.survey.steps import plan_steps
from edge.core.survey.truth import AWAY
from edge.settings import EdgeSettings
from edge.survey.listening import survey_antennas
from edge.survey.live import RECORDING, LiveSurvey, power_of
from edge.survey.report import Report
from edge.survey.session import Session
from edge.survey.terminal import Terminal
from edge.survey.walk import WalkPlan
from firmware_stubs.llrp.reader import PretendReader
from models.codes.epc import encode_sgtin96
from models.process.clock import SystemClock
from models.process.health import Health
from tests.survey.conftest import Robot

mount(app, replay)

ROOT = Path(__file__).resolve().parents[2]
GTIN = "00614141001019"
SHELVES = ("A1", "A2", "A3")
ITEMS = {encode_sgtin96(GTIN, number): SHELVES[number % 3] for number in range(1, 13)}
QUIET = encode_sgtin96(GTIN, 99)
"""It stands on A2, and its tag is broken."""
SHEET = "epc,shelf,label\n" + "".join(f"{epc},{shelf},no. {n}\n" for n, (epc, shelf) in enumerate(ITEMS.items()))
SHEET += f"{QUIET},A2,the broken one\n"
LABELS = {f"no. {n}": epc for n, epc in enumerate(ITEMS)}


def settings(tmp_path: Path, port: int) -> EdgeSettings:
    return EdgeSettings.model_validate(
        {
            "store": "demo",
            "node": "pi",
            "data_dir": tmp_path,
            "mqtt": {},
            "shelves": {"neighbours": {"A1": ["A2"]}, "cycle_ms": 100},
            "reader": [
                {
                    "name": "shelf-a", "host": "127.0.0.1", "port": port, "cycle_ms": 100, "power_dbm": 24,
                    "antennas": dict(enumerate(SHELVES, start=1)),
                }
            ],
        }
    )  # fmt: skip


class Shop:
    """Before a pretend reader: what the robot was told to put where."""

    def __init__(self, reader: PretendReader) -> None:
        self.reader = reader
        self.places = {**ITEMS, QUIET: AWAY}
        self._draw = random.Random(4)

    async def stand(self) -> None:
        while True:
            for epc, place in self.places.items():
                if place and self._draw.random() < 0.7:
                    antenna = SHELVES.index(place) + 1
                    self.reader.see(epc, antenna, -55.0)
                    if antenna < 3 and self._draw.random() < 0.15:
                        self.reader.see(epc, antenna + 1, -68.0)
            await asyncio.sleep(0.1)

    def act(self, instruction: str) -> str:
        if found := re.search(
            r": (?:move|take|put) (no\. \d+) (?:from|off|back on) ?(\w+)(?: to (\w+))?", instruction
        ):
            label, first, second = found.groups()
            self.places[LABELS[label]] = AWAY if ": take" in instruction else second or first
        return ""


async def walk(tmp_path: Path, robot: Robot, plan: WalkPlan) -> Session:
    async with PretendReader(antennas=3) as reader:
        shop = Shop(reader)
        robot.act = shop.act
        standing = asyncio.create_task(shop.stand())
        live = LiveSurvey(settings(tmp_path, reader.port), SHEET, tmp_path / "survey", plan, ask_every_s=1.0)
        session = await live.run(lambda _session, _health: robot, SystemClock(), pytest.fail)
        standing.cancel()
    return session


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], Robot]:
    """One walk: 5 s of standing still, one move, one lift. Its folder, its figures, and what the person was told."""
    tmp_path = tmp_path_factory.mktemp("walk")
    robot, plan = Robot(str), WalkPlan(still_s=5.0, moves=1, lifts=1, notice_s=0.5, settle_s=1.0)
    session = asyncio.run(walk(tmp_path, robot, plan))
    report = Report(session.survey, session.plan, power_of(settings(tmp_path, 1)))
    report.write(tmp_path / "survey")
    return tmp_path, report.figures(), robot


def test_a_person_is_told_what_to_move_where_by_what_stands_on_the_item(
    walked: tuple[Path, dict[str, Any], Robot],
) -> None:
    _, figures, robot = walked
    assert robot.told[0].startswith("Put the 13 items")
    steps = [text for text in robot.told if text.startswith("Step")]
    assert [re.sub(r"no\. \d+", "X", step) for step in steps] == [
        "Step 1 of 3: move X from A1 to A2, then press Enter.",
        "Step 2 of 3: take X off A2 and keep it two metres away, then press Enter.",
        "Step 3 of 3: put X back on A2, then press Enter.",
    ]
    assert next((one["from"], one["to"]) for one in figures["handled"]) == ("A1", "A2")


def test_the_walk_finds_what_stands_where_and_the_tag_that_is_broken(
    walked: tuple[Path, dict[str, Any], Robot],
) -> None:
    folder, figures, _ = walked
    assert figures["right_shelf"] > 0.9
    assert figures["never_read"] == [{"item": QUIET, "shelf": "A2"}]
    assert figures["neighbours"] == {"A2": ["A1"], "A3": ["A2"]}, "as the tags were heard, not as it was set"
    rates = {one["shelf"]: one["rate"] for one in figures["antennas"]}
    assert 0.5 < rates["A1"] < 0.9
    summary = (folder / "survey" / "summary.txt").read_text(encoding="utf-8")
    assert "the broken one" in summary
    assert 'neighbours = { "A2" = ["A1"], "A3" = ["A2"] }' in summary


def test_the_recording_of_a_walk_is_judged_the_same_again(walked: tuple[Path, dict[str, Any], Robot]) -> None:
    folder, figures, _ = walked
    arguments = ["--reads", str(folder / "survey" / RECORDING), "--out", str(folder / "again"), "--settle", "1"]
    result = CliRunner().invoke(app, ["shelf", "survey", *arguments])
    assert result.exit_code == 0, result.output
    again = json.loads((folder / "again" / "survey.json").read_text(encoding="utf-8"))
    for name in ("answers", "confusion", "brier", "ece", "neighbours", "never_read", "reliability"):
        assert again[name] == json.loads(json.dumps(figures[name])), name
    assert "the broken one" in result.output, "labels are in the recording"


def test_a_walk_without_a_sheet_scans_items_and_their_shelves(tmp_path: Path) -> None:
    first, second = list(ITEMS)[:2]
    typed = iter([first, "rubbish", "A3", second, "", "q"])
    robot = Robot(lambda _: next(typed))

    async def scan() -> Session:
        live = LiveSurvey(settings(tmp_path, 1), None, tmp_path / "survey", WalkPlan(still_s=0.0, moves=9))
        return await live.run(lambda _session, _health: robot, SystemClock(), pytest.fail)

    session = asyncio.run(scan())
    assert session.survey.truth.places == {first: "A1", second: "A3"}
    assert any("neither an EPC" in remark for remark in robot.remarks)
    assert [text for text in robot.told if text.startswith("Step")], "q at the first step ended it"


def test_the_terminal_shows_each_shelf_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    shown = io.StringIO()

    def make(session: Session, health: Health) -> Terminal:
        console = Console(file=shown, force_terminal=True, width=100)
        health.report("reader.shelf-a", "unreachable", "Reader shelf-a: no answer", "Check its power.")
        return Terminal(session, health, console, keyboard=io.StringIO("\nq\n"))

    async def look() -> None:
        live = LiveSurvey(settings(tmp_path, 1), SHEET, tmp_path / "survey", WalkPlan(still_s=30.0))
        session = await live.run(make, SystemClock(), pytest.fail)
        assert session.survey.truth.places == {**ITEMS, QUIET: "A2"}

    asyncio.run(look())
    for text in ("A1", "0/4", "Check its power.", "Put the 13 items"):
        assert text in shown.getvalue()


def test_antennas_of_doors_are_not_walked_to(tmp_path: Path) -> None:
    plain = settings(tmp_path, 1)
    assert set(survey_antennas(plain).values()) == set(SHELVES)
    door = plain.reader[0].model_copy(update={"name": "door", "behaviour": "exit"})
    assert survey_antennas(plain.model_copy(update={"reader": (door,)})) == {}


def test_every_item_is_handled_once_and_lifted_ones_come_back() -> None:
    steps = plan_steps(ITEMS, SHELVES, moves=4, lifts=20, seed=1)
    assert len({step.item for step in steps}) == len(ITEMS)
    for lift, back in zip(steps[4::2], steps[5::2], strict=True):
        assert (lift.kind, back.kind) == ("lift", "put_back")
        assert (lift.item, lift.before) == (back.item, back.after)


def test_ctrl_c_ends_a_walk_and_judges_what_was_walked(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text(SHEET, encoding="utf-8")
    (tmp_path / "edge.toml").write_text(
        f"""store = "demo"\nnode = "pi"\ndata_dir = "{tmp_path}"\n[mqtt]\n[[reader]]\nname = "r"\nhost = "127.0.0.1"
        port = 1\nantennas = {{ 1 = "A1", 2 = "A2", 3 = "A3" }}""",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "aisle", "shelf", "survey", "plan.csv", "--out", "out", "--settle", "0"]
    walking = subprocess.Popen(
        command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert walking.stdin is not None
    walking.stdin.write("\n")
    walking.stdin.flush()
    recording = tmp_path / "out" / RECORDING
    for _ in range(600):
        if recording.exists() and recording.read_bytes().count(b'"ask"') >= 2:
            break
        time.sleep(0.05)
    walking.send_signal(signal.SIGINT)
    said, complaints = walking.communicate(timeout=30)
    assert "Traceback" not in complaints
    assert walking.returncode == 0, complaints
    assert "13 of the items were never read" in said
    assert (tmp_path / "out" / "confusion.png").exists()
