"""What headquarters' own fold broke on: seen by staff, folded after an update or when asked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cloud_sync.hq import app as composition
from cloud_sync.hq import floor
from cloud_sync.hq.app import open_headquarters
from models.messages.facts import LaneMinute, NodeHealth
from models.process.clock import ManualClock
from tests.hq.conftest import NOON_MS, Desk, settings_for

Run = Callable[..., Any]


def minute(n: int) -> LaneMinute:
    return LaneMinute(t_ms=NOON_MS + n * 60_000, lane="1", people_mean=float(n), people_max=n, open_s=60.0)


def breaks(*_values: object, **_named: object) -> None:
    raise KeyError("a bug")


def test_staff_see_what_waits_and_try_again_until_it_folds(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        harbour = desk.store("harbour")
        with monkeypatch.context() as broken:
            broken.setattr(floor, "fold_lanes", breaks)
            await harbour.say(minute(1), minute(2))
            answer = await desk.http.post("/api/set-aside/retry")
            assert (answer.status_code, answer.json()["error"]["code"]) == (409, "fold")
        assert (await desk.get("/api/dead-letters"))["set_aside"]["facts"] == 2
        await harbour.say(minute(3))
        assert (await desk.http.post("/api/set-aside/retry")).json()["folded"] == 2
        with desk.hq.writer.reading() as connection:
            found = connection.execute("SELECT people_mean FROM lane_minutes ORDER BY t_ms").fetchall()
        assert [row[0] for row in found] == [1.0, 2.0, 3.0]

    run(story)


def test_what_was_wrong_long_ago_is_not_wrong_again_when_it_is_folded_late(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        harbour = desk.store("harbour")
        health = NodeHealth(t_ms=NOON_MS, node="pi-1", subject="camera.1", code="gone", ok=False)
        with monkeypatch.context() as broken:
            broken.setattr(floor, "fold_health", breaks)
            await harbour.say(health)
        assert (await desk.http.post("/api/set-aside/retry")).json()["folded"] == 1
        assert (await desk.overview("harbour"))["problems"] == []

    run(story)


def test_the_next_version_of_headquarters_folds_it_at_its_start(
    run: Run, tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(desk: Desk) -> None:
        monkeypatch.setattr(floor, "fold_lanes", breaks)
        await desk.store("harbour").say(minute(1))

    run(story)
    monkeypatch.undo()
    for version, waiting in ((composition._version(), 1), ("99", 0)):
        monkeypatch.setattr(composition, "_version", lambda version=version: version)
        hq = open_headquarters(settings_for(tmp_path, "harbour", "shanghai"), clock)
        assert hq.views.refused(1)["set_aside"]["facts"] == waiting
        hq.writer.close()
