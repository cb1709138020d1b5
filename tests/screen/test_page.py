"""The store screen in a real browser."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect
from prometheus_client import CollectorRegistry

from edge.screen.app import create_screen
from edge.screen.board import Board
from models.messages.samples import LANE_BELIEVED_MS, LaneSample, LaneState
from models.process.clock import SystemClock
from models.process.health import Health

pytestmark = pytest.mark.browser
Serve = Callable[..., Any]
Visitor = Callable[..., Page]
CLOCK = SystemClock()
TELEVISION = {"width": 1920, "height": 1080}


def screen(board: Board) -> FastAPI:
    return create_screen(board, Health(CLOCK), CollectorRegistry(), CLOCK)


def say(
    board: Board, lane: str, high_s: float = 200.0, *, state: LaneState = "open", people: int = 3, name: str = "",
    for_ms: int = LANE_BELIEVED_MS,
) -> None:  # fmt: skip
    now_ms = CLOCK.now_ms()
    board.put(LaneSample(
        lane=lane, name=name, t_ms=now_ms, believed_until_ms=now_ms + for_ms, state=state, people=people,
        wait_s=high_s / 2, wait_low_s=high_s / 3, wait_high_s=high_s,
    ))  # fmt: skip


def text(page: Page, selector: str) -> str:
    return page.locator(selector).inner_text().replace("\n", " ")


def test_the_recommended_lane_is_unmistakable_and_changes_by_itself(serve: Serve, visitor: Visitor) -> None:
    board = Board(CLOCK)
    for lane, high_s in (("1", 500.0), ("2", 110.0), ("3", 300.0), ("4", 700.0)):
        say(board, lane, high_s)
    page = visitor(**TELEVISION)
    page.goto(serve(screen(board)).url)
    page.wait_for_selector(".hero.best")
    assert text(page, ".hero .name") == "2"
    assert "Shortest wait" in text(page, ".hero")
    assert "等候最短" in text(page, ".hero")
    assert text(page, ".hero .wait .figure") == "2"
    assert text(page, ".hero .wait .before") == "under 不到"
    assert page.locator(".tile.best").get_attribute("data-lane") == "2"
    assert "Go here" in text(page, ".tile.best")
    say(board, "3", 40.0)
    expect(page.locator(".hero .name")).to_have_text("3")


def test_an_old_value_becomes_a_dash(serve: Serve, visitor: Visitor) -> None:
    board = Board(CLOCK)
    say(board, "2", 400.0)
    page = visitor(**TELEVISION)
    page.goto(serve(screen(board)).url)
    say(board, "1", for_ms=1500)
    page.wait_for_selector(".tile[data-lane='1'].open")
    page.wait_for_selector(".tile[data-lane='1'].unknown")
    assert text(page, ".tile[data-lane='1'] .figure") == "–"
    assert page.locator(".tile[data-lane='1'] .people").count() == 0
    assert text(page, ".tile[data-lane='2'] .figure") == "2–7"


def test_with_its_server_gone_the_screen_shows_dashes_and_it_recovers_by_itself(
    serve: Serve, visitor: Visitor
) -> None:
    board = Board(CLOCK)
    page = visitor(**TELEVISION)
    served = serve(screen(board))
    page.goto(served.url)
    say(board, "1", for_ms=2500)
    page.wait_for_selector(".hero.best")
    served.stop()
    page.wait_for_selector(".tile.unknown")
    page.wait_for_selector("body.lost")
    assert "Connection lost" in text(page, "#fresh")
    again = Board(CLOCK)
    say(again, "1", 170.0)
    serve(screen(again), port=served.port)
    page.wait_for_selector("body:not(.lost) .hero.best")
    assert text(page, ".hero .figure") == "3"


def test_a_screen_that_starts_before_its_node_comes_alive_when_the_node_does(serve: Serve, visitor: Visitor) -> None:
    board = Board(CLOCK)
    say(board, "1", 170.0)
    page = visitor(**TELEVISION)
    served = serve(screen(board))
    page.goto(served.url)
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    served.stop()
    page.reload()
    expect(page.locator("#hero")).to_contain_text("The waits are not known right now")
    serve(screen(board), port=served.port)
    expect(page.locator(".hero.best .figure")).to_have_text("3", timeout=8000)


def test_after_an_update_the_screen_loads_itself_anew(serve: Serve, visitor: Visitor) -> None:
    board = Board(CLOCK)
    say(board, "1")
    page = visitor(**TELEVISION)
    served = serve(create_screen(board, Health(CLOCK), CollectorRegistry(), CLOCK, version="1"))
    page.goto(served.url)
    page.wait_for_selector(".hero.best")
    page.evaluate("() => { window.isOld = true; }")
    served.stop()
    serve(create_screen(board, Health(CLOCK), CollectorRegistry(), CLOCK, version="2"), port=served.port)
    page.wait_for_event("load", timeout=9000)
    assert page.evaluate("() => window.isOld") is None


def test_nothing_moves_on_the_screen_while_nothing_changes(serve: Serve, visitor: Visitor) -> None:
    board = Board(CLOCK)
    for lane in "12345":
        say(board, lane, 170.0)
    page = visitor(**TELEVISION)
    page.goto(serve(screen(board)).url)
    page.wait_for_selector(".tile.best")
    page.evaluate(
        """() => {
          window.changes = 0;
          const watch = new MutationObserver((changes) => { window.changes += changes.length; });
          watch.observe(document.getElementById('floor'), {subtree: true, childList: true, characterData: true});
        }"""
    )
    page.wait_for_timeout(1600)
    assert page.evaluate("() => window.changes") == 0
    say(board, "3", 20.0)
    expect(page.locator(".hero .name")).to_have_text("3")
    assert page.evaluate("() => window.changes") > 0


FAKE_SOURCE = """
window.sources = [];
window.EventSource = class extends EventTarget {
  constructor() { super(); window.sources.push(this); setTimeout(() => this.onopen?.(), 0); }
  close() {}
};
window.deliver = (steadyMs, people) => {
  const lane = {lane: '1', name: '1', state: 'open', people, low_min: 1, high_min: 2, t_ms: 1, age_ms: 0};
  const data = JSON.stringify({run: 'a', sent_ms: 1760000000000, steady_ms: steadyMs, title_en: '', title_zh: '',
    recommended: '1', lanes: [{...lane, believed_for_ms: 15000}]});
  window.sources.at(-1).dispatchEvent(new MessageEvent('board', {data}));
};
"""


def test_a_burst_of_events_that_were_held_up_is_not_shown_as_live(serve: Serve, visitor: Visitor) -> None:
    page = visitor(**TELEVISION)
    page.add_init_script(FAKE_SOURCE)
    page.goto(serve(screen(Board(CLOCK))).url)
    page.evaluate("deliver(100000 + performance.now(), 3)")
    page.wait_for_selector(".hero.best")
    page.evaluate("deliver(100000 + performance.now() - 20000, 9)")
    page.wait_for_selector(".tile.unknown")
    page.evaluate("deliver(100000 + performance.now(), 4)")
    page.wait_for_selector(".hero.best")
    assert "4" in text(page, ".hero .people .count")


def test_a_lane_name_that_looks_like_html_stays_text(serve: Serve, visitor: Visitor) -> None:
    board = Board(CLOCK)
    say(board, "1", name="<img src=x onerror=\"document.title='owned'\">")
    say(board, "2", 900.0)
    page = visitor(**TELEVISION)
    page.goto(serve(screen(board)).url)
    page.wait_for_selector(".tile.best")
    assert "<img" in text(page, ".tile.best .lane-sign")
    assert page.locator(".stage img:not(.mark)").count() == 0
    assert page.title() == "Checkouts"


def test_languages_are_switched_by_a_key_and_remembered(serve: Serve, visitor: Visitor) -> None:
    board = Board(CLOCK)
    say(board, "1", state="stopped")
    say(board, "2", state="closed")
    page = visitor(**TELEVISION, language="zh-CN")
    page.goto(serve(screen(board)).url)
    page.wait_for_selector(".tile.stopped")
    assert text(page, ".tile.stopped .state") == "暂时停滞 Not moving"
    page.keyboard.press("l")
    expect(page.locator(".tile.stopped .state")).to_have_text("Not moving")
    page.reload()
    page.wait_for_selector(".tile.stopped")
    assert text(page, ".tile.stopped .state") == "Not moving"


def test_the_picture_is_there_once_too_and_says_who_is_believed(serve: Serve) -> None:
    board = Board(CLOCK, lanes=("1", "2"))
    say(board, "1")
    answer = httpx.get(f"{serve(screen(board)).url}/api/lanes", timeout=5).json()
    assert answer["recommended"] == "1"
    assert [(lane["lane"], lane["state"]) for lane in answer["lanes"]] == [("1", "open"), ("2", "unknown")]
    assert abs(answer["sent_ms"] - time.time() * 1000) < 5000
