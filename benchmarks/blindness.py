"""Blindness: how long after a camera goes wrong its lane is shown as unknown, and whether any number comes later.

A real node watches one network camera (MJPEG over HTTP, real footage) for each way to go wrong, and the screen's own
answer is asked five times a second. The bar is 15 s; a camera beside them stays well, and must stay known.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import cv2
import httpx
import numpy as np

from benchmarks.frames import DATA
from edge.adapters.footage import VTEST_ZONE, FootageMissing, fetch
from edge.migrations import migrate
from edge.node import Node, screen_server
from edge.settings import EdgeSettings
from models.process.serving import HouseServer
from models.process.settings import load_settings
from models.vision.picture import Image

Figures = dict[str, object]
Change = Callable[[list[Image], int], Image | None]
"""All good frames and the number of the one that is due → what the broken camera gives; ``None``: nothing."""

FPS: Final = 4.0
WELL_S: Final = 20.0
WATCHED_S: Final = 25.0
BAR_S: Final = 15.0


def _clock_ticks(frames: list[Image], number: int) -> Image:
    """The same picture for ever, with the time that the camera draws into its corner."""
    image = frames[0].copy()
    cv2.putText(image, f"12:00:{number // 4 % 60:02}", (10, 30), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (255, 255, 255), 2)
    return image


def _resized(image: Image, width: int, height: int) -> Image:
    resized: Image = cv2.resize(image, (width, height))  # type: ignore[assignment] # OpenCV's type is any matrix
    return resized


FAULTS: Final[dict[str, Change]] = {
    "well": lambda frames, number: frames[number % len(frames)],
    "frozen": lambda frames, _number: frames[0],
    "frozen-clock": _clock_ticks,
    "frozen-recoded": lambda frames, number: np.clip(frames[0].astype(int) + number % 3, 0, 255).astype(np.uint8),
    "black": lambda frames, _number: np.zeros_like(frames[0]),
    "flickers": lambda frames, number: frames[number % len(frames)] // (8 if number // 3 % 2 else 1),
    "upside-down": lambda frames, number: frames[number % len(frames)][::-1, ::-1].copy(),
    "mirrored": lambda frames, number: frames[number % len(frames)][:, ::-1].copy(),
    "quarter": lambda frames, number: np.rot90(frames[number % len(frames)]).copy(),
    "quarter-same-size": lambda frames, number: _resized(np.rot90(frames[number % len(frames)]).copy(), 768, 576),
    "wrong-size": lambda frames, number: _resized(frames[number % len(frames)], 800, 450),
    "silent": lambda _frames, _number: None,
}
HANGS_UP: Final = {"gone": 404, "denied": 401}
"""These end the connection, and answer every new one so."""


@dataclass
class Cameras:
    """All network cameras; ``broken`` makes each go wrong in its own way. The path is the fault's name."""

    frames: list[Image]
    broken: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)

    def pictures(self, name: str) -> Iterator[bytes]:
        """What a camera sends, picture by picture, at its pace."""
        number = 0
        while not self.done.wait(1 / FPS):
            is_broken = self.broken.is_set()
            if is_broken and name in HANGS_UP:
                return
            image = (FAULTS[name] if is_broken else FAULTS["well"])(self.frames, number)
            number += 1
            if image is not None:
                jpeg = cv2.imencode(".jpg", image)[1].tobytes()
                head = f"--frame\r\ncontent-type: image/jpeg\r\ncontent-length: {len(jpeg)}\r\n\r\n"
                yield head.encode() + jpeg + b"\r\n"

    def serve(self) -> ThreadingHTTPServer:
        """The server, not yet running."""
        cameras = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.strip("/")
                if cameras.broken.is_set() and name in HANGS_UP:
                    self.send_error(HANGS_UP[name])
                    return
                self.send_response(200)
                self.send_header("content-type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                try:
                    for part in cameras.pictures(name):
                        self.wfile.write(part)
                except OSError:
                    return

            def log_message(self, *_arguments: object) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        return server


def settings_text(folder: Path, port: int, names: list[str]) -> str:
    """A node with a camera and a lane for each name."""
    head = f'store = "s1"\nnode = "n1"\ndata_dir = "{folder}"\n[screen]\nport = 0\n'
    head += '[mqtt]\nhosts = ["127.0.0.1:9"]\nusername = "n1"\npassword = "x"\n'
    polygon = [list(point) for point in VTEST_ZONE]
    for name in names:
        head += f'[[lane]]\nid = "{name}"\n[[camera]]\nname = "{name}"\nsource = "http://127.0.0.1:{port}/{name}"\n'
        head += f'fps = 2.0\nthreads = 1\n[[camera.lanes]]\nid = "{name}"\npolygon = {polygon}\n'
    return head


def good_frames(footage: Path) -> list[Image]:
    """A minute of the footage, four frames a second."""
    capture, frames = cv2.VideoCapture(str(footage)), []
    for number in range(600):
        good, image = capture.read()
        if good and number % 3 == 0:
            frames.append(image)
    capture.release()
    return frames  # type: ignore[return-value] # OpenCV's type is any matrix


def watch(node: Node, url: str, cameras: Cameras) -> dict[str, Figures]:
    """Break all cameras at once; by fault the seconds until its lane is unknown for good, and what the node says."""
    first_unknown: dict[str, float] = {}
    last_known: dict[str, float] = {}
    codes: dict[str, str] = {}
    with httpx.Client(base_url=url) as client:
        end = time.monotonic() + 90
        known = 0
        while time.monotonic() < end and known < len(FAULTS) + len(HANGS_UP):
            time.sleep(0.5)
            known = sum(lane["state"] != "unknown" for lane in client.get("/api/lanes").json()["lanes"])
        time.sleep(WELL_S)
        began = time.monotonic()
        cameras.broken.set()
        while (since := time.monotonic() - began) < WATCHED_S:
            for lane in client.get("/api/lanes").json()["lanes"]:
                if lane["state"] == "unknown":
                    first_unknown.setdefault(lane["lane"], since)
                else:
                    last_known[lane["lane"]] = since
            for problem in node.health.problems():
                camera = problem.subject.removeprefix("camera.")
                if camera in FAULTS or camera in HANGS_UP:
                    codes[camera] = problem.code
            time.sleep(0.2)
    return {
        name: {"unknown_after_s": round(last_known.get(name, 0.0), 1), "said": codes.get(name, "")}
        for name in (*FAULTS, *HANGS_UP)
    }


def run(quick: bool) -> Figures:  # noqa: ARG001, FBT001 - the benchmarks' common signature
    """Break one camera in every way and time it."""
    try:
        frames = good_frames(fetch(DATA))
    except FootageMissing as error:
        return {"skipped": str(error)}
    names = [*FAULTS, *HANGS_UP]
    cameras = Cameras(frames)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = cameras.serve()
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
        stack.callback(cameras.done.set)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        config = folder / "edge.toml"
        config.write_text(settings_text(folder / "node", server.server_port, names), encoding="utf-8")
        (folder / "node").mkdir()
        migrate(folder / "node" / "edge.db")
        node = Node(load_settings(config, EdgeSettings))
        node.start()
        stack.callback(node.stop)
        return dict(watch(node, _served(node, stack), cameras))


def _served(node: Node, stack: ExitStack) -> str:
    """The address of the node's pages."""
    config = screen_server(node).config
    server = HouseServer(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    stack.callback(thread.join, 5)
    stack.callback(setattr, server, "should_exit", True)
    return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"


def main() -> None:
    """Print the figures as a table."""
    for name, found in run(quick="--quick" in sys.argv).items():
        print(f"{name:20} {found}")


if __name__ == "__main__":
    main()
