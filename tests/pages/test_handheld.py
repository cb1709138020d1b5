"""The handheld in a real browser, against the real gateway."""

import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from models.codes.epc import encode_sgtin96
from models.codes.gtin import check_digit
from models.messages.facts import CodeScanned, ItemPlaced, ProductChanged, StockCounted

pytestmark = pytest.mark.browser
Visitor = Callable[..., Page]
Floor = Any

TEA, KETTLE = "06901234567892", "00614141123452"
EPC = "3034257BF40B2E4000001A85"
EVIL = "<img src=x onerror=\"document.title='owned'\">"


@pytest.fixture
def handheld(floor: Floor, visitor: Visitor) -> Page:
    """A phone on which the manager has just signed in."""
    page = visitor()
    floor.sign_in(page)
    expect(page.locator("#state")).to_have_text("Live")
    return page


def look_up(page: Page, text: str) -> None:
    """Type as a scanner does, wherever the focus is, without Enter; Chinese comes from an input method."""
    page.locator("#q").fill("" if text.isascii() else text)
    if text.isascii():
        page.locator("#view").click(position={"x": 5, "y": 5})
        page.keyboard.type(text)


def kept(page: Page) -> None:
    """Wait until the device has kept its snapshot."""
    page.get_by_role("link", name="Me", exact=True).click()
    expect(page.locator("#view")).to_contain_text("4 products")
    page.get_by_role("link", name="Find").click()


def test_a_clerk_enrols_by_link_signs_in_with_a_pin_and_out_again(floor: Floor, visitor: Visitor) -> None:
    page = visitor()
    link, pin = floor.enrolment()
    page.goto(floor.url + link)
    page.get_by_role("button", name="Set up").click()
    page.get_by_role("button", name="Clerk A").click()
    assert "enrol=" not in page.url
    page.keyboard.type("0000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not the PIN")
    for digit in pin:
        page.locator(".pad").get_by_role("button", name=digit, exact=True).click()
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Me", exact=True).click()
    expect(page.locator("#view h1")).to_have_text("Clerk A")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator(".sign-in h1")).to_have_text("Who are you?")


def test_part_of_a_chinese_name_finds_the_product_and_where_it_is(handheld: Page) -> None:
    look_up(handheld, "龙井")
    card = handheld.locator(".found")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("Green tea, loose, 100 g")
    expect(card.locator(".total b")).to_have_text("18")
    card.click()
    shelf = handheld.locator("[data-place='B2']")
    expect(shelf).to_contain_text("Shelf B2")
    expect(shelf).to_contain_text(re.compile(r"Sure · counted 1\d min ago"))
    expect(shelf.locator(".quantity")).to_have_text("6")
    expect(handheld.locator("[data-place='backroom']")).to_contain_text("Back room")
    expect(handheld.locator(".product")).to_contain_text("Harbour")


def test_a_scanner_that_types_a_number_and_enter_opens_the_product(handheld: Page) -> None:
    handheld.get_by_role("link", name="Find").click()
    look_up(handheld, "4006381333931")
    handheld.keyboard.press("Enter")
    expect(handheld.locator(".product h1")).to_have_text("Whole milk 1 l")


def test_an_epc_shows_one_item_and_what_happened_to_it(handheld: Page) -> None:
    look_up(handheld, EPC)
    handheld.keyboard.press("Enter")
    expect(handheld.locator(".state-word")).to_have_text("On the shelf")
    handheld.get_by_text("Why do you think so?").click()
    expect(handheld.locator(".steps")).to_contain_text("Shelf C3 saw it")
    handheld.locator(f"a[href='#product/{KETTLE}']").click()
    expect(handheld.locator("[data-place='C3']")).to_contain_text("Sure")


def test_what_a_shelf_sees_appears_without_asking_again(handheld: Page, floor: Floor) -> None:
    look_up(handheld, "kettle")
    pieces = handheld.get_by_role("link", name="Electric kettle").locator(".total b")
    expect(pieces).to_have_text("3")
    now = floor.desk.clock.now_ms()
    floor.fold(ItemPlaced(t_ms=now, epc=EPC[:-2] + "99", shelf="C3", p=0.97, gtin=KETTLE, serial="153"))
    expect(pieces).to_have_text("4")


