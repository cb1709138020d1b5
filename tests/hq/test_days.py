"""One store's day at headquarters: queues and visitors, the same figures as its own gateway's, and as tables."""

import csv
import io
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from cloud_sync.hq import days, floor
from cloud_sync.hq.migrations import migrations
from cloud_sync.hq.settings import StoreSettings
from gateway.core.days import Day, LaneMinuteRow, bins, queue_totals
from models.messages.facts import DoorDay, DoorMinute, LaneMinute
from tests.hq.conftest import Desk
from tests.hq.test_streams import sale

Run = Callable[..., Any]
BERLIN = ZoneInfo("Europe/Berlin")
DAY = "2025-10-08"


def at(hour: int, minute: int = 0) -> int:
    return round(datetime(2025, 10, 8, hour, minute, tzinfo=BERLIN).timestamp() * 1000)


def lane_minute(lane: str, t_ms: int, **values: Any) -> LaneMinute:  # noqa: ANN401 - any of its fields
    all_values: dict[str, Any] = {"people_mean": 2.0, "people_max": 3, "open_s": 60.0} | values
    return LaneMinute(lane=lane, t_ms=t_ms, **all_values)


def read(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))


def test_a_stores_day_has_its_queues_and_visitors_in_its_own_time(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        await desk.store("harbour").say(
            lane_minute(
                "1", at(12, 1), served=2, waited_s=80.0, foretold_s=60.0, joined=3, abandoned=1, changed_in=1
            ),
            lane_minute("2", at(12, 1), served=1, people_mean=0.0, seen_s=0.0),
            DoorMinute(t_ms=at(12, 30), door="main", entered=10, left=4),
            DoorMinute(t_ms=at(14), door="side", entered=2, left=0),
            DoorDay(t_ms=at(23), door="main", day=DAY, entered=10, left=4),
            sale("t-1", 1999, at(12, 15)),
        )
        day = await desk.get(f"/api/stores/harbour/day?day={DAY}&step=5")
        assert (day["from_ms"], day["to_ms"], day["time_zone"]) == (at(0), at(0) + 86_400_000, "Europe/Berlin")
        (one,) = day["bins"]
        assert (one["t_ms"], one["people"], one["served"], one["waited_s"]) == (at(12), 2.0, 3, 80.0)
        assert day["queues"] == {
            "served": 3, "joined": 3, "abandoned": 1, "changed": 1, "waited_s": 80.0, "foretold_s": 60.0,
        }  # fmt: skip
        assert [(hour["t_ms"], hour["entered"], hour["sales"], hour["conversion"]) for hour in day["hours"]] == [
            (at(12), 10, 1, 0.1), (at(13), 2, 0, 0.0),
        ]  # fmt: skip
        assert day["doors"] == [
            {"door": "main", "entered": 10, "left": 4, "drift": 6},
            {"door": "side", "entered": 2, "left": 0, "drift": None},
        ]
        other = await desk.get(f"/api/stores/shanghai/day?day={DAY}")
        assert (other["bins"], other["hours"], other["newest_ms"]) == ([], [], None)

    run(story)


def test_a_stores_minutes_are_tables_with_the_stores_own_time(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        await desk.store("harbour").say(
            lane_minute("1", at(12, 1), served=2), DoorMinute(t_ms=at(12, 30), door="main", entered=10, left=4)
        )
        (lane,) = read(await desk.http.get(f"/api/stores/harbour/queues.csv?day={DAY}"))
        assert (lane["time"], lane["lane"], lane["served"]) == ("2025-10-08T12:01:00+02:00", "1", "2")
        (door,) = read(await desk.http.get(f"/api/stores/harbour/visitors.csv?day={DAY}"))
        assert (door["time"], door["door"], door["in"]) == ("2025-10-08T12:30:00+02:00", "main", "10")

    run(story)


def test_only_staff_see_a_stores_day_and_only_of_a_store_that_there_is(run: Run) -> None:
    async def story(desk: Desk) -> None:
        for what in ("day", "queues.csv", "visitors.csv"):
            assert (await desk.http.get(f"/api/stores/harbour/{what}")).status_code == 401
        await desk.sign_in()
        for what in ("day", "queues.csv", "visitors.csv"):
            answer = await desk.http.get(f"/api/stores/nowhere/{what}")
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_such_store")
        assert (await desk.http.get("/api/stores/harbour/day?day=2026-02-30")).status_code == 422

    run(story)


SECONDS = st.none() | st.integers(0, 600).map(float)
MINUTES = st.dictionaries(
    st.tuples(st.sampled_from(["1", "2"]), st.integers(1, 40)),
    st.builds(
        lambda **values: values,
        people_mean=st.integers(0, 9).map(float), open_s=st.sampled_from([0.0, 30.0, 60.0]),
        served=st.integers(0, 3), waited_s=SECONDS, foretold_s=SECONDS, wait_high_s=SECONDS,
        joined=st.none() | st.integers(0, 3), changed_in=st.none() | st.integers(0, 2),
        seen_s=st.sampled_from([None, 0.0, 60.0]),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def tables() -> Iterator[sqlite3.Connection]:
    database = Database(memory=True)
    migrations.apply(database)
    database.conn.row_factory = sqlite3.Row
    yield database.conn
    database.close()


@settings(max_examples=50, deadline=None)
@given(MINUTES)
def test_headquarters_shows_the_same_figures_as_the_stores_gateway(
    tables: sqlite3.Connection, minutes: dict[tuple[str, int], dict[str, Any]]
) -> None:
    tables.execute("DELETE FROM lane_minutes")
    facts = [lane_minute(lane, at(12, n), **values) for (lane, n), values in minutes.items()]
    floor.fold_lanes(tables, "harbour", facts)
    store = StoreSettings(id="harbour", name="Harbour", key_sha256="0" * 64, time_zone="Europe/Berlin")
    found = days.of_store(tables, store, DAY, DAY, 10)
    rows = [LaneMinuteRow(**{name: getattr(fact, name) for name in LaneMinuteRow.__slots__}) for fact in facts]
    day = Day(DAY, at(0), at(0) + 86_400_000)
    for ours, theirs in zip(found["bins"], bins(rows, day, 10), strict=True):
        for name, value in ours.items():
            wanted = getattr(theirs, name)
            assert value == wanted or abs(float(str(value)) - wanted) < 0.11, name
    totals = queue_totals(rows)
    assert (found["queues"]["served"], found["queues"]["joined"], found["queues"]["changed"]) == (
        totals.served, totals.joined, totals.changed,
    )  # fmt: skip
