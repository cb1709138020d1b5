"""The page with the stores at a glance, in a real browser over a real server."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest

from cloud_sync.hq.app import Headquarters, create_headquarters, open_headquarters
from models.messages.codec import encode
from models.messages.envelopes import FactBatch
from models.messages.facts import DoorMinute, Fact, LaneMinute, NodeHealth
from models.messages.goods import (
    AlarmClosed,
    AlarmRaised,
    DeliveryExpected,
    DeliveryLine,
    DeliveryReceived,
    ItemFound,
    ItemMissing,
    LogisticUnit,
    ReceivedLine,
)
from models.messages.ids import StreamClass
from tests.conftest import Serve
from tests.hq.conftest import PASSWORD, key_of, settings_for
from tests.hq.test_streams import counted, sale

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


class Shown:
    """Headquarters on a real port, with stores that speak."""

    def __init__(self, hq: Headquarters, url: str) -> None:
        self.hq, self.url = hq, url
        self._said: dict[tuple[str, StreamClass], int] = {}

    def say(self, store: str, *facts: Fact) -> None:
        for stream in StreamClass:
            found = [fact for fact in facts if fact.stream is stream]
            first = self._said.get((store, stream), 0) + 1
            raws = tuple(msgspec.Raw(encode(fact)) for fact in found)
            batch = FactBatch(epoch="0123456789abcdef", first=first, facts=raws)
            url = f"{self.url}/v1/streams/gateway/{stream.value}"
            answer = httpx.post(url, content=encode(batch), headers={"authorization": f"Bearer {key_of(store)}"})
            assert answer.status_code == 200, answer.text
            self._said[store, stream] = first + len(found) - 1


@pytest.fixture
def shown(tmp_path: Path, serve: Serve) -> Shown:
    hq = open_headquarters(settings_for(tmp_path, "harbour", "shanghai"))
    return Shown(hq, serve(create_headquarters(hq, beat_s=1.0)).url)


def sign_in(page: "Page", shown: Shown, view: str = "") -> None:
    page.goto(f"{shown.url}/{view}")
    page.fill("#name", "desk-1")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#signed-in:not([hidden])")


def now() -> int:
    return int(time.time() * 1000)


def test_what_a_store_says_is_on_the_page_a_moment_later(shown: Shown, visitor: Callable[..., "Page"]) -> None:
    page = visitor()
    sign_in(page, shown)
    card = page.locator("[data-store=harbour]")
    card.get_by_text("Not heard yet").first.wait_for()
    shown.say(
        "harbour",
        counted(42, now() - 1000),
        sale("t-1", 1999, now()),
        DoorMinute(t_ms=now(), door="main", entered=12, left=5),
        LaneMinute(t_ms=now(), lane="lane-3", people_mean=3, people_max=4, open_s=60, served=1, wait_s=310),
        NodeHealth(t_ms=now(), node="pi-1", subject="camera.front", code="unreadable", ok=False),
    )
    card.get_by_text("€19.99").wait_for()
    for text in ("Live", "12 came today", "lane-3", "camera.front", "1 sale"):
        assert card.get_by_text(text).count(), text
    assert card.locator(".figure", has_text="Longest wait").locator(".value").inner_text() == "5 min"
    assert card.locator(".figure", has_text="On hand").locator(".value").inner_text() == "41"
    assert card.locator("svg.hours rect.now").count() == 1
    assert "12" in (card.locator("svg.hours").get_attribute("aria-label") or "")
    totals = page.locator("#totals")
    assert totals.get_by_text("1 of 2").count()
    shown.say("harbour", sale("t-2", 1, now()))
    card.get_by_text("€20.00").wait_for()


def test_what_a_store_misses_stands_on_its_card_while_anything_is(
    shown: Shown, visitor: Callable[..., "Page"]
) -> None:
    page = visitor()
    sign_in(page, shown)
    card = page.locator("[data-store=harbour]")
    shown.say("harbour", counted(42, now() - 1000))
    card.get_by_text("On hand").wait_for()
    assert not card.get_by_text("Missing, 30 days").count()
    epc = "3034257BF7194E4000001A85"
    shown.say(
        "harbour",
        ItemMissing(t_ms=now(), epc=epc, shelf="A1", reason="swept", p=0.9, last_seen_ms=now(), price_minor=4999),
        AlarmRaised(t_ms=now(), alarm="a-1", type="sweep", quantity=1, p=0.99, shelf="A1"),
    )
    card.get_by_text("€49.99").wait_for()
    assert card.get_by_text("1 piece · 1 open alarm").count() == 1
    shown.say("harbour", ItemFound(t_ms=now(), epc=epc, shelf="A1"))
    card.get_by_text("€0.00").wait_for()
    shown.say("harbour", AlarmClosed(t_ms=now(), alarm="a-1", by="c-1", outcome="false"))
    card.get_by_text("Missing, 30 days").wait_for(state="detached")


def test_a_stores_day_is_opened_from_its_card_and_saved_as_a_table(
    shown: Shown, visitor: Callable[..., "Page"]
) -> None:
    page = visitor(width=1920, height=1080)
    sign_in(page, shown)
    minute = LaneMinute(
        t_ms=now(), lane="1", people_mean=3, people_max=4, open_s=60, served=2, waited_s=150.0, foretold_s=120.0
    )
    shown.say("harbour", minute, DoorMinute(t_ms=now(), door="main", entered=12, left=5))
    page.locator("[data-store=harbour]").get_by_text("Queues and visitors of the day").click()
    view = page.locator("#day")
    view.get_by_text("told 2.0 min").wait_for()
    assert view.locator(".chart").count() == 3
    view.locator(".chart svg").first.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    view.get_by_text("The day in numbers").click()
    view.locator("details[open] td", has_text="12").first.wait_for()
    with page.expect_download() as saved:
        view.get_by_text("Queues as CSV").click()
    assert re.fullmatch(r"harbour-queues-\d{4}-\d\d-\d\d\.csv", saved.value.suggested_filename)
    view.get_by_role("button", name="Day before").click()
    view.get_by_text("Nothing is known of this day").wait_for()
    assert re.search(r"#days/harbour/\d{4}-\d\d-\d\d$", page.url)


def test_the_page_speaks_chinese_and_remembers_it(shown: Shown, visitor: Callable[..., "Page"]) -> None:
    page = visitor(language="zh-CN", width=1920, height=1080)
    sign_in(page, shown)
    page.locator("#totals").get_by_text("在线门店").wait_for()
    page.click("#language")
    page.locator("#totals").get_by_text("Stores heard").wait_for()
    page.reload()
    page.locator("#totals").get_by_text("Stores heard").wait_for()
    assert page.evaluate("document.documentElement.lang") == "en-GB"


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1920, 1080)])
def test_nothing_is_wider_than_the_screen_and_everything_can_be_touched(
    shown: Shown, visitor: Callable[..., "Page"], width: int, height: int
) -> None:
    shown.say("harbour", counted(3, now()), sale("t-1", 10**11, now()))
    page = visitor(width=width, height=height)
    sign_in(page, shown)
    page.wait_for_selector(".store")
    for view in ("#stores", "#days", "#products", "#goods", "#refused"):
        page.goto(f"{shown.url}/{view}")
        page.wait_for_timeout(150)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view
        for box in page.evaluate(
            "[...document.querySelectorAll('button, a, summary')].filter(e => e.offsetParent)"
            ".map(e => [e.textContent, e.getBoundingClientRect().height])"
        ):
            assert box[1] >= 44, box


def test_a_product_is_added_found_in_chinese_and_priced(shown: Shown, visitor: Callable[..., "Page"]) -> None:
    page = visitor()
    sign_in(page, shown, "#products")
    page.get_by_text("The catalogue is empty").wait_for()
    page.click("#add")
    page.fill("[name=gtin]", "4006381333931")
    page.fill("[name=name_en]", "<b>Milk</b>")
    page.fill("[name=name_zh]", "全脂牛奶")
    page.fill("[name=price]", "1,29")
    page.get_by_role("button", name="Save").click()
    page.locator(".product").get_by_text("€1.29").wait_for()
    assert page.locator(".product h3").inner_text() == "<b>Milk</b>"
    shown.say("harbour", counted(17, now()))
    page.fill("#query", "牛奶")
    page.locator(".product").get_by_text("17 pieces").wait_for()
    page.fill("#query", "no such thing")
    page.get_by_text("Nothing matches “no such thing”").wait_for()


def test_a_wrong_gtin_says_what_is_wrong_and_loses_nothing(shown: Shown, visitor: Callable[..., "Page"]) -> None:
    page = visitor()
    sign_in(page, shown, "#products")
    page.click("#add")
    page.fill("[name=gtin]", "4006381333932")
    page.fill("[name=name_en]", "Milk")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("its check digit should be 1").wait_for()
    assert page.input_value("[name=name_en]") == "Milk"


def test_an_import_shows_what_was_wrong_with_which_line(
    shown: Shown, visitor: Callable[..., "Page"], tmp_path: Path
) -> None:
    csv = tmp_path / "catalogue.csv"
    csv.write_text("gtin,name_en,name_zh\n4006381333931,Milk,牛奶\n123,Bad,\n", encoding="utf-8-sig")
    page = visitor()
    sign_in(page, shown, "#products")
    page.set_input_files("#csv", str(csv))
    page.get_by_text("Imported: 1 of 2 lines").wait_for()
    page.get_by_text("line 3").wait_for()
    page.locator(".product").get_by_text("牛奶").wait_for()


def test_a_delivery_is_shown_with_what_differs_and_a_plan_goes_to_its_store(
    shown: Shown, visitor: Callable[..., "Page"]
) -> None:
    page = visitor()
    sign_in(page, shown, "#goods")
    page.get_by_text("Nothing is on its way").wait_for()
    lines = (DeliveryLine(gtin="04006381333931", quantity=24),)
    units = (LogisticUnit(sscc="106141412345678908", lines=lines),)
    notice = DeliveryExpected(t_ms=now(), delivery="asn-1", supplier="<b>Depot</b>", due_ms=now(), units=units)
    came = (ReceivedLine(gtin="04006381333931", expected=24, received=20),)
    received = DeliveryReceived(t_ms=now() + 1, delivery="asn-1", by="c-1", lines=came, units=("106141412345678915",))
    shown.say("harbour", notice, received)
    page.reload()
    card = page.locator("[data-delivery=asn-1]")
    for text in ("<b>Depot</b>", "20 of 24 pieces", "short", "was announced to nobody"):
        card.get_by_text(text).first.wait_for()
    plan = "shelf,gtin,facings,capacity,low\nA1,4006381333931,2,8,2\nA1,1,2,8,2\n"
    page.set_input_files("#plan-file", {"name": "plan.csv", "mimeType": "text/csv", "buffer": plan.encode()})
    page.get_by_text("1 lines read, 1 changed").wait_for()
    page.get_by_text("line 3").wait_for()


def test_a_wrong_password_says_so_and_signing_out_hides_everything(
    shown: Shown, visitor: Callable[..., "Page"]
) -> None:
    page = visitor()
    page.goto(shown.url)
    page.fill("#name", "desk-1")
    page.fill("#password", "not this one")
    page.keyboard.press("Enter")
    page.get_by_text("The name or the password is wrong.").wait_for()
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".store")
    page.click("#sign-out")
    page.wait_for_selector("#sign-in-form")
    assert not page.locator(".store").first.is_visible()


def test_a_lost_line_is_said_and_found_again(shown: Shown, visitor: Callable[..., "Page"]) -> None:
    page = visitor()
    sign_in(page, shown)
    page.wait_for_selector(".store")
    page.route("**/api/events", lambda route: route.abort())
    page.reload()
    page.wait_for_selector("#signed-in:not([hidden])")
    page.locator("#fresh", has_text="Connecting").wait_for()
    page.unroute("**/api/events")
    page.locator("#fresh", has_text=re.compile("^Live$")).wait_for()
    page.wait_for_selector(".store")
