"""The shopper's phone says where they stand in line, in a real browser against the real gateway."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from models.messages.facts import SaleCompleted, SaleLine

pytestmark = pytest.mark.browser
Visitor = Callable[..., Page]
Floor = Any

MILK = "04006381333931"


def shop_with_milk(floor: Floor, page: Page) -> None:
    page.goto(f"{floor.url}/shop")
    expect(page.locator("#total")).to_be_visible()
    page.locator("#code").fill("4006381333931")
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-gtin='{MILK}']")).to_contain_text("1×")


def test_a_shopper_says_where_they_stand_goes_on_shopping_and_pays(floor: Floor, visitor: Visitor) -> None:
    floor.put_samples()
    page = visitor()
    page.goto(f"{floor.url}/shop")
    expect(page.get_by_role("button", name="I am in line to pay")).to_have_count(0)
    shop_with_milk(floor, page)
    page.get_by_role("button", name="I am in line to pay").click()
    lanes = page.get_by_role("group", name="At which checkout?")
    expect(lanes.get_by_role("button")).to_have_count(5)
    expect(lanes.locator("button", has=page.get_by_text("3", exact=True))).to_contain_text("3–8 min")
    lanes.locator("button", has=page.get_by_text("2", exact=True)).click()
    expect(page.locator("#line")).to_contain_text("In line at 2")
    page.reload()
    expect(page.locator("#line")).to_contain_text("In line at 2")
    page.get_by_role("button", name="Not any more").click()
    page.get_by_role("button", name="I am in line to pay").click()
    lanes.locator("button", has=page.get_by_text("2", exact=True)).click()
    expect(page.locator("#line")).to_contain_text("In line at 2")

    line = SaleLine(gtin=MILK, quantity=1, price_minor=129)
    floor.fold(
        SaleCompleted(
            t_ms=floor.desk.clock.now_ms(), sale="s-1", till="till-2", lane="2", lines=(line,), total_minor=129,
            currency="EUR",
        )
    )  # fmt: skip
    expect(page.locator(".toast")).to_contain_text("Paid. Thank you!")
    expect(page.locator("#total")).to_have_text("€0.00")
    expect(page.locator(".line")).to_have_count(0)


def test_where_no_checkout_is_known_it_says_so_in_chinese_and_nothing_overflows(
    floor: Floor, visitor: Visitor
) -> None:
    page = visitor(language="zh-CN")
    shop_with_milk(floor, page)
    page.get_by_role("button", name="我在排队付款").click()
    expect(page.locator("#line")).to_contain_text("目前没有可用的收银台信息")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="返回").click()
    expect(page.get_by_role("button", name="我在排队付款")).to_be_visible()
