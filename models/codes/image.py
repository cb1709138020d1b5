"""Codes in a picture, read by zxing-cpp in memory; the picture is never stored.

Only as much work as it takes: the picture as it is first, at most ``MAX_SIDE`` pixels wide, and only when nothing was
found turned, sharpened and so on (``looks.py``), within a budget of time: pure noise would cost a second otherwise.
"""

import struct
import time
from collections.abc import Iterator
from typing import Final

import numpy as np
from msgspec.structs import replace

from models.codes.errors import BadCode, BadImage
from models.codes.gs1 import FNC1, ParsedCode, parse_code
from models.codes.looks import LOOKS, Frame

MAX_BYTES: Final = 20_000_000
MAX_PIXELS: Final = 24_000_000
MAX_SIDE: Final = 1600
MAX_CODES: Final = 50
BUDGET_S: Final = 0.5
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG_SIZES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def read_image(data: bytes) -> list[ParsedCode]:
    """Read the codes of a JPEG or PNG file.

    Raises:
        BadImage: another format, broken, or larger than ``MAX_BYTES`` or ``MAX_PIXELS`` (looked up in the header,
            before anything is unpacked).
    """
    if len(data) > MAX_BYTES:
        raise BadImage(f"a picture of {len(data)} bytes; at most {MAX_BYTES} are read")
    width, height = image_size(data)
    if not 0 < width * height <= MAX_PIXELS:
        raise BadImage(f"a picture of {width} × {height}; at most {MAX_PIXELS // 1_000_000} million pixels are read")
    import cv2

    try:
        frame = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error as error:
        raise BadImage("the picture cannot be unpacked; take it again") from error
    if frame is None:
        raise BadImage("the picture is broken; take it again")
    return read_frame(np.asarray(frame, dtype=np.uint8))


def read_frame(frame: Frame, *, budget_s: float = BUDGET_S) -> list[ParsedCode]:
    """Read the codes of a frame: ``(height, width)`` grey or ``(height, width, 3)`` BGR, 8 bits.

    A code that was seen and says nonsense comes back with its ``problem``. Where nothing is found it looks again in
    other ways until ``budget_s`` is used up; 0 looks once, for a camera that gives the next frame soon.
    """
    end = time.monotonic() + budget_s
    for attempt in _attempts(frame):
        found = _read(attempt)
        if found or time.monotonic() >= end:
            return found
    return []


def image_size(data: bytes) -> tuple[int, int]:
    """Width and height that the header of a JPEG or PNG says.

    Raises:
        BadImage: neither of both, or no size in it.
    """
    if data.startswith(_PNG) and len(data) >= 24 and data[12:16] == b"IHDR":
        width, height = struct.unpack_from(">II", data, 16)
        return width, height
    if data.startswith(b"\xff\xd8"):
        return _jpeg_size(data)
    raise BadImage("neither a JPEG nor a PNG; take a picture with the camera")


def _jpeg_size(data: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker in {0xFF, 0x01} or 0xD0 <= marker <= 0xD8:
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        if length < 2:
            break
        at += 2 + length
    raise BadImage("the JPEG says no size; take the picture again")


def _attempts(frame: Frame) -> Iterator[Frame]:
    """The frame at a workable size, at its own, and in other looks."""
    import cv2

    grey = frame if frame.ndim == 2 else np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    longest = max(grey.shape)
    small = grey
    if longest > MAX_SIDE:
        size = (max(1, grey.shape[1] * MAX_SIDE // longest), max(1, grey.shape[0] * MAX_SIDE // longest))
        small = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    yield small
    if small is not grey:
        yield grey
    for look in LOOKS:
        yield look(small)


def _read(frame: Frame) -> list[ParsedCode]:
    import zxingcpp

    barcodes = zxingcpp.read_barcodes(np.ascontiguousarray(frame), text_mode=zxingcpp.TextMode.Plain)
    found = []
    for barcode in barcodes[:MAX_CODES]:
        if barcode.text:
            symbology = str(barcode.format).replace(" ", "")
            found.append(_parsed(barcode.text, symbology, is_gs1=barcode.content_type == zxingcpp.ContentType.GS1))
    return found


def _parsed(text: str, symbology: str, *, is_gs1: bool) -> ParsedCode:
    try:
        parsed = parse_code(FNC1 + text.strip(FNC1) if is_gs1 else text, symbology)
    except BadCode as error:
        return ParsedCode(symbology=symbology, text=text, problem=str(error))
    return replace(parsed, text=text)
