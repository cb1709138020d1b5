"""One to twenty lanes on any panel: every lane is there, nothing is cut, and the one to take is found at a glance."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect
from prometheus_client import CollectorRegistry

from edge.screen.app import create_screen
from edge.screen.board import Board
from edge.screen.picture import Theme, Towards
from models.messages.samples import LANE_BELIEVED_MS, LaneSample, LaneState
from models.process.clock import SystemClock
from models.process.health import Health

pytestmark = pytest.mark.browser
Serve = Callable[..., Any]
Visitor = Callable[..., Page]
CLOCK = SystemClock()
LANDSCAPE, PORTRAIT = {"width": 1920, "height": 1080}, {"width": 1080, "height": 1920}
PHONE, OLD = {"width": 390, "height": 844}, {"width": 640, "height": 360}
PANELS = pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT, PHONE, OLD], ids=["wide", "high", "phone", "200 %"])
WRONG = """() => {
  const seen = (node) => node.clientWidth > 0 && !node.closest('svg, .out-of-sight');
  const nodes = [...document.querySelectorAll('.stage *')].filter(seen);
  const cut = nodes.filter((node) => getComputedStyle(node).display !== 'inline').filter((node) => {
    const box = node.getBoundingClientRect();
    const room = (node.closest('.tile, .hero, .head, .rest') ?? document.body).getBoundingClientRect();
    const across = box.left < room.left - 1 || box.right > Math.min(room.right, innerWidth) + 1;
    return across || box.top < room.top - 2 || box.bottom > Math.min(room.bottom, innerHeight) + 2;
  });
  const over = [...document.querySelectorAll('.tile')].filter((tile) => {
    const parts = [...tile.querySelectorAll('.lane-sign, .people, .main > *, .flag')].filter(seen)
      .map((one) => one.getBoundingClientRect());
    return parts.some((one, at) => parts.slice(at + 1).some((other) => one.left < other.right - 1 &&
      other.left < one.right - 1 && one.top < other.bottom - 1 && other.top < one.bottom - 1));
  });
  const list = document.querySelector('.lanes').getBoundingClientRect();
  const ends = new Map([...document.querySelectorAll('.tile')].map((tile) => tile.getBoundingClientRect())
    .map((box) => [Math.round(box.top), box.right]));
  const gaps = [...ends.values()].filter((end) => list.width > 0 && Math.abs(end - list.right) > 2);
  const name = (node) => `${node.closest('[data-lane]')?.dataset.lane ?? 'panel'} ${node.className}`;
  return [...cut.map((node) => `cut: ${name(node)}`), ...over.map((node) => `over: ${name(node)}`),
    ...gaps.map(() => 'a row is not full')];
}"""
RATIOS = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => numbers(colour).slice(0, 3).map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (node) => {
    const colour = getComputedStyle(node).backgroundColor;
    return (numbers(colour)[3] ?? 1) > 0 ? colour : behind(node.parentElement);
  };
  const walk = document.createTreeWalker(document.getElementById('stage'), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || node.closest('.out-of-sight') || !node.getClientRects().length) continue;
    const [one, other] = [light(getComputedStyle(node).color), light(behind(node))].sort((a, b) => b - a);
    found.push([`${node.closest('[data-lane]')?.className ?? 'panel'}: ${walk.currentNode.data}`,
      (one + 0.05) / (other + 0.05)]);
  }
  return found;
}"""
LATER = """{
  const [now, later] = [Date.now, 60000 * new URLSearchParams(location.search).get('minutes')];
  Date.now = () => now() + later;
}"""
STATES: tuple[LaneState, ...] = ("open", "open", "closed", "stopped", "opening", "closing", "open", "unknown")


def screen(board: Board, theme: Theme = "dark", **towards: Towards) -> FastAPI:
    return create_screen(board, Health(CLOCK), CollectorRegistry(), CLOCK, theme=theme, towards=towards)


