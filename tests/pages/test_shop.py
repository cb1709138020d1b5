"""The shopper's phone in a real browser, against the real gateway."""

import base64
import io
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
