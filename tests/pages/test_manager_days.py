"""Queues and visitors on the manager's page: lanes ahead, the day as pictures, dwell, heat, drift, cameras."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from models.messages.envelopes import Command
from models.messages.facts import (
    CameraPreviewed,
    DoorDay,
    DoorMinute,
    FloorHeat,
    LaneMinute,
    SaleCompleted,
    SaleLine,
    ZoneMinute,
)
from models.messages.samples import AdviceSample, LaneSample, LaneState, NodeStatus, Outlook

pytestmark = pytest.mark.browser
Floor = Any
SOAP = "05000112637922"
MINUTE_MS = 60_000


def midnight(floor: Floor) -> int:
    now = datetime.fromtimestamp(floor.desk.clock.now_ms() / 1000, ZoneInfo(floor.settings.store.time_zone))
    return round(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def a_day_of_queues(floor: Floor) -> None:
    begin = midnight(floor) + 9 * 60 * MINUTE_MS
    floor.fold(*(
        LaneMinute(
            t_ms=begin + minute * MINUTE_MS, lane=lane, people_mean=2.0, people_max=3, open_s=60.0, served=1,
            wait_s=120.0, wait_high_s=240.0, waited_s=150.0, foretold_s=120.0, joined=1, abandoned=0,
        )
        for minute in range(1, 121)
        for lane in ("1", "2")
    ), node="pi-1")  # fmt: skip


def test_lanes_ahead_are_said_as_figures_blocks_and_words(manager: Page, floor: Floor) -> None:
    now = floor.desk.clock.now_ms()
    outlooks = (
        Outlook(minutes=0, needed=2, reason="load"),
        Outlook(minutes=15, needed=4, reason="visitors", amount=42.0),
        Outlook(minutes=30, needed=1, reason="a-reason-of-tomorrow"),
    )
    floor.desk.samples.put_advice(
        AdviceSample(
            node="pi-1", t_ms=now, believed_until_ms=now + 600_000, lanes_open=2, outlooks=outlooks, open=("3",)
        )
    )
    manager.reload()
    glance = manager.locator(".glance-card", has_text="Checkouts")
    expect(glance).to_contain_text("2lanes are open")
    expect(glance).to_contain_text("4 are needed within half an hour")
    expect(glance).to_contain_text("Open lane 3")
    manager.keyboard.press("3")
    steps = manager.locator(".ahead-step")
    expect(steps).to_have_count(4)
    expect(steps.nth(2)).to_contain_text("In 15 min")
    expect(steps.nth(2).locator(".missing")).to_have_count(2)
    expect(steps.nth(2)).to_contain_text("42 people came in")
    expect(steps.nth(3).locator(".spare")).to_have_count(1)
    expect(manager.locator(".ahead-do b")).to_have_text("Open lane 3")


def test_a_lane_that_is_to_close_is_told_to_its_node_and_can_stay_open_after_all(manager: Page, floor: Floor) -> None:
    now = floor.desk.clock.now_ms()
    floor.desk.samples.put_node(NodeStatus(node="pi-1", t_ms=now, state="online", lanes=("2",)))
    said: list[tuple[str, str | None]] = []

    def tell(_node: str, command: Command) -> bool:
        said.append((command.command, command.lane))
        return True

    floor.desk.node_links.append(tell)
    outlook = Outlook(minutes=0, needed=1, reason="idle")
    floor.desk.samples.put_advice(
        AdviceSample(
            node="pi-1", t_ms=now, believed_until_ms=now + 600_000, lanes_open=2, outlooks=(outlook,), close=("2",)
        )
    )
    manager.keyboard.press("3")
    manager.get_by_role("button", name="Lane 2 closes after those in line").click()
    expect(manager.locator(".toast")).to_contain_text("sends nobody to lane 2 any more")
    manager.get_by_role("button", name="Keep it open").click()
    expect(manager.locator(".toast")).to_contain_text("Lane 2 stays open")
    assert said == [("closing", "2"), ("opened", "2")]


def test_any_lane_can_be_closed_after_its_queue_from_the_first_view(manager: Page, floor: Floor) -> None:
    now = floor.desk.clock.now_ms()
    floor.desk.samples.put_node(NodeStatus(node="pi-1", t_ms=now, state="online", lanes=("1", "2", "3", "4")))
    said: list[tuple[str, str | None]] = []

    def tell(_node: str, command: Command) -> bool:
        said.append((command.command, command.lane))
        return True

    floor.desk.node_links.append(tell)
    manager.get_by_text("Open or close a checkout").click()
    manager.get_by_role("button", name="3: Close after those in line").click()
    expect(manager.locator(".toast")).to_contain_text("sends nobody to lane 3 any more")
    later = floor.desk.clock.now_ms()
    states: tuple[tuple[LaneState, str], ...] = (("closing", "3"), ("closed", "1"))
    for state, lane in states:
        floor.desk.samples.put_lane(LaneSample(lane=lane, t_ms=later, believed_until_ms=later + 15_000, state=state))
    manager.get_by_role("button", name="3: Keep it open").click()
    manager.get_by_role("button", name="1: Somebody is on the way").click()
    expect(manager.locator(".toast").last).to_contain_text("lane 1 opens soon")
    assert said == [("closing", "3"), ("opened", "3"), ("opening", "1")]


def test_a_day_of_queues_shows_what_was_told_beside_what_happened(manager: Page, floor: Floor) -> None:
    a_day_of_queues(floor)
    manager.goto(f"{floor.url}/manager#queues")
    figures = manager.locator(".figures").first
    expect(figures).to_contain_text("240served")
    expect(figures).to_contain_text("30 stold off by")
    expect(figures).to_contain_text("100 %within the bound")
    charts = manager.locator(".chart")
    expect(charts).to_have_count(4)
    expect(charts.nth(1).locator(".line.waited")).to_have_count(1)
    expect(charts.nth(1).locator(".band.bound")).to_have_count(1)
    charts.nth(1).locator("svg").focus()
    manager.keyboard.press("ArrowLeft")
    expect(charts.nth(1).locator(".chart-said")).to_contain_text(
        re.compile(r"09:\d\d: waited 2\.5 min, told 2\.0 min")
    )
    with manager.expect_download() as saved:
        manager.get_by_role("link", name="Save as CSV").click()
    assert re.fullmatch(r"queues-\d{4}-\d\d-\d\d\.csv", saved.value.suggested_filename)
    manager.get_by_role("button", name="Day before").click()
    expect(manager.locator("#view-queues")).to_contain_text("Nobody counted the queues on this day.")
    expect(manager.locator(".ahead")).to_have_count(0)


def test_a_day_says_in_words_when_it_was_busiest_what_is_usual_and_where_nobody_counted(
    manager: Page, floor: Floor
) -> None:
    begin = midnight(floor) + 9 * 60 * MINUTE_MS

    def minute(n: int, people: float, week: int = 0) -> LaneMinute:
        return LaneMinute(
            t_ms=begin + n * MINUTE_MS - week * 604_800_000, lane="1", people_mean=people, people_max=9, open_s=60.0,
            served=1, waited_s=100.0 if 30 < n <= 60 else 10.0, foretold_s=20.0, seen_s=0.0 if 10 < n <= 25 else 60.0,
        )  # fmt: skip

    floor.fold(*(minute(n, 4.0) for n in range(1, 121)), node="pi-1")
    floor.fold(*(minute(n, 2.0, week) for week in (1, 2) for n in range(1, 61)), node="pi-1")
    manager.goto(f"{floor.url}/manager#queues")
    said = manager.locator(".said-day")
    expect(said).to_contain_text("Busiest 09:30–10:00: people waited 1.7 min on the mean, 4 stood in line, 1 lanes")
    expect(said).to_contain_text("Nobody counted from 09:10 to 09:25.")
    expect(said).to_contain_text(re.compile(r"Compared with a usual \w+ \(2 days\)"))
    expect(manager.locator(".chart").first.locator(".gap")).to_have_count(1)
    expect(manager.locator(".chart").first.locator(".line.usual")).to_have_count(2)
    manager.get_by_label("compared with").select_option("before")
    expect(said).to_contain_text("There is no day yet to compare with.")
    manager.get_by_text("The day in numbers").click()
    expect(manager.locator(".numbers tbody tr").first).to_contain_text("09:00")


def test_a_picture_is_read_by_keys_and_taps_and_goes_on_when_news_draw_it_anew(manager: Page, floor: Floor) -> None:
    a_day_of_queues(floor)
    manager.goto(f"{floor.url}/manager#queues")
    picture = manager.locator(".chart svg").first
    picture.focus()
    manager.keyboard.press("Home")
    manager.keyboard.press("ArrowRight")
    expect(picture).to_have_attribute("aria-valuetext", re.compile("^09:05: 4 people, 2 lanes open"))
    floor.fold(
        LaneMinute(
            t_ms=midnight(floor) + 12 * 60 * MINUTE_MS, lane="1", people_mean=1.0, people_max=1, open_s=60.0, served=7
        ),
        node="pi-1",
    )
    manager.get_by_label("compared with").select_option("week")  # asks anew, as every half minute does
    expect(manager.locator(".figures").first).to_contain_text("247served")
    picture.focus()
    manager.keyboard.press("ArrowRight")
    expect(picture).to_have_attribute("aria-valuetext", re.compile("^09:10"))
    box = picture.bounding_box()
    assert box is not None
    manager.mouse.move(0, 0)
    picture.dispatch_event("pointerdown", {"clientX": box["x"] + 60, "clientY": box["y"] + 20})
    expect(picture).to_have_attribute("aria-valuetext", re.compile("^09:00"))


def test_a_day_has_an_address_and_prints_without_keys(manager: Page, floor: Floor) -> None:
    a_day_of_queues(floor)
    today = datetime.fromtimestamp(floor.desk.clock.now_ms() / 1000, ZoneInfo(floor.settings.store.time_zone)).date()
    manager.goto(f"{floor.url}/manager#queues/{today - timedelta(days=1)}")
    expect(manager.locator("#view-queues")).to_contain_text("Nobody counted the queues on this day.")
    manager.get_by_role("button", name="Day after").click()
    expect(manager.locator(".day-name")).to_contain_text("Today")
    assert manager.url.endswith("#queues")
    expect(manager.get_by_role("button", name="Day before")).to_be_visible()
    manager.emulate_media(media="print")
    expect(manager.get_by_role("button", name="Day before")).to_be_hidden()
    expect(manager.locator("h1.print-only")).to_be_visible()
    manager.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(manager.locator(".numbers table")).to_be_visible()
    manager.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(manager.locator(".numbers table")).to_be_hidden()
    assert manager.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"


def test_a_day_of_visitors_has_conversion_dwell_heat_and_drift(manager: Page, floor: Floor) -> None:
    begin = midnight(floor) + 9 * 60 * MINUTE_MS
    line = SaleLine(gtin=SOAP, quantity=1, price_minor=199)
    floor.fold(
        DoorMinute(t_ms=begin + MINUTE_MS, door="main", entered=20, left=5),
        DoorMinute(t_ms=begin + 31 * MINUTE_MS, door="main", entered=0, left=0),
        SaleCompleted(t_ms=begin, sale="s-1", till="till-1", lines=(line,), total_minor=199, currency="EUR"),
        ZoneMinute(t_ms=begin, zone="wine", entered=3, visits=2, dwell_s=180.0, people_mean=1.0, people_max=2),
        FloorHeat(t_ms=begin, camera="front", columns=2, rows=2, watched_s=900.0, person_s=(0, 9, 36, 0)),
        DoorDay(t_ms=begin, door="main", day="2026-11-01", entered=400, left=388),
        node="pi-1",
    )
    manager.goto(f"{floor.url}/manager#visitors")
    view = manager.locator("#view-visitors")
    expect(view.locator(".figures").first).to_contain_text("20visitors15inside now1sales5 %")
    expect(view.locator(".columns.entered").first).to_be_visible()
    expect(view.locator(".said-day")).to_contain_text("Nobody counted at the door main from 09:01 to 09:30.")
    expect(view.locator(".chart").first.locator(".gap")).to_have_count(1)
    expect(view).to_contain_text("wine · 2 visits")
    expect(view).to_contain_text("90 s")
    cells = view.locator(".heat-cell")
    expect(cells).to_have_count(4)
    assert [cell.evaluate("node => node.style.getPropertyValue('--heat')") for cell in cells.all()] == [
        "0.000", "0.500", "1.000", "0.000",
    ]  # fmt: skip
    expect(view).to_contain_text("+12 / 400 · 3.0 %")
    view.locator(".heat").focus()
    manager.keyboard.press("ArrowUp")
    expect(view).to_contain_text("0 s, 0 % of all; 0.00 people on the mean")
    manager.keyboard.press("ArrowRight")
    expect(view).to_contain_text("9 s, 20 % of all; 0.01 people on the mean")


def test_a_camera_is_looked_through_by_a_link_of_its_own_node_and_looks_are_listed(
    manager: Page, floor: Floor
) -> None:
    now = floor.desk.clock.now_ms()
    told: list[tuple[str, str | None]] = []

    def tell(node: str, command: Command) -> bool:
        told.append((node, command.camera))
        return True

    floor.desk.node_links.append(tell)
    cameras = ("front",)
    floor.desk.samples.put_node(
        NodeStatus(node="pi-1", t_ms=now, state="online", cameras=cameras, screen="http://192.168.1.7:8081")
    )
    floor.desk.samples.put_node(NodeStatus(node="pi-2", t_ms=now, state="online", cameras=("back",)))
    floor.fold(CameraPreviewed(t_ms=now, node="pi-1", camera="front", by="clerk-gone", until_ms=now), node="pi-1")
    manager.goto(f"{floor.url}/manager#visitors")
    rows = manager.locator(".camera-row")
    expect(rows.nth(1)).to_contain_text("shows its pages on itself alone")
    expect(rows.nth(1).get_by_role("button")).to_be_disabled()
    rows.nth(0).get_by_role("button", name="Look through it").click()
    link = rows.nth(0).get_by_role("link", name="Open the picture")
    assert re.match(r"http://192\.168\.1\.7:8081/cameras/front/open/[\w-]{32}$", link.get_attribute("href") or "")
    assert told == [("pi-1", "front")]
    expect(manager.locator("#view-visitors")).to_contain_text("clerk-gone, front")