def test_a_correction_is_counted_once_and_can_be_taken_back(handheld: Page) -> None:
    look_up(handheld, TEA)
    handheld.keyboard.press("Enter")
    handheld.locator("[data-place='B2']").get_by_role("button", name="Count").click()
    handheld.get_by_role("button", name="One more").click()
    handheld.get_by_role("button", name="Save").click()
    expect(handheld.locator(".hand b")).to_have_text("19")
    handheld.locator(".toast").get_by_role("button", name="Undo").click()
    expect(handheld.locator(".hand b")).to_have_text("18")


def test_without_network_the_look_up_goes_on_and_counts_are_sent_later(handheld: Page, floor: Floor) -> None:
    kept(handheld)
    handheld.context.set_offline(True)
    expect(handheld.locator("#banner")).to_contain_text(re.compile(r"Offline – as of \d\d:\d\d"))
    look_up(handheld, "绿茶")
    expect(handheld.locator(".found .total b")).to_have_text("18")
    handheld.locator(".found").click()
    handheld.locator("[data-place='B2']").get_by_role("button", name="Count").click()
    handheld.locator(".count-number").fill("2")
    handheld.get_by_role("button", name="Save").click()
    expect(handheld.locator("#banner")).to_contain_text("1 to send")
    expect(handheld.locator(".hand b")).to_have_text("14")
    assert stock_of(floor, TEA) == 18
    handheld.context.set_offline(False)
    expect(handheld.locator("#banner")).to_be_hidden()
    expect(handheld.locator(".hand b")).to_have_text("14")
    assert stock_of(floor, TEA) == 14


def test_nobody_signs_out_while_their_counts_wait(handheld: Page) -> None:
    handheld.context.set_offline(True)
    handheld.get_by_role("link", name="Me", exact=True).click()
    handheld.get_by_role("button", name="Sign out").click()
    expect(handheld.locator(".toast.bad")).to_contain_text("needs the network")
    expect(handheld.locator("#view h1")).to_have_text("Clerk A")


def test_a_device_that_the_manager_removed_keeps_nothing(handheld: Page, floor: Floor) -> None:
    kept(handheld)
    floor.desk.writer.run(lambda connection: connection.execute("DELETE FROM devices"))
    look_up(handheld, "tea")
    expect(handheld.locator(".sign-in h1")).to_have_text("Set up this device")
    handheld.wait_for_timeout(200)
    handheld.context.set_offline(True)
    handheld.reload()
    expect(handheld.locator("#view")).to_contain_text("No connection")


def test_the_page_opens_without_network_and_knows_who_was_here(handheld: Page) -> None:
    kept(handheld)
    handheld.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    handheld.context.set_offline(True)
    handheld.reload()
    look_up(handheld, "milk")
    expect(handheld.locator(".found")).to_contain_text("Whole milk")
    expect(handheld.locator("#banner")).to_contain_text("Offline – as of")


def test_the_device_itself_knows_the_product_of_a_tag_as_the_gateway_does(handheld: Page) -> None:
    draw = random.Random(3)
    tags = {}
    for _ in range(60):
        digits = draw.randrange(6, 13)
        body = f"{draw.randrange(10**13):013d}"
        gtin = body + str(check_digit(body))
        tags[encode_sgtin96(gtin, draw.randrange(2**38), company_prefix_digits=digits)] = gtin
    found = handheld.evaluate(
        "tags => import('/static/handheld/snapshot.js').then(({gtinOfEpc}) => tags.map(gtinOfEpc))", list(tags)
    )
    assert found == list(tags.values())
    junk = ["", "30", "31" * 12, "3" * 25, next(iter(tags))[:-1]]
    assert handheld.evaluate(
        "tags => import('/static/handheld/snapshot.js').then(({gtinOfEpc}) => tags.map(gtinOfEpc))", junk
    ) == [None] * len(junk)


def test_after_the_gateway_restarts_the_handheld_is_live_again_by_itself(
    handheld: Page, floor: Floor, open_floor: Callable[..., Floor]
) -> None:
    floor.served.stop()
    expect(handheld.locator("#state")).to_have_text("Offline")
    again = open_floor(port=floor.served.port)
    expect(handheld.locator("#state")).to_have_text("Live", timeout=12_000)
    look_up(handheld, "tea")
    expect(handheld.locator(".total b")).to_have_text("18")
    again.fold(StockCounted(t_ms=again.desk.clock.now_ms(), gtin=TEA, place="B2", quantity=1, by="c-1"))
    expect(handheld.locator(".total b")).to_have_text("13")


