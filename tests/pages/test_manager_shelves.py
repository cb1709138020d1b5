"""The wall of shelves and its plan in a real browser, against the real gateway."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from models.messages.facts import ItemMoved, ItemTaken, ProductChanged, ShelfReader

pytestmark = pytest.mark.browser
Floor = Any

MILK, TEA, SOAP, KETTLE = "04006381333931", "06901234567892", "05000112637922", "00614141123452"
EVIL = "<script>document.title='owned'</script>"


def plan(manager: Page, floor: Floor, shelf: str, gtin: str, **slot: int) -> None:
    """Put a product on the plan, as the page does."""
    body = {"facings": 2, "capacity": 6, "low": 2} | slot
    answer = manager.request.put(f"{floor.url}/api/planogram/{shelf}/{gtin}", data=body)
    assert answer.ok, answer.text()


def planned(manager: Page, floor: Floor) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Shelf and product → facings, capacity, low, as the gateway has them."""
    shelves = manager.request.get(f"{floor.url}/api/planogram").json()["shelves"]
    return {
        (one["shelf"], slot["gtin"]): (slot["facings"], slot["capacity"], slot["low"])
        for one in shelves
        for slot in one["products"]
    }


def tile(page: Page, shelf: str) -> Locator:
    return page.locator(f".tile[data-shelf='{shelf}']")


def test_the_wall_says_what_stands_where_and_follows_the_shelves(manager: Page, floor: Floor) -> None:
    plan(manager, floor, "C3", KETTLE)
    plan(manager, floor, "D4", SOAP)
    now = floor.desk.clock.now_ms()
    floor.fold(ShelfReader(t_ms=now - 60_000, shelf="D4", state="reading"))
    manager.keyboard.press("2")
    expect(tile(manager, "C3")).to_contain_text("In order")
    expect(tile(manager, "C3").locator(".tile-count")).to_have_text("3/6")
    expect(tile(manager, "C3").locator(".tile-foot")).to_contain_text(re.compile(r"Reading.*(just now|ago)"))
    kettles = [item["epc"] for item in manager.request.get(f"{floor.url}/api/shelves/C3").json()["items"]]
    tile(manager, "C3").focus()
    # One is picked up, two stand where soap belongs: the tiles follow without being asked.
    floor.fold(ItemTaken(t_ms=now, epc=kettles[0], shelf="C3", p=0.97, gtin=KETTLE))
    floor.fold(*(
        ItemMoved(t_ms=now, epc=epc, from_shelf="C3", shelf="D4", p=0.96, gtin=KETTLE) for epc in kettles[1:]
    ))  # fmt: skip
    expect(tile(manager, "C3")).to_contain_text("1 empty")
    expect(tile(manager, "C3")).to_be_focused()
    expect(tile(manager, "D4")).to_contain_text("2 misplaced")
    expect(tile(manager, "D4").locator(".guest.misplaced")).to_have_count(1)
    manager.get_by_role("button", name=re.compile("Needs work")).click()
    manager.get_by_role("searchbox", name="Shelf or product").fill("kettle d4")
    expect(manager.locator(".tile")).to_have_count(1)
    tile(manager, "D4").click()
    product = manager.locator(".product", has_text="Wrong place")
    product.locator("summary").click()
    product.locator(".piece").first.click()
    why = manager.locator("dialog .steps li")
    expect(why.first).to_contain_text("stands on the wrong shelf D4")
    expect(why.first).to_contain_text("96 %")


def test_a_shelf_that_nobody_reads_is_unknown_and_not_empty_and_names_stay_text(manager: Page, floor: Floor) -> None:
    plan(manager, floor, "C3", KETTLE)
    now = floor.desk.clock.now_ms()
    floor.fold(ProductChanged(t_ms=now, gtin=KETTLE, name_en=EVIL, name_zh="", category=""), node="hq")
    manager.goto(f"{floor.url}/manager?lang=zh#shelves")
    expect(tile(manager, "C3")).to_contain_text("正常")
    floor.fold(ShelfReader(t_ms=floor.desk.clock.now_ms(), shelf="C3", state="disconnected"))
    expect(tile(manager, "C3")).to_contain_text("未知")
    expect(tile(manager, "C3")).to_contain_text("请检查电源和网线")
    expect(tile(manager, "C3").locator(".slot.is-unknown")).to_have_count(1)
    expect(tile(manager, "C3").locator(".slot.is-empty")).to_have_count(0)
    manager.get_by_role("button", name=re.compile("未读取")).click()
    expect(manager.locator(".tile:not(.back-room)")).to_have_count(1)
    tile(manager, "C3").click()
    expect(manager.locator(".product b.name")).to_have_text(EVIL)
    assert manager.title() == "Aisle"


