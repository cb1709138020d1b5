"""The work of the floor on the handheld, in a real browser against the real gateway."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from models.messages.facts import Fact, ItemMoved, ItemPlaced, ItemTaken, ShelfReader
from models.messages.goods import PlanogramChanged

pytestmark = pytest.mark.browser
Visitor = Callable[..., Page]
Floor = Any

TEA, KETTLE = "06901234567892", "00614141123452"
EPC = "3034257BF40B2E4000001A85"


def epc(number: int) -> str:
    return f"{EPC[:-2]}{number:02X}"


def plan(floor: Floor, gtin: str, shelf: str, capacity: int, low: int) -> None:
    """A product belongs on a shelf."""
    now = floor.desk.clock.now_ms()
    floor.fold(PlanogramChanged(t_ms=now, gtin=gtin, shelf=shelf, facings=2, capacity=capacity, low=low), node="hq")


def stand(floor: Floor, place: str, numbers: range) -> None:
    """Kettles with tags stand in a place that a reader watches."""
    now = floor.desk.clock.now_ms()
    facts: list[Fact] = [ShelfReader(t_ms=now, shelf=place, state="reading")]
    facts += [ItemPlaced(t_ms=now, epc=epc(n), shelf=place, p=0.97, gtin=KETTLE, serial=str(n)) for n in numbers]
    floor.fold(*facts)


@pytest.fixture
def handheld(floor: Floor, visitor: Visitor) -> Page:
    """A phone on which the manager has just signed in; three kettles stand on C3."""
    page = visitor()
    floor.sign_in(page)
    expect(page.locator("#state")).to_have_text("Live")
    return page


def work(page: Page) -> Any:  # noqa: ANN401 - a locator
    """Open the list of tasks; gives the cards."""
    page.get_by_role("link", name=re.compile("^Work")).click()
    return page.locator(".task")


def test_a_claimed_refill_fills_before_the_clerks_eyes_until_the_shelf_sees_it(handheld: Page, floor: Floor) -> None:
    stand(floor, "backroom", range(0x20, 0x24))
    plan(floor, KETTLE, "C3", 8, 3)
    expect(handheld.locator(".tab .badge")).to_have_text("1")
    card = work(handheld)
    expect(card.locator(".wanted b")).to_have_text("4")
    expect(card.get_by_role("img")).to_have_accessible_name("3 of 8 stand here")
    card.get_by_role("button", name="I will do it").focus()
    handheld.keyboard.press("Enter")
    expect(card).to_contain_text("yours for 29 min more")
    expect(card.get_by_role("button", name="Done")).to_be_focused()
    handheld.keyboard.press("Enter")
    expect(handheld.locator(".toast.bad")).to_contain_text("The shelf sees 0 of 4")
    now = floor.desk.clock.now_ms()
    moved = [ItemMoved(t_ms=now, epc=epc(n), shelf="C3", from_shelf="backroom", p=0.97, gtin=KETTLE)
             for n in range(0x20, 0x24)]  # fmt: skip
    floor.fold(moved[0])
    expect(card.get_by_role("img")).to_have_accessible_name("4 of 8 stand here")
    floor.fold(*moved[1:])
    expect(handheld.locator(".toast.good")).to_contain_text("Done, the shelf sees them: Electric kettle")
    expect(card).to_have_count(0)


def test_who_claims_too_late_is_told_who_has_it(handheld: Page, floor: Floor, visitor: Visitor) -> None:
    stand(floor, "backroom", range(0x20, 0x24))
    plan(floor, KETTLE, "C3", 8, 3)
    card = work(handheld)
    expect(card).to_have_count(1)
    before = handheld.request.get(f"{floor.url}/api/tasks").text()
    other = visitor()
    floor.sign_in(other, who="Clerk B", path="/handheld#work")
    handheld.route("**/api/tasks?state=open", lambda route: route.fulfill(body=before))
    other.get_by_role("button", name="I will do it").click()
    expect(other.locator(".task.mine")).to_have_count(1)
    card.get_by_role("button", name="I will do it").click()
    expect(handheld.locator(".toast.bad")).to_contain_text("Clerk B has this task")
    handheld.unroute("**/api/tasks?state=open")
    handheld.get_by_role("link", name="Open").click()
    handheld.get_by_role("link", name=re.compile("^Work")).click()
    expect(card).to_contain_text("Clerk B has it")
    expect(card.get_by_role("button", name="I will do it")).to_have_count(0)


def test_what_is_mine_is_finished_without_network_and_told_when_it_is_back(handheld: Page, floor: Floor) -> None:
    plan(floor, TEA, "B2", 20, 8)
    card = work(handheld)
    card.get_by_role("button", name="I will do it").click()
    expect(card.get_by_role("button", name="Give back")).to_be_visible()
    handheld.get_by_role("link", name="Mine").click()
    expect(card).to_have_count(1)
    handheld.context.set_offline(True)
    expect(handheld.locator("#banner")).to_contain_text("Offline")
    card.get_by_role("button", name="Done").click()
    handheld.get_by_role("spinbutton", name="How many did you bring?").fill("5")
    handheld.locator("dialog").get_by_role("button", name="Done").click()
    expect(card).to_contain_text("waits for the network")
    expect(handheld.locator("#banner")).to_contain_text("1 to send")
    handheld.context.set_offline(False)
    expect(handheld.locator("#banner")).to_be_hidden()
    expect(card).to_have_count(0)
    handheld.get_by_role("link", name="Done").click()
    expect(card).to_contain_text("Green tea, loose, 100 g")
    assert places_of(handheld, floor, TEA) == {"B2": 11, "backroom": 7}
    card.get_by_role("button", name="Undo").click()
    expect(card).to_have_count(0)
    assert places_of(handheld, floor, TEA) == {"B2": 6, "backroom": 12}


def test_a_piece_in_the_wrong_place_has_a_picture_of_where_it_belongs(handheld: Page, floor: Floor) -> None:
    plan(floor, KETTLE, "C3", 8, 1)
    stand(floor, "B2", range(0x31, 0x32))
    card = work(handheld)
    expect(card.locator(".from-to")).to_contain_text(re.compile(r"Shelf B2.*Shelf C3", re.DOTALL))
    card.get_by_text("Which pieces").click()
    card.get_by_role("link", name=epc(0x31)).click()
    expect(handheld.locator(".state-word")).to_have_text("In the wrong place")
    expect(handheld.locator(".next")).to_contain_text("Take it from shelf B2 back to shelf C3.")
    handheld.get_by_text("Why do you think so?").click()
    expect(handheld.locator(".steps")).to_contain_text("Shelf B2 saw it, where it does not belong")
    handheld.get_by_role("link", name="All pieces of this product").click()
    row = handheld.locator(".belongs-row")
    expect(row.get_by_role("img")).to_have_accessible_name("3 of 8 stand here")
    expect(handheld.locator(".wrong-pieces")).to_contain_text("1 piece stands in the wrong place")


def test_a_place_is_counted_blind_and_a_difference_is_shown_and_taken_back(handheld: Page, floor: Floor) -> None:
    work(handheld)
    handheld.get_by_role("button", name="Count a shelf").click()
    handheld.locator("dialog").get_by_role("button", name="Shelf B2").click()
    expect(handheld.locator(".counting h2")).to_have_text("Green tea, loose, 100 g")
    assert "6" not in handheld.locator(".counting-what").inner_text()
    handheld.keyboard.type("4")
    handheld.get_by_role("button", name="Save and go on").click()
    expect(handheld.locator(".counting h1")).to_have_text("Counted")
    expect(handheld.locator(".counted-row")).to_contain_text("2 fewer than the books")
    assert places_of(handheld, floor, TEA)["B2"] == 4
    handheld.get_by_role("button", name="Undo").click()
    expect(handheld.locator(".counting h2")).to_have_text("Green tea, loose, 100 g")
    assert places_of(handheld, floor, TEA)["B2"] == 6


def test_a_shelf_that_is_swept_is_told_on_every_page_and_what_was_stolen_can_be_found(
    handheld: Page, floor: Floor
) -> None:
    stand(floor, "C3", range(0x40, 0x48))
    now = floor.desk.clock.now_ms()
    floor.fold(*(ItemTaken(t_ms=now + n, epc=epc(n), shelf="C3", p=0.97, gtin=KETTLE) for n in range(0x40, 0x48)))
    bar = handheld.locator("#alarm")
    expect(bar).to_contain_text(re.compile(r"Many taken at once · \d\d:\d\d"))
    expect(bar).to_contain_text("Shelf C3 · 8× Electric kettle")
    handheld.get_by_role("link", name="Members").click()
    bar.click()
    pieces = handheld.locator(".piece")
    expect(pieces).to_have_count(8)
    handheld.get_by_role("button", name="It was stolen").click()
    expect(pieces.first).to_contain_text("Missing")
    handheld.locator(".toast").get_by_role("button", name="Undo").click()
    expect(pieces.first).to_contain_text("Picked up")
    handheld.get_by_role("button", name="It was stolen").click()
    expect(pieces.first).to_contain_text("Missing")
    pieces.first.click()
    handheld.get_by_role("button", name="I have found it").click()
    handheld.locator("dialog").get_by_role("button", name="Shelf C3").click()
    expect(handheld.locator(".state-word")).to_have_text("On the shelf")
    handheld.get_by_text("Why do you think so?").click()
    expect(handheld.locator(".steps li").first).to_contain_text("by Clerk A")


def places_of(page: Page, floor: Floor, gtin: str) -> dict[str, int]:
    """What the gateway's books say of a product, place by place."""
    product = page.request.get(f"{floor.url}/api/stock/{gtin}").json()
    return {place["place"]: place["quantity"] for place in product["places"]}
