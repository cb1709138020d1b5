"""An outage is said once and its end once, however often it is noticed."""

import io
import json
from collections.abc import Iterator

import pytest
import structlog

from models.messages.samples import Problem
from models.process.clock import ManualClock, is_unset
from models.process.health import Health
from models.process.logs import configure_logs


@pytest.fixture(autouse=True)
def _fresh_log() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_an_outage_is_logged_once_and_its_recovery_once(capsys: pytest.CaptureFixture[str]) -> None:
    with structlog.testing.capture_logs() as logs:
        health = Health(ManualClock())
        for attempt in range(5):
            health.report("broker", "unreachable", f"attempt {attempt}")
        health.clear("broker")
        health.clear("broker")
    assert [(entry["event"], entry["code"]) for entry in logs] == [
        ("problem", "unreachable"),
        ("recovered", "unreachable"),
    ]


def test_a_problem_keeps_its_beginning_and_its_newest_words() -> None:
    clock = ManualClock(1_000)
    health = Health(clock)
    health.report("disk", "low", "10 MB are free")
    clock.advance(60)
    health.report("disk", "low", "5 MB are free")
    (problem,) = health.problems()
    assert (problem.since_ms, problem.message) == (1_000, "5 MB are free")


def test_another_code_is_another_problem() -> None:
    said: list[tuple[str, bool]] = []

    def note(problem: Problem, ok: bool) -> None:
        said.append((problem.code, ok))

    clock = ManualClock(1_000)
    health = Health(clock, note)
    health.report("disk", "low", "little is free")
    clock.advance(1)
    health.report("disk", "full", "nothing is free")
    health.clear("disk")
    assert said == [("low", False), ("full", False), ("full", True)]


def test_problems_are_listed_the_oldest_first() -> None:
    clock = ManualClock()
    health = Health(clock)
    for subject in ("b", "c", "a"):
        health.report(subject, "x", "y")
        clock.advance(1)
    assert [problem.subject for problem in health.problems()] == ["b", "c", "a"]


def test_a_long_message_still_fits_on_the_wire() -> None:
    health = Health(ManualClock())
    health.report("camera", "unreadable", "x" * 5000, "y" * 5000)
    (problem,) = health.problems()
    assert (len(problem.message), len(problem.hint)) == (500, 500)


def test_a_clock_in_1970_is_known_to_be_unset() -> None:
    assert is_unset(0)
    assert is_unset(1_000_000_000_000)
    assert not is_unset(ManualClock().now_ms())


@pytest.mark.parametrize(
    "name", ["password", "pin", "phone", "member_phone", "api_key", "authorization", "cookie", "card_number", "Token"]
)
def test_a_log_line_hides_secrets_and_people(capsys: pytest.CaptureFixture[str], name: str) -> None:
    configure_logs("gateway", as_json=True)
    structlog.get_logger().info("asked", **{name: "13800138000", "clerk": "c-7"})
    (line,) = lines(capsys.readouterr().err)
    assert line[name] == "…"
    assert (line["process"], line["clerk"], line["event"]) == ("gateway", "c-7", "asked")


def test_secrets_inside_a_value_are_hidden_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("gateway", as_json=True)
    structlog.get_logger().info("asked", body={"clerk": "c-7", "pin": "4711", "more": [{"phone": "138"}]})
    (line,) = lines(capsys.readouterr().err)
    assert line["body"] == {"clerk": "c-7", "pin": "…", "more": [{"phone": "…"}]}


def test_a_standard_error_that_was_closed_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    configure_logs("gateway", as_json=True)
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr("sys.stderr", closed)
    structlog.get_logger("early").info("said", clerk="c-7")
