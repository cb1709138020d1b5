"""A body that never ends is not waited for for ever."""

import asyncio
from typing import Any

import pytest
from fastapi import Depends, Request
from prometheus_client import CollectorRegistry
from starlette.types import Message

from models.process import web
from models.process.clock import ManualClock
from models.process.health import Health


def test_a_body_that_never_ends_is_answered_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "BODY_S", 0.1)
    app = web.create_app("Slow", "0", Health(ManualClock()), CollectorRegistry())

    @app.post("/words", dependencies=[Depends(web.PUBLIC)])
    async def words(request: Request) -> int:
        return len(await request.body())

    pieces = iter([{"type": "http.request", "body": b"{", "more_body": True}])
    said: list[Message] = []

    async def receive() -> Message:
        piece = next(pieces, None)
        return piece if piece is not None else await asyncio.get_running_loop().create_future()

    async def send(message: Message) -> None:
        said.append(message)

    scope: dict[str, Any] = {
        "type": "http", "method": "POST", "path": "/words", "raw_path": b"/words", "query_string": b"",
        "headers": [(b"content-length", b"100")], "http_version": "1.1", "scheme": "http", "root_path": "",
        "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    assert said[0]["status"] == 408
    assert b'"slow"' in said[1]["body"]
