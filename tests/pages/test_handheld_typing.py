"""Somebody types into the handheld on a slow device while its view is drawn anew with every key."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Visitor = Callable[..., Page]
Floor = Any

NEWS_WITH_EVERY_KEY = """async () => {
  const { note } = await import("/static/handheld/network.js");
  let is = true;
  for (const name of ["keydown", "keyup"]) addEventListener(name, () => note((is = !is)));
}"""
"""The network comes and goes at each key: the view is drawn again, as after any news."""


@pytest.fixture
def handheld(floor: Floor, visitor: Visitor) -> Page:
    """A slow phone whose view is drawn anew all the time."""
    page = visitor()
    floor.sign_in(page)
    expect(page.locator("#state")).to_have_text("Live")
    page.evaluate(NEWS_WITH_EVERY_KEY)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    return page


def drawn_again(page: Page, selector: str) -> None:
    """Mark what stands there, so that ``test`` sees that it has gone."""
    page.locator(selector).evaluate("node => { node.dataset.first = ''; }")


@pytest.mark.parametrize(("tab", "field"), [("Me", "form input"), ("Members", "#member-by")])
def test_no_key_is_lost_while_the_view_is_drawn_anew_with_every_key(handheld: Page, tab: str, field: str) -> None:
    handheld.get_by_role("link", name=tab, exact=True).click()
    wanted = handheld.locator("#view").locator(field).first
    wanted.focus()
    text = "abcdef-0123456789"
    drawn_again(handheld, f"#view {field} >> nth=0")
    handheld.keyboard.type(text)
    expect(wanted).to_have_value(text)
    expect(wanted).to_be_focused()
    assert wanted.get_attribute("data-first") is None


def test_the_caret_stays_where_somebody_put_it(handheld: Page) -> None:
    handheld.get_by_role("link", name="Me", exact=True).click()
    field = handheld.locator("#view form input")
    field.focus()
    handheld.keyboard.type("till-7")
    for _ in range(2):
        handheld.keyboard.press("ArrowLeft")
    handheld.keyboard.type("-east")
    expect(field).to_have_value("till-east-7")


def test_a_word_of_an_input_method_is_not_cut_off_by_news(handheld: Page) -> None:
    handheld.get_by_role("link", name="Members").click()
    handheld.get_by_text("Register a member").click()
    name = handheld.get_by_label("Name", exact=True)
    name.focus()
    typing = handheld.context.new_cdp_session(handheld)
    for text in ("h", "hu", "hui"):
        typing.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
        handheld.evaluate("import('/static/handheld/network.js').then(({ note }) => { note(false); note(true); })")
    typing.send("Input.insertText", {"text": "会员"})
    expect(name).to_have_value("会员")
