"""Alarms, losses, tasks and deliveries on the manager's page in a real browser, against the real gateway."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gateway import jobs
from models.messages.facts import StockCounted
from models.messages.goods import ItemExited

pytestmark = pytest.mark.browser
Floor = Any

MILK, TEA, KETTLE = "04006381333931", "06901234567892", "00614141123452"
SSCC = "003401234500000017"


def test_an_alarm_stands_over_every_view_until_somebody_says_what_it_was(manager: Page, floor: Floor) -> None:
    manager.locator(".view-key", has_text="Work").click()
    expect(manager.locator(".kinds")).to_be_visible()
    now = floor.desk.clock.now_ms()
    epc = manager.request.get(f"{floor.url}/api/shelves/C3").json()["items"][0]["epc"]
    floor.fold(ItemExited(t_ms=now, epc=epc, door="main", p=0.95, gtin=KETTLE))
    # A till has its time to say that it was paid; then somebody is called.
    floor.desk.writer.run(lambda connection: connection.execute("UPDATE exits SET due_ms = 0"))
    jobs.settle_exits(floor.desk)
    line = manager.locator("#alarm")
    expect(line).to_contain_text("Electric kettle passed door main unpaid")
    line.click()
    expect(manager.locator(".figure").first).to_contain_text("€34.90")
    expect(manager.locator(".bars").first).to_contain_text("passed the door unpaid")
    expect(manager.locator(".ledger li")).to_contain_text("last seen at")
    manager.get_by_role("button", name="Staff").click()
    expect(manager.locator("#view-losses")).to_contain_text("No alarm is open")
    expect(line).to_be_hidden()
    manager.locator(".toast").get_by_role("button", name="Undo").click()
    expect(manager.locator(".alarm-card")).to_contain_text("95 % likely")
    manager.get_by_role("button", name="Theft").click()
    manager.locator("#view-losses summary").click()
    expect(manager.locator("#view-losses details .rows")).to_contain_text("Clerk A")
    manager.get_by_role("button", name="30 days").click()
    expect(manager.locator(".ledger li").first).to_contain_text("Electric kettle")
    with manager.expect_download() as file:
        manager.get_by_role("link", name="CSV").click()
    assert KETTLE in file.value.path().read_text(encoding="utf-8")


def test_tasks_and_deliveries_say_what_is_to_be_done_and_what_is_lacking(manager: Page, floor: Floor) -> None:
    now = floor.desk.clock.now_ms()
    slot = {"facings": 2, "capacity": 20, "low": 15}
    assert manager.request.put(f"{floor.url}/api/planogram/A1/{MILK}", data=slot).ok
    floor.fold(StockCounted(t_ms=now, gtin=MILK, place="A1", quantity=2, by="c-1"))
    manager.locator(".view-key", has_text="Work").click()
    expect(manager.locator(".tasks li", has_text="Whole milk").first).to_contain_text("nobody yet")
    text = (
        "delivery,supplier,due,sscc,gtin,quantity\r\n"
        f'DN-7,"Northern, Foods",2030-01-31,{SSCC},{MILK},48\r\n'
        f"DN-7,,2030-01-31,{SSCC},milk,3\r\n"
        f"DN-7,,2030-01-31,,{TEA},12\r\n"
    )
    with manager.expect_file_chooser() as chooser:
        manager.get_by_role("button", name="Take in a notice").click()
    chooser.value.set_files({"name": "notice.csv", "mimeType": "text/csv", "buffer": text.encode()})
    expect(manager.locator(".refused tbody tr")).to_have_text(re.compile("^3.*milk.* is no GTIN"))
    manager.locator(".delivery", has_text="Northern, Foods").click()
    expect(manager.locator("#view-work")).to_contain_text("0 of 60")
    assert manager.request.post(f"{floor.url}/api/deliveries/DN-7/open").ok
    assert manager.request.post(f"{floor.url}/api/deliveries/DN-7/seen", data={"code": TEA, "quantity": 9}).ok
    expect(manager.locator(".units li", has_text="Green tea")).to_contain_text("3 lacking")
    expect(manager.locator(".units section", has_text=SSCC)).to_contain_text("not seen yet")