def test_what_somebody_types_stays_when_news_draw_the_view_anew(handheld: Page, floor: Floor) -> None:
    handheld.get_by_role("link", name="Me", exact=True).click()
    field = handheld.get_by_label(re.compile("fixed scanner"))
    field.fill("scanner-1")
    handheld.evaluate("dispatchEvent(new Event('hashchange'))")  # the same view again, as news bring it
    handheld.wait_for_timeout(500)
    expect(field).to_have_value("scanner-1")


def test_what_a_fixed_scanner_reads_appears_as_a_basket(handheld: Page, floor: Floor) -> None:
    handheld.get_by_role("link", name="Me", exact=True).click()
    handheld.get_by_label(re.compile("fixed scanner")).fill("scanner-1")
    handheld.get_by_role("button", name="Show the basket").click()
    expect(handheld.locator("#view")).to_contain_text("Nothing stands before this scanner.")
    now = floor.desk.clock.now_ms()
    floor.fold(CodeScanned(t_ms=now, device="scanner-1", symbology="EAN-13", text="6901234567892", gtin=TEA))
    expect(handheld.locator(".product .rows")).to_contain_text("Green tea, loose, 100 g")
    expect(handheld.locator(".state-word")).to_have_text("€8.49")


def test_a_product_name_that_looks_like_html_stays_text(handheld: Page, floor: Floor) -> None:
    now = floor.desk.clock.now_ms()
    floor.fold(ProductChanged(t_ms=now, gtin=TEA, name_en=EVIL, name_zh=EVIL[::-1], category=EVIL), node="hq")
    look_up(handheld, TEA)
    expect(handheld.locator(".found")).to_have_count(1)
    expect(handheld.locator(".found .first")).to_have_text(EVIL)
    handheld.keyboard.press("Enter")
    expect(handheld.locator(".product h1")).to_have_text(EVIL)
    assert handheld.locator("#view img").count() == 0
    assert handheld.title() == "Aisle"


def test_a_member_is_registered_found_by_phone_and_has_a_code(handheld: Page) -> None:
    handheld.get_by_role("link", name="Members").click()
    handheld.get_by_text("Register a member").click()
    handheld.get_by_label("Name", exact=True).fill("会员乙")
    handheld.get_by_label("Phone", exact=True).fill("+49 171 5550123")
    handheld.get_by_role("button", name="Register").click()
    expect(handheld.locator(".member h2")).to_have_text("会员乙")
    handheld.reload()
    handheld.get_by_label("Phone number or member code").fill("0171 5550123")
    handheld.get_by_role("button", name="Find").click()
    expect(handheld.locator(".member h2")).to_have_text("会员乙")
    expect(handheld.locator(".member .qr")).to_be_visible()
    assert "5550123" not in handheld.locator(".member").inner_text().replace(" ", "")


def test_the_language_is_the_browsers_then_the_persons_and_is_remembered(handheld: Page) -> None:
    look_up(handheld, "tea")
    handheld.get_by_role("button", name="切换到中文").click()
    expect(handheld.locator(".found .first")).to_have_text("龙井绿茶 100 克")
    handheld.reload()
    expect(handheld.locator("#tabs")).to_contain_text("会员")
    assert handheld.locator("html").get_attribute("lang") == "zh-CN"


def test_everything_that_is_pressed_is_large_enough_for_a_thumb(handheld: Page) -> None:
    look_up(handheld, TEA)
    handheld.keyboard.press("Enter")
    for view, there in ((f"product/{TEA}", ".product"), (f"item/{EPC}", ".why"), ("counting/B2", ".pad"),
                        ("work", ".filters"), ("goods", ".goods"), ("alarms", ".alarms")):  # fmt: skip
        handheld.evaluate("view => { location.hash = view; }", view)
        handheld.locator(there).wait_for()
        small = handheld.evaluate(
            """() => [...document.querySelectorAll('button, a, input, summary')]
              .map((node) => [node, node.getBoundingClientRect()])
              .filter(([, box]) => box.width && (box.height < 48 || box.width < 44))
              .map(([node]) => node.outerHTML)"""
        )
        assert small == [], view


def stock_of(floor: Floor, gtin: str) -> int:
    """What the gateway's books say, both places together."""
    with floor.desk.reading() as connection:
        row = connection.execute("SELECT sum(quantity) FROM counted WHERE gtin = ?", (gtin,)).fetchone()
    return int(row[0])
