"""Receiving a delivery on the handheld, in a real browser against the real gateway."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from models.messages.goods import DeliveryExpected, DeliveryLine, LogisticUnit

pytestmark = pytest.mark.browser
Visitor = Callable[..., Page]
Floor = Any

MILK, TEA, SOAP = "04006381333931", "06901234567892", "05000112637922"
SSCC = "340123450000000017"


@pytest.fixture
def handheld(floor: Floor, visitor: Visitor) -> Page:
    """A phone on which the manager has signed in, before a delivery of a carton of tea and loose milk."""
    now = floor.desk.clock.now_ms()
    carton = LogisticUnit(sscc=SSCC, lines=(DeliveryLine(gtin=TEA, quantity=12),))
    loose = LogisticUnit(lines=(DeliveryLine(gtin=MILK, quantity=3),))
    floor.fold(
        DeliveryExpected(
            t_ms=now, delivery="asn-1", supplier="Valley Dairy", due_ms=now + 7_000_000, units=(carton, loose)
        ),
        node="hq",
    )
    page = visitor()
    floor.sign_in(page)
    expect(page.locator("#state")).to_have_text("Live")
    page.get_by_role("link", name="Goods in").click()
    page.get_by_role("link", name="Valley Dairy").click()
    return page


def scan(page: Page, code: str) -> None:
    """As a scanner types: digits, wherever the focus is, and Enter."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def test_a_delivery_is_scanned_in_closed_with_what_differs_and_opened_again(handheld: Page, floor: Floor) -> None:
    handheld.get_by_role("button", name="Start receiving").click()
    last = handheld.locator(".last-scan")
    expect(last).to_contain_text("Nothing scanned yet")
    scan(handheld, f"00{SSCC}")
    expect(last).to_contain_text("Carton is here")
    expect(handheld.locator(".tally")).to_contain_text("Cartons 1 of 1")
    scan(handheld, MILK[1:])
    expect(last).to_contain_text("Pieces 1 of 3")
    last.get_by_role("button", name="One more").click()
    expect(last).to_contain_text("Pieces 2 of 3")
    scan(handheld, SOAP[1:])
    expect(last).to_contain_text("Not expected in this delivery")
    last.get_by_role("button", name="Undo").click()
    expect(handheld.locator(".unexpected")).to_have_count(0)
    expect(handheld.locator(f"[data-gtin='{MILK}']")).to_contain_text("1 to come")
    handheld.get_by_role("button", name="Finish").click()
    expect(handheld.locator("dialog .summary-rows")).to_contain_text(re.compile("Whole milk 1 l.*1 short", re.DOTALL))
    handheld.get_by_role("button", name="Close the delivery").click()
    expect(handheld.locator(".delivery-head")).to_contain_text("Received")
    assert backroom(handheld, floor, TEA) == 24
    handheld.locator(".toast").get_by_role("button", name="Undo").click()
    expect(handheld.locator(".delivery-head")).to_contain_text("Being received")
    assert backroom(handheld, floor, TEA) == 12


def test_what_is_scanned_without_network_waits_and_counts_once(handheld: Page) -> None:
    handheld.get_by_role("button", name="Start receiving").click()
    expect(handheld.locator(".last-scan")).to_be_visible()
    handheld.context.set_offline(True)
    expect(handheld.locator("#banner")).to_contain_text("Offline")
    for _ in range(2):
        scan(handheld, MILK[1:])
        expect(handheld.locator(".last-scan")).to_contain_text("Sent when the network is back")
    expect(handheld.locator(".delivery")).to_contain_text("2 scans wait for the network")
    handheld.context.set_offline(False)
    expect(handheld.locator(f"[data-gtin='{MILK}'] .quantity")).to_have_text("2/3")
    expect(handheld.locator("#banner")).to_be_hidden()


def backroom(page: Page, floor: Floor, gtin: str) -> int:
    """What the gateway's books say lies in the back room."""
    product = page.request.get(f"{floor.url}/api/stock/{gtin}").json()
    return next(int(place["quantity"]) for place in product["places"] if place["kind"] == "backroom")