def put(
    board: Board, lane: str, high_s: float = 200.0, *, state: LaneState = "open", people: int = 3, name: str = "",
    stopped: int = 0,
) -> None:  # fmt: skip
    now_ms = CLOCK.now_ms()
    board.put(LaneSample(
        lane=lane, name=name, t_ms=now_ms, believed_until_ms=now_ms + LANE_BELIEVED_MS, state=state, people=people,
        wait_s=high_s / 2, wait_low_s=high_s / 3, wait_high_s=high_s, servers=6 if stopped else None,
        servers_stopped=stopped,
    ))  # fmt: skip


def wrong(page: Page) -> list[str]:
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found: list[str] = page.evaluate(WRONG)
    return found


def area(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["width"] * box["height"]


@PANELS
def test_one_to_twenty_lanes_of_every_state_fit_and_nothing_is_cut(
    serve: Serve, visitor: Visitor, size: dict[str, int]
) -> None:
    board = Board(CLOCK)
    page = visitor(**size)
    page.goto(serve(screen(board)).url)
    for count in range(1, 21):
        name, stopped = ("Self-checkout by the east entrance, cards", 2) if count % 7 == 0 else ("", 0)
        high_s = 60.0 + 137 * (count % 7) ** 2
        put(board, str(count), high_s, state=STATES[count % 8], people=count, name=name, stopped=stopped)
        if count not in {1, 2, 3, 8, 14, 20}:
            continue
        expect(page.locator("[data-lane]")).to_have_count(count)
        assert wrong(page) == [], f"{count} lanes"
        page.evaluate("() => document.getElementById('stage').classList.toggle('framed')")


@PANELS
def test_the_lane_to_take_is_the_largest_and_has_a_mark_and_words(
    serve: Serve, visitor: Visitor, size: dict[str, int]
) -> None:
    board = Board(CLOCK)
    page = visitor(**size)
    page.goto(serve(screen(board)).url)
    for lane in range(1, 21):
        put(board, str(lane), 400.0 if lane > 1 else 100.0)
        if lane not in {1, 2, 8, 20}:
            continue
        expect(page.locator(".tile")).to_have_count(lane)
        assert wrong(page) == []
        largest = ".tile.best" if lane == 2 else ".hero.best"
        others = [area(page, f".tile[data-lane='{other}']") for other in range(2, lane + 1)]
        assert area(page, largest) > 1.5 * max(others, default=0.0)
        assert page.locator(f"{largest} .tick svg").is_visible(), "not by colour alone"
        assert page.locator(f"{largest} .words").inner_text().strip()


def test_a_lane_that_closes_says_where_to_go_and_tells_those_in_it_how_long(serve: Serve, visitor: Visitor) -> None:
    board = Board(CLOCK)
    put(board, "1", 30.0, state="closing", people=2)
    put(board, "2", 500.0)
    put(board, "3", 700.0)
    page = visitor(**LANDSCAPE)
    page.goto(serve(screen(board)).url)
    page.wait_for_selector(".tile[data-lane='2'].best")
    closing = page.locator(".tile[data-lane='1']")
    expect(closing).to_contain_text("Please choose another")
    expect(closing.locator(".those")).to_have_text("< 1 min")
    put(board, "1", state="closed")
    expect(page.locator(".rest [data-lane='1']")).to_have_text("1")
    expect(page.locator(".tile")).to_have_count(2)


def test_where_a_lane_is_known_to_be_an_arrow_shows_the_way(serve: Serve, visitor: Visitor) -> None:
    board = Board(CLOCK)
    for lane in ("sco", "a", "b", "c"):
        put(board, lane, 100.0 if lane == "sco" else 600.0, name="Self-checkout" if lane == "sco" else "")
    page = visitor(**LANDSCAPE)
    page.goto(serve(screen(board, sco="left", a="right")).url)
    for selector in (".hero.best", ".tile.best"):
        page.wait_for_selector(f"{selector} .tick.left svg")
    assert wrong(page) == []
    put(board, "b", 20.0)
    page.wait_for_selector(".hero.best .tick:not(.left):not(.right) svg")


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ((), "No checkout is set up yet"),
        (("unknown", "unknown"), "The waits are not known right now"),
        (("closed", "closed"), "All checkouts are closed"),
        (("closed", "opening"), "A checkout opens soon"),
        (("closing", "stopped", "closed"), "No checkout takes new shoppers right now"),
    ],
)
def test_where_no_lane_can_be_recommended_it_says_why_and_what_to_do(
    serve: Serve, visitor: Visitor, states: tuple[LaneState, ...], said: str
) -> None:
    board = Board(CLOCK)
    for number, state in enumerate(states, 1):
        put(board, str(number), state=state)
    page = visitor(**PORTRAIT)
    page.goto(serve(screen(board)).url)
    expect(page.locator(".hero .call")).to_contain_text(said)
    assert len(page.locator(".hero .hint").inner_text()) > 20
    assert wrong(page) == []


