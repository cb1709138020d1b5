"""Pictures through OpenCV: V4L2 devices, RTSP and HTTP streams, video files."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2

from edge.adapters.frame_source import CameraLost, EndOfFootage, Frame
from edge.adapters.stream_probe import explain, without_password
from models.vision.picture import Image

_TIMEOUT_MS: Final = 8_000
# Over TCP: a lost UDP packet shows as smeared people. Quiet: FFmpeg writes every lost packet to standard error.
os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp|allowed_media_types;video")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
# Its warnings say at every try what `explain` says once and better.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)


def is_stream(address: str) -> bool:
    """Whether ``address`` is on the network."""
    return address.split("://", maxsplit=1)[0] in {"rtsp", "rtsps", "http", "https"}


def is_device(address: str) -> bool:
    """Whether ``address`` is a V4L2 device."""
    return address.startswith("/dev/") or address.isdigit()


class OpenCvSource:
    """A ``FrameSource`` through OpenCV.

    With ``live``, a file plays in real time, and frames that come faster than every ``every_s`` seconds are passed
    over without being converted (a Pi cannot afford what nobody looks at). Without, every frame comes, at once.
    ``turned``: the camera hangs upside down, its pictures are turned by a half.
    """

    def __init__(
        self,
        address: str,
        *,
        live: bool = True,
        loop: bool = False,
        every_s: float = 0.0,
        turned: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._address, self._live, self._loop, self._every_s = address, live, loop, every_s
        self._turned, self._monotonic, self._sleep = turned, monotonic, sleep
        self._capture: cv2.VideoCapture | None = None
        self._is_file = not is_stream(address) and not is_device(address)
        self._number = self._grabbed = 0
        self._start_s = 0.0
        self._interval_s = 0.04
        self._given_s = float("-inf")
        self.title = without_password(address)

    def open(self) -> None:
        """Connect. Raises ``CameraLost`` with the camera's own reason where there is one."""
        self.close()
        self._capture = self._connect()
        self._number = self._grabbed = 0
        self._given_s = float("-inf")
        self._start_s = self._monotonic()
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self._interval_s = 1 / rate if 0.1 <= rate <= 240 else 0.04

    def read(self) -> Frame:
        """The next frame that is due."""
        while True:
            if self._capture is None:
                raise CameraLost(f"{self.title}: not open")
            self._grab(self._capture)
            if self._is_file and self._live:
                self._wait_until_due()
            taken_s = self._taken_s()
            if not self._live or taken_s - self._given_s >= self._every_s - self._interval_s / 2:
                break
        good, image = self._capture.retrieve()
        if not good or image.ndim != 3:
            raise self._lose(f"{self.title}: a frame cannot be decoded")
        self._given_s = taken_s
        if self._turned:
            image = cv2.rotate(image, cv2.ROTATE_180)
        frame = Frame(_as_picture(image), self._number, round(taken_s * 1000))
        self._number += 1
        return frame

    def close(self) -> None:
        """Let go."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _connect(self) -> cv2.VideoCapture:
        if is_device(self._address):
            device = int(self._address.removeprefix("/dev/video")) if self._address[-1].isdigit() else -1
            capture = cv2.VideoCapture(device, cv2.CAP_V4L2)
            capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        elif is_stream(self._address):
            timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _TIMEOUT_MS]
            capture = cv2.VideoCapture(self._address, cv2.CAP_FFMPEG, [*timeouts, cv2.CAP_PROP_N_THREADS, 1])
            if not capture.isOpened():
                raise explain(self._address)
        else:
            if not Path(self._address).is_file():
                raise CameraLost(f"{self.title}: no such file")
            capture = cv2.VideoCapture(self._address, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        if not capture.isOpened():
            capture.release()
            raise CameraLost(f"{self.title}: OpenCV cannot read it as video")
        return capture

    def _grab(self, capture: cv2.VideoCapture) -> None:
        if not capture.grab():
            if not self._is_file:
                raise self._lose(f"{self.title}: the stream ended, or nothing came for {_TIMEOUT_MS // 1000} s")
            if not self._loop:
                raise EndOfFootage
            if self._grabbed == 0:
                raise self._lose(f"{self.title}: it holds no frame that can be read")
            # Opened anew rather than sought back: not every container can seek, and a vanished file is noticed.
            capture.release()
            self._capture = self._connect()
            if not self._capture.grab():
                raise self._lose(f"{self.title}: it holds no frame that can be read")
        self._grabbed += 1

    def _taken_s(self) -> float:
        """When the grabbed frame was taken, in seconds since ``open``."""
        return (self._grabbed - 1) * self._interval_s if self._is_file else self._monotonic() - self._start_s

    def _wait_until_due(self) -> None:
        early_s = self._start_s + self._taken_s() - self._monotonic()
        if early_s > 0:
            self._sleep(early_s)

    def _lose(self, reason: str) -> CameraLost:
        self.close()
        return CameraLost(reason)


def _as_picture(image: cv2.typing.MatLike) -> Image:
    picture: Image = image  # type: ignore[assignment] # OpenCV's type is any matrix; decoded video is uint8
    return picture
