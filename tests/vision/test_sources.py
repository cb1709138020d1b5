"""Frames: one contract over every source, and what a camera says when it does not work."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import pytest

from edge.adapters.frame_source import CameraDenied, CameraLost, EndOfFootage, FrameSource, ListedFrames
from edge.adapters.opencv_source import OpenCvSource
from edge.adapters.stream_probe import explain, without_password
from tests.vision.conftest import noise

Opener = Callable[[], FrameSource]


class _Camera(BaseHTTPRequestHandler):
    """A network camera that sends JPEG after JPEG, as cheap ones do, and hangs up after ``frames``."""

    frames = 30

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        for number in range(self.frames):
            jpeg = cv2.imencode(".jpg", noise(number))[1].tobytes()
            head = f"--frame\r\ncontent-type: image/jpeg\r\ncontent-length: {len(jpeg)}\r\n\r\n".encode()
            try:
                self.wfile.write(head + jpeg + b"\r\n")
            except OSError:
                return

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def camera() -> Iterator[str]:
    """The address of such a camera on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Camera)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/video"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture(params=["listed", "file", "playing file", "network"])
def source(request: pytest.FixtureRequest, clip: Path) -> FrameSource:
    """Every implementation of the port."""
    match request.param:
        case "listed":
            return ListedFrames([noise(k) for k in range(12)])
        case "file":
            return OpenCvSource(str(clip), live=False)
        case "playing file":
            return OpenCvSource(str(clip), sleep=lambda _seconds: None)
        case _:
            return OpenCvSource(request.getfixturevalue("camera"))


def read_on(source: FrameSource) -> None:
    """Read more than there is."""
    for _ in range(_Camera.frames + 10):
        source.read()


def test_frames_come_numbered_in_order_with_a_time_that_never_falls(source: FrameSource) -> None:
    source.open()
    frames = [source.read() for _ in range(8)]
    source.close()
    assert [frame.number for frame in frames] == list(range(8))
    assert all(frame.image.shape == (120, 160, 3) and frame.image.dtype == "uint8" for frame in frames)
    times = [frame.t_ms for frame in frames]
    assert times == sorted(times)


def test_a_source_may_be_closed_at_any_time_and_twice(source: FrameSource) -> None:
    source.close()
    source.open()
    source.read()
    source.close()
    source.close()
    with pytest.raises(CameraLost):
        source.read()


def test_a_source_can_be_opened_again(source: FrameSource) -> None:
    source.open()
    source.read()
    source.open()
    assert source.read().number == 0
    source.close()


def test_a_file_ends_unless_it_loops(clip: Path) -> None:
    once, for_ever = OpenCvSource(str(clip), live=False), OpenCvSource(str(clip), live=False, loop=True)
    once.open()
    assert len([once.read() for _ in range(12)]) == 12
    with pytest.raises(EndOfFootage):
        once.read()
    for_ever.open()
    frames = [for_ever.read() for _ in range(30)]
    for_ever.close()
    assert [frame.t_ms for frame in frames] == [100 * k for k in range(30)]


def test_a_file_plays_in_real_time(clip: Path) -> None:
    now, waits = [0.0], []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    source = OpenCvSource(str(clip), monotonic=lambda: now[0], sleep=sleep)
    source.open()
    for _ in range(12):
        source.read()
    source.close()
    assert sum(waits) == pytest.approx(1.1)


def test_a_camera_that_is_faster_than_needed_is_thinned(clip: Path) -> None:
    source = OpenCvSource(str(clip), every_s=0.5, sleep=lambda _seconds: None)
    source.open()
    shown = [int(source.read().image.mean()) for _ in range(3)]
    source.close()
    assert [round(grey / 20) for grey in shown] == [0, 5, 10]


def test_a_file_that_vanishes_while_it_loops_is_a_lost_camera(clip: Path) -> None:
    source = OpenCvSource(str(clip), live=False, loop=True)
    source.open()
    source.read()
    clip.unlink()
    with pytest.raises(CameraLost, match="no such file"):
        read_on(source)
    with pytest.raises(CameraLost, match="no such file"):
        source.open()