def test_kiosks_that_serve_nobody_on_are_told_with_their_number(serve: Serve, visitor: Visitor) -> None:
    board = Board(CLOCK)
    put(board, "sco", name="Self-checkout", stopped=1)
    put(board, "1", 900.0)
    page = visitor(**LANDSCAPE)
    page.goto(serve(screen(board)).url)
    expect(page.locator(".tile[data-lane='sco'] .broken")).to_have_text("1 of 6 out of order6 台中 1 台故障")


def test_who_asks_for_more_contrast_gets_it_and_a_setting_says_it_for_all(serve: Serve, visitor: Visitor) -> None:
    board = Board(CLOCK)
    put(board, "1")
    served = serve(screen(board))
    theme = "document.documentElement.dataset.theme"
    for asked, told in (("no-preference", "dark"), ("more", "contrast")):
        page = visitor(**LANDSCAPE, contrast=asked)
        page.goto(served.url)
        page.wait_for_selector(".hero.best")
        assert page.evaluate(theme) == told
    page = visitor(**LANDSCAPE)
    page.goto(serve(screen(board, theme="contrast")).url)
    page.wait_for_selector("[data-theme='contrast'] .hero.best")
    page.keyboard.press("t")
    assert page.evaluate(theme) == "light"
    page.reload()
    page.wait_for_selector(".hero.best")
    assert page.evaluate(theme) == "light", "what somebody chose at the screen stays"


@pytest.mark.parametrize(("theme", "least"), [("dark", 4.5), ("light", 4.5), ("contrast", 7.0)])
def test_every_word_stands_out_from_what_is_behind_it(
    serve: Serve, visitor: Visitor, theme: Theme, least: float
) -> None:
    board = Board(CLOCK)
    for lane, state in enumerate(STATES, 1):
        put(board, str(lane), 100.0 * lane, state=state, stopped=lane == 1)
    page = visitor(**LANDSCAPE)
    page.goto(serve(screen(board, theme=theme)).url)
    page.wait_for_selector(f"[data-theme='{theme}'] .hero.best")
    for _filled_and_framed in range(2):
        page.evaluate("() => document.getElementById('stage').classList.toggle('framed')")
        ratios = page.evaluate(RATIOS)
        assert len(ratios) > 40
        assert {words: ratio for words, ratio in ratios if ratio < least} == {}
    assert page.evaluate("() => document.documentElement.lang") == "en"


def test_nothing_large_and_bright_stands_in_one_place_for_hours(serve: Serve, visitor: Visitor) -> None:
    board = Board(CLOCK)
    for lane in "12345":
        put(board, lane)
    page = visitor(**LANDSCAPE)
    page.add_init_script(LATER)
    url = serve(screen(board)).url
    places, colours = set(), set()
    for minutes in range(0, 30, 5):
        page.goto(f"{url}?minutes={minutes}")
        panel = page.wait_for_selector(".hero.best")
        assert panel is not None
        box = panel.bounding_box()
        assert box is not None
        places.add((round(box["x"]), round(box["y"])))
        colours.add(panel.evaluate("(node) => getComputedStyle(node).backgroundColor"))
    assert len(places) >= 4
    assert len(colours) == 2, "filled, then framed"
    assert page.evaluate("() => document.getAnimations().length") == 0
