"""Codes in pictures: turned, dark, noisy, several; and pictures that are refused before they are unpacked."""

import struct
import zlib
from collections.abc import Callable

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from models.codes.errors import BadCode, BadImage
from models.codes.image import MAX_PIXELS, image_size, read_frame, read_image
from models.codes.looks import Frame


def drawn(text: str, kind: zxingcpp.BarcodeFormat = zxingcpp.BarcodeFormat.EAN13, scale: int = 3) -> Frame:
    image = zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, kind), scale=scale, add_quiet_zones=True)
    return np.pad(np.array(image, dtype=np.uint8), 60, constant_values=255)


def as_file(frame: Frame, extension: str = ".png") -> bytes:
    return bytes(cv2.imencode(extension, frame)[1])


def turned(frame: Frame, angle: float) -> Frame:
    side = int(np.hypot(*frame.shape))
    matrix = cv2.getRotationMatrix2D((frame.shape[1] / 2, frame.shape[0] / 2), angle, 1)
    matrix[:, 2] += ((side - frame.shape[1]) / 2, (side - frame.shape[0]) / 2)
    return np.asarray(cv2.warpAffine(frame, matrix, (side, side), borderValue=(255,)), dtype=np.uint8)


@pytest.mark.parametrize("angle", [0, 15, 30, 45, 60, 90, 135, 180])
def test_a_bar_code_is_read_at_every_angle(angle: int) -> None:
    codes = read_frame(turned(drawn("4006381333931"), angle), budget_s=20)
    assert [(code.gtin, code.symbology) for code in codes] == [("04006381333931", "EAN-13")]


def test_a_upc_a_becomes_the_same_product_as_its_ean() -> None:
    assert read_frame(drawn("036000291452", zxingcpp.BarcodeFormat.UPCA))[0].gtin == "00036000291452"
    assert read_frame(drawn("04252614", zxingcpp.BarcodeFormat.UPCE))[0].gtin == "00042100005264"


def test_two_codes_in_one_picture_are_both_read() -> None:
    left, right = (
        drawn("4006381333931"),
        drawn("https://id.gs1.org/01/09521234543213/21/7", zxingcpp.BarcodeFormat.QRCode),
    )
    height = max(left.shape[0], right.shape[0])
    both = np.hstack([np.pad(f, ((0, height - f.shape[0]), (0, 0)), constant_values=255) for f in (left, right)])
    assert {code.gtin for code in read_frame(both)} == {"04006381333931", "09521234543213"}


def test_a_dark_noisy_colour_frame_is_read() -> None:
    grey = drawn("4006381333931").astype(np.float64) * 0.25
    noisy = np.clip(grey + np.random.default_rng(7).normal(0, 4, grey.shape), 0, 255).astype(np.uint8)
    assert read_frame(np.dstack([noisy] * 3))[0].gtin == "04006381333931"


WORSE: dict[str, Callable[[Frame], object]] = {
    "blurred": lambda frame: cv2.GaussianBlur(frame, (0, 0), 2.0),
    "noisy": lambda frame: np.clip(frame + np.random.default_rng(3).normal(0, 50, frame.shape), 0, 255),
    "half in the shade": lambda frame: frame * np.linspace(0.15, 1.0, frame.shape[1]),
    "light on dark": lambda frame: 255 - frame,
}


@pytest.mark.parametrize("how", WORSE)
def test_a_picture_that_is_not_read_at_once_is_looked_at_in_other_ways(how: str) -> None:
    frame = np.asarray(WORSE[how](drawn("4006381333931"))).astype(np.uint8)
    assert read_frame(frame, budget_s=0) == [], "a harder picture is needed to show anything"
    assert [code.gtin for code in read_frame(frame, budget_s=20)] == ["04006381333931"]


def test_a_large_picture_is_read_at_a_smaller_size() -> None:
    canvas = np.full((3000, 4000), 255, dtype=np.uint8)
    code = drawn("4006381333931", scale=10)
    canvas[500 : 500 + code.shape[0], 700 : 700 + code.shape[1]] = code
    assert read_image(as_file(canvas))[0].gtin == "04006381333931"


def test_a_code_with_nonsense_in_it_is_kept_with_its_problem() -> None:
    found = read_frame(drawn("AISLE-M:NOTAMEMBER", zxingcpp.BarcodeFormat.QRCode))
    assert (found[0].text, found[0].member) == ("AISLE-M:NOTAMEMBER", None)
    assert found[0].problem


def test_a_picture_without_a_code_gives_none() -> None:
    assert read_frame(np.full((200, 200), 128, dtype=np.uint8)) == []


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is ``width`` × ``height``."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + header
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


@pytest.mark.parametrize("size", [(100_000, 100_000), (0, 10), (MAX_PIXELS + 1, 1), (2**32 - 1, 2**32 - 1)])
def test_a_picture_that_would_unpack_to_too_much_is_refused_by_its_header(size: tuple[int, int]) -> None:
    assert image_size(bomb(*size)) == size
    with pytest.raises(BadImage, match="million"):
        read_image(bomb(*size))


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"\xff\xd8", b"\xff\xd8\xff\xe0\x00\x00", bomb(10, 10), b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(BadImage):
        read_image(data)


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.sampled_from([".png", ".jpg"]), st.binary(max_size=6))
def test_a_damaged_picture_is_read_or_refused(cut: int, extension: str, junk: bytes) -> None:
    data = as_file(drawn("4006381333931", scale=1), extension)
    at = cut % len(data)
    for broken in (data[:at], data[:at] + junk + data[at + len(junk) :]):
        try:
            read_image(broken)
        except BadCode:
            continue
