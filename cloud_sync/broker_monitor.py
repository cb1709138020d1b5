"""``/health`` and ``/metrics`` of the broker's process, by the standard library's server: it supervises, no more."""

import json
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Final, Self

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from cloud_sync.broker import Broker
from cloud_sync.settings import BrokerSettings

_TIMEOUT_S: Final = 1.0


def problems(broker: Broker, listen: str) -> list[dict[str, str]]:
    """What is wrong with the broker now, with what to do about it."""
    if broker.pid is None:
        hint = "It is started again by itself; its log says why it ended."
        return [{"subject": "broker", "code": "down", "message": "The server does not run.", "hint": hint}]
    host, _, port = listen.rpartition(":")
    try:
        address = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - asked of ourselves
        socket.create_connection((address, int(port)), timeout=_TIMEOUT_S).close()
    except OSError as error:
        hint = "Look at nats.log in its data folder, and whether the disk is full."
        return [{"subject": "broker", "code": "deaf", "message": f"{listen} does not answer: {error}", "hint": hint}]
    return []


class BrokerMonitor:
    """Answers on ``settings.monitor`` while the context is open; does nothing where that is not set."""

    def __init__(self, settings: BrokerSettings, broker: Broker) -> None:
        self._server: ThreadingHTTPServer | None = None
        if settings.monitor is None:
            return
        registry = CollectorRegistry()
        up = Gauge("aisle_broker_up", "Whether the server runs and answers", registry=registry)
        up.set_function(lambda: float(not problems(broker, settings.listen)))
        restarts = Gauge(
            "aisle_broker_restarts", "How often the server ended and was started again", registry=registry
        )
        restarts.set_function(lambda: float(broker.restarts))

        class Handler(BaseHTTPRequestHandler):
            """The two addresses, for anybody who reaches them."""

            def do_GET(self) -> None:
                """Answer."""
                if self.path == "/health":
                    found = problems(broker, settings.listen)
                    body = json.dumps({"ok": not found, "problems": found}).encode()
                    self._answer(503 if found else 200, "application/json", body)
                elif self.path == "/metrics":
                    self._answer(200, CONTENT_TYPE_LATEST, generate_latest(registry))
                else:
                    self._answer(404, "text/plain", b"/health or /metrics\n")

            def _answer(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.send_header("x-content-type-options", "nosniff")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
                """Say nothing: it is asked every few seconds."""

        host, _, port = settings.monitor.rpartition(":")
        self._server = ThreadingHTTPServer((host, int(port)), Handler)

    def __enter__(self) -> Self:
        if self._server:
            Thread(target=self._server.serve_forever, name="monitor", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
