"""A clock that was never set and a disk that fills up are states that the status says."""

from pathlib import Path

from models.process.clock import ManualClock
from models.process.health import Health
from models.process.machine import watch_machine


def subjects(health: Health) -> list[str]:
    return [problem.subject for problem in health.problems()]


def test_a_clock_in_1970_is_said_until_it_is_set(tmp_path: Path) -> None:
    clock = ManualClock(5_000)
    health = Health(clock)
    watch_machine(health, clock, tmp_path, low_bytes=0)
    assert subjects(health) == ["clock"]
    assert "NTP" in health.problems()[0].hint
    clock.advance(1_800_000_000)
    watch_machine(health, clock, tmp_path, low_bytes=0)
    assert subjects(health) == []


def test_a_disk_with_little_room_is_said(tmp_path: Path) -> None:
    health = Health(ManualClock())
    watch_machine(health, ManualClock(), tmp_path, low_bytes=2**62)
    assert subjects(health) == ["disk.space"]
    watch_machine(health, ManualClock(), tmp_path, low_bytes=0)
    assert subjects(health) == []