def test_a_file_that_is_no_video_is_a_lost_camera(tmp_path: Path) -> None:
    path = tmp_path / "letter.avi"
    path.write_bytes(os.urandom(5000))
    with pytest.raises(CameraLost, match="cannot read it as video"):
        OpenCvSource(str(path)).open()


def test_a_device_that_is_not_there_is_a_lost_camera() -> None:
    with pytest.raises(CameraLost, match="/dev/video63"):
        OpenCvSource("/dev/video63").open()


def test_a_network_camera_that_hangs_up_is_a_lost_camera(camera: str) -> None:
    source = OpenCvSource(camera)
    source.open()
    with pytest.raises(CameraLost, match="stream ended"):
        read_on(source)
    source.open()
    assert source.read().number == 0
    source.close()


# --- why a camera gives no pictures -------------------------------------------------------------------------


class _Rtsp(threading.Thread):
    """Answers every RTSP request with what ``answer`` says to its text, for a few connections."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        super().__init__(daemon=True)
        self._answer = answer
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self.asked: list[str] = []

    def run(self) -> None:
        while True:
            try:
                link, _ = self._door.accept()
            except OSError:
                return
            with link:
                while request := link.recv(4096).decode():
                    self.asked.append(request)
                    link.sendall(f"RTSP/1.0 {self._answer(request)}\r\nCSeq: 1\r\n\r\n".encode())

    def stop(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self.join(5)


@pytest.fixture
def rtsp() -> Iterator[Callable[[Callable[[str], str]], _Rtsp]]:
    started: list[_Rtsp] = []

    def start(answer: Callable[[str], str]) -> _Rtsp:
        started.append(_Rtsp(answer))
        started[-1].start()
        return started[-1]

    yield start
    for server in started:
        server.stop()


CHALLENGE = '401 Unauthorized\r\nWWW-Authenticate: Digest realm="cam", nonce="abc"'


def test_a_camera_that_refuses_the_password_says_so_without_showing_it(rtsp: Callable[..., _Rtsp]) -> None:
    server = rtsp(lambda _request: CHALLENGE)
    with pytest.raises(CameraDenied, match="user name or password") as refused:
        OpenCvSource(f"rtsp://clerk:s3cret@127.0.0.1:{server.port}/stream").open()
    assert "s3cret" not in str(refused.value)
    assert refused.value.code == "camera_denied"


def test_the_question_why_is_asked_with_the_right_digest(rtsp: Callable[..., _Rtsp]) -> None:
    # MD5(MD5(clerk:cam:s3cret):abc:MD5(DESCRIBE:rtsp://…/stream)) by RFC 2617, computed by curl's rules.
    server = rtsp(lambda request: "404 Not Found" if "Digest username" in request else CHALLENGE)
    reason = explain(f"rtsp://clerk:s3cret@127.0.0.1:{server.port}/stream")
    assert "knows no such path" in str(reason)
    assert not isinstance(reason, CameraDenied)
    assert f'uri="rtsp://127.0.0.1:{server.port}/stream"' in server.asked[-1]


@pytest.mark.parametrize(
    ("status", "said"), [("403 Forbidden", "refuses"), ("404 Not Found", "no such path"), ("200 OK", "no pictures")]
)
def test_the_cameras_own_reason_is_given(rtsp: Callable[..., _Rtsp], status: str, said: str) -> None:
    server = rtsp(lambda _request: status)
    assert said in str(explain(f"rtsp://127.0.0.1:{server.port}/stream"))


def test_a_camera_that_is_not_there_is_said_to_be_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    assert "refused" in str(explain(f"rtsp://127.0.0.1:{port}/x"))
    assert "names no host" in str(explain("rtsp:///x"))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://u:p@cam/1", "rtsp://cam/1"),
        ("rtsp://u:p%40ss@cam:554/a@b", "rtsp://cam:554/a@b"),
        ("http://cam/x", "http://cam/x"),
        ("/dev/video0", "/dev/video0"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    assert without_password(address) == shown
