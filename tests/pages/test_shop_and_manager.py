"""The shopper's phone and the manager's page in a real browser, against the real gateway."""

import base64
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
import segno
from playwright.sync_api import Page, expect

from models.messages.facts import ProductChanged

pytestmark = pytest.mark.browser
Visitor = Callable[..., Page]
Floor = Any

MILK, TEA, SOAP = "04006381333931", "06901234567892", "05000112637922"
EVIL = "<img src=x onerror=\"document.title='owned'\">"
DESK = {"width": 1440, "height": 900}


def scan(page: Page, text: str) -> None:
    """Type a number and press Enter."""
    page.locator("#code").fill(text)
    page.keyboard.press("Enter")


def test_a_shopper_scans_sees_the_total_and_takes_something_out_again(floor: Floor, visitor: Visitor) -> None:
    page = visitor()
    page.goto(f"{floor.url}/shop")
    for text in ("4006381333931", "6901234567892", f"https://id.gs1.org/01/{MILK}"):
        scan(page, text)
    expect(page.locator("#total")).to_have_text("€11.07")
    milk = page.locator(f"[data-gtin='{MILK}']")
    expect(milk).to_contain_text("Whole milk 1 l")
    expect(milk).to_contain_text("2×")
    expect(milk).to_contain_text("62 left")
    page.get_by_role("button", name="Remove one Green tea").click()
    expect(page.locator("#total")).to_have_text("€2.58")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator("#total")).to_have_text("€11.07")
    page.reload()
    expect(page.locator("#total")).to_have_text("€11.07")


def test_a_code_that_is_not_ours_is_said_and_changes_nothing(floor: Floor, visitor: Visitor) -> None:
    page = visitor()
    page.goto(f"{floor.url}/shop")
    scan(page, "4006381333931")
    scan(page, EVIL)
    expect(page.locator(".toast.bad")).to_contain_text("not one of ours")
    expect(page.locator(".toast.bad")).to_contain_text("<img")
    expect(page.locator("#total")).to_have_text("€1.29")


def test_what_is_scanned_without_network_is_added_once_when_it_is_back(floor: Floor, visitor: Visitor) -> None:
    page = visitor(language="zh-CN")
    page.goto(f"{floor.url}/shop")
    expect(page.locator("#total")).to_have_text("€0.00")
    page.context.set_offline(True)
    scan(page, "5000112637922")
    expect(page.locator("#banner")).to_contain_text("没有网络")
    expect(page.locator(".line")).to_contain_text("等待网络")
    page.context.set_offline(False)
    expect(page.locator(f"[data-gtin='{SOAP}']")).to_contain_text("橄榄洗手液")
    expect(page.locator("#total")).to_have_text("€1.99")
    expect(page.locator("#banner")).to_be_hidden()


def test_a_photo_of_a_code_becomes_a_line(floor: Floor, visitor: Visitor) -> None:
    drawing = io.BytesIO()
    segno.make(f"https://id.gs1.org/01/{TEA}").save(drawing, kind="png", scale=8)
    page = visitor()
    # Without HTTPS a phone has no live camera: the page asks for a photo instead.
    page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', {value: undefined})")
    page.goto(f"{floor.url}/shop")
    expect(page.locator("#total")).to_have_text("€0.00")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Scan an item").click()
    chooser.value.set_files({"name": "code.png", "mimeType": "image/png", "buffer": drawing.getvalue()})
    expect(page.locator(f"[data-gtin='{TEA}']")).to_contain_text("Green tea")


CAMERA = """
window.stopped = 0;
navigator.mediaDevices.getUserMedia = async () => {
  const image = new Image();
  image.src = 'data:image/png;base64,PICTURE';
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), {width: 1280, height: 720});
  const paint = () => {
    const to = canvas.getContext('2d');
    to.fillStyle = '#776655';
    to.fillRect(0, 0, 1280, 720);
    to.drawImage(image, 540, 260, 200, 200);
  };
  setInterval(paint, 50);
  const stream = canvas.captureStream(20);
  const stop = stream.getTracks()[0].stop.bind(stream.getTracks()[0]);
  stream.getTracks()[0].stop = () => { window.stopped += 1; stop(); };
  return stream;
};
"""


def test_a_code_before_the_live_camera_becomes_a_line_and_the_camera_goes_off(floor: Floor, visitor: Visitor) -> None:
    drawing = io.BytesIO()
    segno.make(f"https://id.gs1.org/01/{TEA}").save(drawing, kind="png", scale=8)
    page = visitor()
    page.add_init_script(CAMERA.replace("PICTURE", base64.b64encode(drawing.getvalue()).decode()))
    page.goto(f"{floor.url}/shop")
    expect(page.locator("#total")).to_have_text("€0.00")
    page.get_by_role("button", name="Scan an item").click()
    expect(page.locator(f"[data-gtin='{TEA}']")).to_contain_text("Green tea")
    expect(page.locator("dialog.camera")).to_have_count(0)
    assert page.evaluate("() => window.stopped") == 1


def test_the_camera_is_closed_without_a_code(floor: Floor, visitor: Visitor) -> None:
    page = visitor()
    page.goto(f"{floor.url}/shop")
    expect(page.locator("#total")).to_have_text("€0.00")
    page.get_by_role("button", name="Scan an item").click()
    expect(page.locator("dialog.camera video")).to_be_visible()
    page.locator("dialog.camera").get_by_role("button", name="Close").click()
    expect(page.locator("dialog.camera")).to_have_count(0)


def test_names_in_the_basket_that_look_like_html_stay_text(floor: Floor, visitor: Visitor) -> None:
    floor.fold(
        ProductChanged(t_ms=floor.desk.clock.now_ms(), gtin=TEA, name_en=EVIL, name_zh="", category=""), node="hq"
    )
    page = visitor()
    page.goto(f"{floor.url}/shop")
    scan(page, "6901234567892")
    expect(page.locator(".line .first")).to_have_text(EVIL)
    assert page.title() == "Aisle"


@pytest.fixture
def manager(floor: Floor, visitor: Visitor) -> Page:
    """A desk on which the manager has signed in."""
    floor.put_samples()
    page = visitor(**DESK)
    floor.sign_in(page, "/manager")
    page.locator(".verdict").wait_for()
    return page


def test_the_manager_sees_what_is_wrong_and_what_to_do(manager: Page, floor: Floor) -> None:
    wrong = manager.locator(".problem-card", has_text="Reader cold-aisle hung up")
    expect(wrong).to_contain_text("A shelf reader does not answer")
    expect(wrong).to_contain_text("Check its cable")
    expect(wrong).to_contain_text("on shelves-pi")
    expect(manager.locator(".lane-tile")).to_have_count(4)
    expect(manager.locator(".lane-tile", has_text="Stopped")).to_have_count(1)
    node = manager.locator(".node", has_text="shelves-pi")
    expect(node).to_contain_text("1,367 to send")
    expect(node).to_contain_text("12 dropped")


def test_a_refused_message_can_be_read_and_is_text(manager: Page, floor: Floor) -> None:
    floor.refuse(EVIL.encode() + b"\xff\x00")
    letter = manager.locator(".letter-list details")
    letter.locator("summary").click(timeout=7000)
    expect(letter.locator("pre")).to_contain_text(EVIL)
    expect(letter).to_contain_text("total_minor")
    assert manager.locator("#letters img").count() == 0


def test_a_new_handheld_is_enrolled_by_the_code_that_the_manager_makes(
    manager: Page, floor: Floor, visitor: Visitor
) -> None:
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
