"""The manager's page in a real browser, against the real gateway: what is wrong, who may come in."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gateway.store import minutes
from models.messages.facts import LaneMinute

pytestmark = pytest.mark.browser
Visitor = Callable[..., Page]
Floor = Any

EVIL = "<img src=x onerror=\"document.title='owned'\">"


def test_the_manager_sees_what_is_wrong_and_what_to_do(manager: Page, floor: Floor) -> None:
    wrong = manager.locator(".problem-card", has_text="Reader cold-aisle hung up")
    expect(wrong).to_contain_text("A shelf reader does not answer")
    expect(wrong).to_contain_text("Check its cable")
    expect(wrong).to_contain_text("on shelves-pi")
    expect(manager.locator(".lane-tile")).to_have_count(4)
    expect(manager.locator(".lane-tile", has_text="Stopped")).to_have_count(1)
    manager.locator(".view-key", has_text="People and devices").click()
    node = manager.locator(".node", has_text="shelves-pi")
    expect(node).to_contain_text("1,367 to send")
    expect(node).to_contain_text("12 dropped")


def test_a_refused_message_can_be_read_and_is_text(manager: Page, floor: Floor) -> None:
    floor.refuse(EVIL.encode() + b"\xff\x00")
    manager.goto(f"{floor.url}/manager#store")
    letter = manager.locator(".letter-list details")
    letter.locator("summary").click(timeout=7000)
    expect(letter.locator("pre")).to_contain_text(EVIL)
    expect(letter).to_contain_text("total_minor")
    assert manager.locator("#letters img").count() == 0


def test_a_new_handheld_is_enrolled_by_the_code_that_the_manager_makes(
    manager: Page, floor: Floor, visitor: Visitor
) -> None:
    manager.locator(".view-key", has_text="People and devices").click()
    manager.get_by_text("New handheld").click()
    manager.get_by_label("What shall it be called?").fill("Handheld 2")
    manager.get_by_role("button", name="Make a code").click()
    expect(manager.locator(".ticket img")).to_be_visible()
    code = manager.locator(".ticket .code").inner_text()
    phone = visitor()
    phone.goto(f"{floor.url}/handheld")
    phone.get_by_label("Code").fill(code)
    phone.get_by_role("button", name="Set up").click()
    expect(phone.locator(".sign-in h1")).to_have_text("Who are you?")
    manager.reload()
    devices = manager.locator("#devices")
    expect(devices).to_contain_text("Handheld 2")
    devices.get_by_role("button", name="Remove Handheld 2").click()
    manager.locator("dialog").get_by_role("button", name="Remove").click()
    expect(devices).not_to_contain_text("Handheld 2")


def test_people_are_added_and_removed_and_a_weak_pin_is_refused(manager: Page) -> None:
    manager.locator(".view-key", has_text="People and devices").click()
    manager.get_by_text("New person").click()
    manager.get_by_label("Name", exact=True).fill("店员丙")
    manager.get_by_label(re.compile("PIN")).fill("1234")
    manager.get_by_role("button", name="Add").click()
    expect(manager.locator(".toast.bad")).to_contain_text("guessed first")
    manager.get_by_label(re.compile("PIN")).fill("7391")
    manager.get_by_role("button", name="Add").click()
    people = manager.locator("#clerks")
    expect(people.locator(".rows")).to_contain_text("店员丙")
    people.get_by_role("button", name="Remove 店员丙").click()
    manager.locator("dialog").get_by_role("button", name="Remove").click()
    expect(people.locator(".rows")).not_to_contain_text("店员丙")


def test_an_old_picture_of_the_store_is_never_shown_as_live(manager: Page, floor: Floor) -> None:
    expect(manager.locator("#fresh")).to_have_text("Live")
    floor.served.stop()
    expect(manager.locator("#fresh")).to_contain_text(
        re.compile(r"Connection lost – as of \d\d:\d\d"), timeout=12_000
    )


def test_a_clerk_may_not_see_the_managers_page(manager: Page, floor: Floor, visitor: Visitor) -> None:
    manager.goto(f"{floor.url}/manager#store")
    manager.get_by_text("New person").click()
    manager.get_by_label("Name", exact=True).fill("Tom")
    manager.get_by_label(re.compile("PIN")).fill("7391")
    manager.get_by_role("button", name="Add").click()
    expect(manager.locator("#clerks .rows")).to_contain_text("Tom")
    manager.get_by_role("button", name="Sign out").click()
    manager.get_by_role("button", name="Tom").click()
    manager.keyboard.type("7391")
    manager.keyboard.press("Enter")
    expect(manager.locator("#door")).to_contain_text("Only a manager may see this page.")


def test_facts_that_this_version_cannot_fold_wait_in_sight_and_are_tried_again(
    manager: Page, floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_values: object) -> None:
        raise KeyError("a bug")

    minute = LaneMinute(t_ms=1_790_000_000_000, lane="1", people_mean=1.0, people_max=1, open_s=60.0)
    with monkeypatch.context() as broken:
        broken.setattr(minutes, "fold_lanes", breaks)
        floor.fold(minute, node="pi-1")
        manager.keyboard.press("7")
        waiting = manager.locator("#set-aside")
        expect(waiting).to_contain_text("1 fact waits: this version of Aisle could not take it in.")
        waiting.get_by_role("button", name="Try again").click()
        expect(manager.locator("#toasts")).to_contain_text("1 facts still cannot be folded: KeyError: 'a bug'")
    waiting.get_by_role("button", name="Try again").click()
    expect(manager.locator("#toasts")).to_contain_text("1 taken in, 0 still wait.")
    expect(waiting).to_be_empty()