def test_the_wall_alone_fills_a_screen_and_grows_older_while_nobody_answers(manager: Page, floor: Floor) -> None:
    now = floor.desk.clock.now_ms()
    for number in range(20):
        floor.fold(ShelfReader(t_ms=now, shelf=f"E{number + 1}", state="reading"))
    manager.clock.install()
    manager.reload()
    manager.locator(".verdict").wait_for()
    manager.set_viewport_size({"width": 1920, "height": 1080})
    manager.keyboard.press("f")
    expect(manager.locator(".tile")).to_have_count(23)
    expect(manager.locator(".bar")).to_be_hidden()
    last = manager.locator(".tile").last.bounding_box()
    assert last is not None
    assert last["y"] + last["height"] <= 1080
    assert manager.evaluate("document.documentElement.scrollHeight") <= 1080
    age = tile(manager, "C3").locator(".age")
    expect(age).to_contain_text(re.compile("just now|ago"))
    manager.context.set_offline(offline=True)
    manager.clock.fast_forward("12:00")
    expect(age).to_have_text(re.compile(r"^1[23] min ago$"))
    expect(manager.locator("#fresh")).to_contain_text("Connection lost")
    manager.keyboard.press("Escape")
    expect(manager.locator(".bar")).to_be_visible()
    manager.set_viewport_size({"width": 390, "height": 844})
    assert manager.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_plan_of_a_shelf_is_changed_step_by_step_and_back(manager: Page, floor: Floor) -> None:
    manager.goto(f"{floor.url}/manager#shelves/A1/plan")
    manager.get_by_role("searchbox", name="Name or number").fill("milk")
    manager.get_by_role("button", name=re.compile("Whole milk")).click()
    row = manager.locator(f".slot-row[data-gtin='{MILK}']")
    row.get_by_role("button", name=re.compile("More: Facings")).click()
    row.get_by_role("textbox", name=re.compile("Low at")).fill("12")
    # A full shelf is not low: the room grows with it, before anybody has to be told.
    expect(row.get_by_role("textbox", name=re.compile("Room for"))).to_have_value("13")
    expect(manager.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert planned(manager, floor) == {("A1", MILK): (2, 13, 12)}
    row.get_by_role("button", name=re.compile("Take Whole milk")).click()
    expect(manager.locator(".slots")).to_contain_text("Nothing is planned")
    manager.locator(".toast").get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    assert planned(manager, floor) == {("A1", MILK): (2, 13, 12)}


def test_a_plan_comes_from_a_file_or_from_what_stands_and_goes_back_at_once(manager: Page, floor: Floor) -> None:
    manager.goto(f"{floor.url}/manager#plan")
    text = f"shelf,gtin,facings,capacity,low\r\nA1,{MILK},2,12,3\r\nB2,{TEA},many,9,2\r\nB2,{SOAP},1,8,2\r\n"
    with manager.expect_file_chooser() as chooser:
        manager.get_by_role("button", name="Take in a CSV").click()
    chooser.value.set_files({"name": "plan.csv", "mimeType": "text/csv", "buffer": text.encode()})
    expect(manager.locator("#view-shelves")).to_contain_text("2 lines taken over")
    expect(manager.locator(".refused tbody tr")).to_have_text(re.compile("3.*facings"))
    assert set(planned(manager, floor)) == {("A1", MILK), ("B2", SOAP)}
    manager.locator(".import-said").get_by_role("button", name="Undo").click()
    expect(manager.locator(".plan-shelves")).to_contain_text("No shelf has a plan yet")
    assert planned(manager, floor) == {}
    # What stands on the shelves now does as well, and is shown before it is taken over.
    manager.get_by_role("button", name="Take what stands now").click()
    dialog = manager.locator("dialog")
    expect(dialog.locator("li", has_text="C3")).to_contain_text("room for 3")
    dialog.get_by_role("button", name="Make it the plan").click()
    expect(manager.locator(".plan-shelf", has_text="C3")).to_be_visible()
    assert ("C3", KETTLE) in planned(manager, floor)
    manager.locator(".toast").get_by_role("button", name="Undo").click()
    expect(manager.locator(".plan-shelves")).to_contain_text("No shelf has a plan yet")
