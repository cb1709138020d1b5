"""A process that cannot start says in words why, with status 2 or 3 and never a traceback."""

import re
import signal
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import pytest

from firmware_stubs.demo.plan import Plan, Ports
from firmware_stubs.demo.supervise import Program, answers, free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

PROCESSES = {"broker": "broker", "hq": "hq", "gateway": "gateway", "shelves": "edge"}
DATABASES = {"hq": "hq.db", "gateway": "gateway.db", "shelves": "edge.db"}


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Good settings for every process of a store."""
    written = Plan(
        tmp_path, None, seed=1, arrivals_per_minute=9, speed=1, ports=Ports(*[free_port(0) for _ in fields(Ports)])
    )
    written.write()
    return written


def command(plan: Plan, name: str) -> list[str]:
    return [sys.executable, "-m", "aisle", PROCESSES[name], "--config", str(plan.file(name))]


def refused(plan: Plan, name: str) -> tuple[int, str]:
    done = subprocess.run(command(plan, name), capture_output=True, text=True, check=False, timeout=60)
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    return done.returncode, said


@pytest.mark.parametrize("name", PROCESSES)
def test_a_setting_that_nobody_knows_is_named_with_its_line(plan: Plan, name: str) -> None:
    path = plan.file(name)
    path.write_text("surprise = 1\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    status, said = refused(plan, name)
    assert status == 2
    assert f"{path}:1: surprise:" in said


@pytest.mark.parametrize("name", PROCESSES)
def test_a_folder_that_cannot_be_made_is_named(plan: Plan, name: str) -> None:
    path = plan.file(name)
    text = re.sub(
        r"^data_dir = .*$", 'data_dir = "/proc/nowhere"', path.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    path.write_text(text, encoding="utf-8")
    status, said = refused(plan, name)
    assert status == 2
    assert "data_dir: /proc/nowhere cannot be used" in said


@pytest.mark.parametrize("name", DATABASES)
def test_a_damaged_database_is_said_with_what_to_do(plan: Plan, name: str) -> None:
    folder = plan.folder / name
    folder.mkdir()
    (folder / DATABASES[name]).write_bytes(b"this is no database " * 1000)
    status, said = refused(plan, name)
    assert status in {2, 3}
    assert "is damaged" in said
    assert "start again" in said


def test_a_second_process_with_the_same_settings_leaves_the_first_alone(plan: Plan) -> None:
    url = f"http://127.0.0.1:{plan.ports.gateway}/health"
    first = Program("gateway", command(plan, "gateway"), plan.folder / "gateway.log", lambda: answers(url))
    first.start()
    try:
        first.wait_until_ready()
        status, said = refused(plan, "gateway")
        assert status == 2
        assert "in use by another process" in said
        assert answers(url)
    finally:
        first.kill()
    # What was killed holds nothing back.
    first.start()
    first.wait_until_ready()
    assert first.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_node_told_to_stop_while_it_starts_just_ends(plan: Plan, number: signal.Signals) -> None:
    for after_s in (1.5, 2.5):
        with subprocess.Popen(
            [sys.executable, "-m", "edge", str(plan.file("shelves"))],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            time.sleep(after_s)
            process.send_signal(number)
            said, _nothing = process.communicate(timeout=10)
        assert process.returncode in {0, -number}, said
        assert "Traceback" not in said
