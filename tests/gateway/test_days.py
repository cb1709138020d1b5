"""A store's day for the manager: queues, visitors, dwell, the floor's heat; as JSON and CSV, in the store's time."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.day_parts import table
from gateway.core.days import visit_hours
from gateway.settings import StoreSettings
from gateway.store import minutes
from gateway.store.days import day_of
from models.messages.envelopes import Command
from models.messages.facts import (
    DoorDay,
    DoorMinute,
    FloorHeat,
    LaneMinute,
    SaleCompleted,
    SaleLine,
    ZoneMinute,
)
from models.messages.samples import AdviceSample, NodeStatus, Outlook
from tests.gateway.conftest import SOAP, Store

BERLIN = ZoneInfo("Europe/Berlin")
DAY = "2026-09-21"


def at(hour: int, minute: int = 0) -> int:
    return round(datetime(2026, 9, 21, hour, minute, tzinfo=BERLIN).timestamp() * 1000)


@pytest.fixture
def store(start_store: Callable[..., Store]) -> Store:
    running = start_store(store=StoreSettings(id="store-1", name="Main Street", time_zone="Europe/Berlin"))
    running.clock.advance((at(23) - running.clock.now_ms()) / 1000)
    return running


@pytest.fixture
def manager(store: Store) -> httpx.Client:
    return store.manager()


def lane_minute(lane: str, t_ms: int, **values: Any) -> LaneMinute:  # noqa: ANN401 - any of its fields
    return LaneMinute(lane=lane, t_ms=t_ms, people_mean=2.0, people_max=3, open_s=60.0, **values)


def read(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))


def test_a_day_of_queues_sets_what_was_told_beside_what_happened(store: Store, manager: httpx.Client) -> None:
    store.fold(
        lane_minute("1", at(12, 1), served=2, wait_s=60.0, wait_high_s=120.0, waited_s=80.0, foretold_s=60.0),
        lane_minute("2", at(12, 1), served=1, wait_s=30.0, wait_high_s=50.0, waited_s=60.0, foretold_s=30.0),
        lane_minute("1", at(12, 2), served=1, joined=3, abandoned=1, changed_in=0, changed_out=1),
        lane_minute("1", at(12, 7), served=0),
        lane_minute("1", at(0, 0), served=9),  # the last minute of the day before
    )
    day = manager.get("/api/queues/day", params={"day": DAY, "step": 5}).raise_for_status().json()
    assert (day["from_ms"], day["to_ms"]) == (at(0), at(0) + 86_400_000)
    assert [entry["t_ms"] for entry in day["bins"]] == [at(12), at(12, 5)]
    first = day["bins"][0]
    assert (first["served"], first["lanes_open"], first["people"], first["people_max"]) == (4, 1.5, 3.0, 6)
    assert (first["waited_s"], first["foretold_s"]) == (73.3, 50.0)
    assert (first["joined"], first["abandoned"]) == (3, 1)
    assert day["totals"]["served"] == 4
    assert day["totals"]["error_s"] == 23.3
    assert day["totals"]["within_bound"] == 0.5
    assert {lane["lane"]: len(lane["bins"]) for lane in day["lanes"]} == {"1": 2, "2": 1}
    rows = read(manager.get("/api/queues/day.csv", params={"day": DAY}))
    assert [(row["lane"], row["served"], row["waited_s"]) for row in rows] == [
        ("1", "2", "80.0"), ("2", "1", "60.0"), ("1", "1", ""), ("1", "0", ""),
    ]  # fmt: skip


def test_a_day_of_visitors_has_doors_hours_conversion_and_drift(store: Store, manager: httpx.Client) -> None:
    def sale(number: int, t_ms: int) -> SaleCompleted:
        line = SaleLine(gtin=SOAP, quantity=1, price_minor=199)
        return SaleCompleted(
            t_ms=t_ms, sale=f"s-{number}", till="till-1", lines=(line,), total_minor=199, currency="EUR"
        )

    store.fold(
        DoorMinute(t_ms=at(9, 30), door="main", entered=10, left=2),
        DoorMinute(t_ms=at(10), door="side", entered=2, left=0),
        DoorMinute(t_ms=at(10, 1), door="main", entered=0, left=9),
        sale(1, at(9, 45)),
        sale(2, at(10, 15)),
        sale(3, at(10, 16)),
        DoorDay(t_ms=at(0), door="main", day="2026-09-20", entered=500, left=480),
        DoorDay(t_ms=at(0), door="side", day="2026-09-20", entered=100, left=90),
    )
    day = manager.get("/api/visitors/day", params={"day": DAY}).raise_for_status().json()
    assert (day["entered"], day["left"], day["sales"], day["conversion"]) == (12, 11, 3, 0.25)
    assert [(hour["entered"], hour["left"], hour["inside"], hour["sales"]) for hour in day["hours"]] == [
        (12, 2, 10, 1), (0, 9, 1, 2),
    ]  # fmt: skip
    assert day["hours"][1]["conversion"] is None
    assert {door["door"]: door["entered"] for door in day["doors"]} == {"main": 10, "side": 2}
    assert day["drift"] == [{"day": "2026-09-20", "entered": 600, "left": 570, "drift": 30, "share": 0.05}]
    assert len(read(manager.get("/api/visitors/day.csv", params={"day": DAY}))) == 3


def test_dwell_is_the_mean_of_visits_and_the_longest_stays_come_first(store: Store, manager: httpx.Client) -> None:
    def minute(zone: str, t_ms: int, visits: int, dwell_s: float) -> ZoneMinute:
        return ZoneMinute(
            t_ms=t_ms, zone=zone, entered=visits, visits=visits, dwell_s=dwell_s, people_mean=1.0, people_max=2
        )

    store.fold(
        minute("milk", at(9, 5), 4, 80.0),
        minute("wine", at(9, 5), 1, 90.0),
        minute("wine", at(9, 6), 3, 110.0),
        minute("wine", at(10, 6), 0, 0.0),
    )
    zones = manager.get("/api/visitors/zones", params={"day": DAY}).raise_for_status().json()["zones"]
    assert [(zone["zone"], zone["visits"], zone["dwell_s"]) for zone in zones] == [
        ("wine", 4, 50.0),
        ("milk", 4, 20.0),
    ]
    assert [hour["dwell_s"] for hour in zones[0]["hours"]] == [50.0, None]
    assert len(read(manager.get("/api/visitors/zones.csv", params={"day": DAY}))) == 4


def test_the_floors_heat_is_summed_over_the_day_and_never_across_two_grids(
    store: Store, manager: httpx.Client
) -> None:
    def quarter(t_ms: int, cells: tuple[int, ...], columns: int = 2) -> FloorHeat:
        return FloorHeat(t_ms=t_ms, camera="front", columns=columns, rows=2, watched_s=900.0, person_s=cells)

    store.fold(
        quarter(at(9), (9, 9, 9, 9, 9, 9), columns=3),
        quarter(at(9, 15), (1, 0, 4, 0)),
        quarter(at(9, 30), (0, 0, 6, 1)),
        quarter(at(9, 45), (1, 2, 3)),  # not as large as it says
    )
    heat = manager.get("/api/visitors/heat", params={"day": DAY}).raise_for_status().json()
    assert (heat["camera"], heat["columns"], heat["rows"]) == ("front", 2, 2)
    assert heat["person_s"] == [1, 0, 10, 1]
    assert heat["watched_s"] == 1800.0
    cells = read(manager.get("/api/visitors/heat.csv", params={"day": DAY, "camera": "front"}))
    assert [(cell["row"], cell["column"], cell["person_s"]) for cell in cells] == [
        ("0", "0", "1"), ("0", "1", "0"), ("1", "0", "10"), ("1", "1", "1"),
    ]  # fmt: skip


def test_advice_is_told_until_it_may_not_be_believed_any_more(store: Store, manager: httpx.Client) -> None:
    now_ms = store.clock.now_ms()
    outlook = Outlook(minutes=15, needed=3, reason="visitors", amount=42.0)
    store.desk.samples.put_advice(
        AdviceSample(
            node="pi-1",
            t_ms=now_ms,
            believed_until_ms=now_ms + 60_000,
            lanes_open=2,
            outlooks=(outlook,),
            open=("3",),
        )
    )
    said = manager.get("/api/queues/now").raise_for_status().json()
    assert said[0]["outlooks"] == [{"minutes": 15, "needed": 3, "reason": "visitors", "amount": 42.0}]
    assert (said[0]["lanes_open"], said[0]["open"], said[0]["close"]) == (2, ["3"], [])
    store.clock.advance(61)
    assert manager.get("/api/queues/now").json() == []


def test_a_clerk_on_the_way_to_a_lane_is_told_to_the_node_that_decides_about_it(store: Store) -> None:
    clerk, now_ms = store.manager(), store.clock.now_ms()
    assert clerk.post("/api/lanes/3/opening").json()["error"]["code"] == "no_such_lane"
    store.desk.samples.put_node(NodeStatus(node="pi-1", t_ms=now_ms, state="online", lanes=("1", "3")))
    assert clerk.post("/api/lanes/3/opening").json()["error"]["code"] == "no_broker"
    told: list[tuple[str, Command]] = []

    def tell(node: str, command: Command) -> bool:
        told.append((node, command))
        return True

    store.desk.node_links.append(tell)
    said = clerk.post("/api/lanes/3/opening").raise_for_status().json()
    assert said == {"lane": "3", "until_ms": now_ms + 300_000}
    assert [(node, one.command, one.lane, one.until_ms) for node, one in told] == [
        ("pi-1", "opening", "3", now_ms + 300_000)
    ]
    assert clerk.post("/api/lanes/3/closing").raise_for_status().json()["until_ms"] == now_ms + 1_800_000
    assert clerk.post("/api/lanes/3/opened").raise_for_status().json()["until_ms"] == now_ms
    assert [one.command for _node, one in told] == ["opening", "closing", "opened"]
    for word in ("opening", "closing", "opened"):
        assert store.client().post(f"/api/lanes/3/{word}").status_code == 401


def test_a_day_without_anything_is_empty_not_an_error(manager: httpx.Client) -> None:
    for path in ("queues/day", "visitors/day", "visitors/zones", "visitors/heat"):
        day = manager.get(f"/api/{path}").raise_for_status().json()
        assert day["day"] == DAY
    assert manager.get("/api/visitors/heat").json()["cameras"] == []


def test_a_day_that_does_not_exist_is_refused_with_what_to_write(manager: httpx.Client) -> None:
    answer = manager.get("/api/queues/day", params={"day": "2026-02-30"})
    assert answer.status_code == 422
    assert "2026-11-22" in answer.json()["error"]["hint"]


def test_only_a_manager_sees_a_stores_days(store: Store) -> None:
    for path in ("queues/day", "queues/day.csv", "visitors/day", "visitors/zones", "visitors/heat.csv"):
        assert store.client().get(f"/api/{path}").status_code == 401


def test_a_day_on_which_clocks_change_has_its_own_length() -> None:
    assert day_of("2026-03-29", BERLIN).to_ms - day_of("2026-03-29", BERLIN).from_ms == 23 * 3_600_000
    assert day_of("2026-10-25", BERLIN).to_ms - day_of("2026-10-25", BERLIN).from_ms == 25 * 3_600_000


@given(
    st.lists(st.tuples(st.integers(1, 1440), st.integers(0, 9), st.integers(0, 9))), st.lists(st.integers(0, 1439))
)
def test_hours_lose_nobody_and_nobody_is_inside_less_than_not_at_all(
    doors: list[tuple[int, int, int]], sales: list[int]
) -> None:
    day = day_of(DAY, BERLIN)
    minutes = [(day.from_ms + minute * 60_000, entered, left) for minute, entered, left in doors]
    hours = visit_hours(minutes, [day.from_ms + minute * 60_000 for minute in sales], day)
    assert sum(hour.entered for hour in hours) == sum(entered for _t, entered, _left in doors)
    assert sum(hour.left for hour in hours) == sum(left for _t, _entered, left in doors)
    assert sum(hour.sales for hour in hours) == len(sales)
    assert all(hour.inside >= 0 for hour in hours)


def test_a_days_busiest_half_hour_is_said_with_what_was_advised_then(store: Store, manager: httpx.Client) -> None:
    quiet = [lane_minute("1", at(9, n), served=1, waited_s=10.0, foretold_s=10.0) for n in range(1, 60)]
    busy = [lane_minute("1", at(17, n), served=2, waited_s=300.0, foretold_s=200.0) for n in range(11, 41)]
    store.fold(*quiet, *busy)
    with_advice = [("pi-1", 1, 3)]
    for n in range(1, 60):
        store.desk.writer.run(lambda c, n=n: minutes.keep_advice(c, at(17, n), with_advice))  # type: ignore[misc]
    busiest = manager.get("/api/queues/day", params={"day": DAY}).json()["busiest"]
    assert (busiest["from_ms"], busiest["to_ms"]) == (at(17, 10), at(17, 40))
    assert (busiest["waited_s"], busiest["lanes_open"], busiest["needed"]) == (300.0, 1.0, 3.0)
    assert manager.get("/api/queues/day", params={"day": "2026-09-20"}).json()["busiest"] is None


def test_minutes_that_nobody_saw_are_gaps_and_no_empty_lanes(store: Store, manager: httpx.Client) -> None:
    def minute(lane: str, n: int, seen_s: float) -> LaneMinute:
        people = 2.0 if seen_s else 0.0
        return LaneMinute(
            lane=lane, t_ms=at(9, n), people_mean=people, people_max=3, open_s=60.0, served=1, seen_s=seen_s
        )

    store.fold(*(minute("1", n, 60.0) for n in range(1, 31)))
    store.fold(*(minute("2", n, 0.0 if 11 <= n <= 20 else 60.0) for n in range(1, 31)))
    day = manager.get("/api/queues/day", params={"day": DAY}).json()
    assert day["gaps"] == [{"lane": "2", "from_ms": at(9, 10), "to_ms": at(9, 20)}]
    lane = next(one for one in day["lanes"] if one["lane"] == "2")
    assert [one["people"] for one in lane["bins"]] == [2.0, 2.0, None, None, 2.0, 2.0]
    assert [one["served"] for one in lane["bins"]] == [5] * 6
    assert day["newest_ms"] == at(9, 30)


def test_a_day_is_compared_with_the_usual_of_its_weekday_by_the_clock(store: Store) -> None:
    def minute(day: datetime, people: float) -> LaneMinute:
        t_ms = round(day.replace(hour=9, minute=1, tzinfo=BERLIN).timestamp() * 1000)
        return LaneMinute(lane="1", t_ms=t_ms, people_mean=people, people_max=3, open_s=60.0, served=int(people))

    today = datetime(2026, 11, 2)  # noqa: DTZ001 - its zone is set above; Berlin's clocks went back on October 25
    store.clock.advance((datetime(2026, 11, 2, 23, tzinfo=BERLIN).timestamp() * 1000 - store.clock.now_ms()) / 1000)
    store.fold(minute(today, 9.0), *(minute(today - timedelta(weeks=n), float(n)) for n in (1, 2, 3)))
    manager = store.manager()
    found = manager.get("/api/queues/compare", params={"day": "2026-11-02"}).raise_for_status().json()
    assert found["days"] == ["2026-10-26", "2026-10-19", "2026-10-12"]
    nine = round(datetime(2026, 11, 2, 9, tzinfo=BERLIN).timestamp() * 1000)
    assert [(one["t_ms"], one["people"]) for one in found["bins"]] == [(nine, 2.0)]
    assert found["served"] == 2.0
    one = manager.get("/api/queues/compare", params={"day": "2026-11-02", "with": "week"}).json()
    assert (one["days"], one["bins"][0]["people"]) == (["2026-10-26"], 1.0)
    assert manager.get("/api/queues/compare", params={"with": "2026-02-30"}).status_code == 422
    assert manager.get("/api/queues/compare", params={"day": "2026-11-02", "with": "before"}).json()["bins"] == []


def test_visitors_are_compared_up_to_the_time_that_this_day_has_come_to(store: Store, manager: httpx.Client) -> None:
    store.fold(DoorMinute(t_ms=at(12), door="main", entered=1, left=0))
    for week in range(1, 4):
        back = week * 7 * 86_400_000
        store.fold(
            DoorMinute(t_ms=at(9, 1) - back, door="main", entered=10 * week, left=0),
            DoorMinute(t_ms=at(20, 1) - back, door="main", entered=500, left=0),
        )
    found = manager.get("/api/visitors/compare", params={"day": DAY}).raise_for_status().json()
    assert (found["entered"], found["sales"], found["conversion"]) == (20, 0, 0.0)
    assert next((hour["t_ms"], hour["entered"]) for hour in found["hours"]) == (at(9), 20)


def test_tables_have_the_stores_own_time_and_nothing_that_a_spreadsheet_would_run(
    store: Store, manager: httpx.Client
) -> None:
    store.fold(lane_minute("1", at(12, 1), served=2), DoorMinute(t_ms=at(12, 1), door="main", entered=3, left=1))
    rows = read(manager.get("/api/queues/day.csv", params={"day": DAY}))
    assert (rows[0]["time"], rows[0]["t_ms"]) == ("2026-09-21T12:01:00+02:00", str(at(12, 1)))
    hours = read(manager.get("/api/queues/bins.csv", params={"day": DAY}))
    assert [(row["lane"], row["served"]) for row in hours] == [("all", "2"), ("1", "2")]
    assert read(manager.get("/api/visitors/hours.csv", params={"day": DAY}))[0]["in"] == "3"
    assert read(manager.get("/api/visitors/drift.csv")) == []
    assert read(manager.get("/api/queues/now.csv")) == []
    answer = table("x", ("name",), [("=HYPERLINK(1)",), ("-2",), (-2,), ("plain",)])
    assert bytes(answer.body).decode().splitlines()[1:] == ["'=HYPERLINK(1)", "'-2", "-2", "plain"]


def test_a_door_that_nobody_counted_is_said_to_be_a_gap(store: Store, manager: httpx.Client) -> None:
    store.fold(
        *(DoorMinute(t_ms=at(9, n), door="main", entered=1, left=0) for n in range(1, 31)),
        *(DoorMinute(t_ms=at(9, n), door="side", entered=0, left=0) for n in (*range(1, 11), *range(21, 31))),
    )
    day = manager.get("/api/visitors/day", params={"day": DAY}).json()
    assert day["gaps"] == [{"door": "side", "from_ms": at(9, 10), "to_ms": at(9, 20)}]
    assert day["entered"] == 30
