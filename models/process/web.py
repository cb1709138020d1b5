"""Hardened HTTP for every process: who may call what, strict JSON, bounded bodies, safe headers, health, metrics."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.messages.codec import MAX_MESSAGE_BYTES
from models.process.health import Health

SECURITY_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
        "frame-ancestors 'none'; form-action 'self'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}


class Refused(Exception):
    """A request that is refused: ``code`` for machines, ``message`` and ``hint`` for people."""

    def __init__(self, status: int, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.hint = status, code, message, hint


class RevalidatedFiles(StaticFiles):
    """Static files that a browser asks about each time (304 when nothing changed), so that an update is seen at once."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 - Starlette's signature
        """Let the browser keep the file, but never use it without asking."""
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "no-cache"
        return response


def mount_shared_static(app: FastAPI) -> None:
    """Serve Aisle's shared look and its small browser modules at ``/shared`` (``aisle.css``, ``i18n.js``, ``live.js`` …)."""
    app.mount("/shared", RevalidatedFiles(directory=Path(__file__).parent / "static"), name="shared")


def _problem(status: int, code: str, message: str, hint: str = "") -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message, "hint": hint}}, status_code=status)


@dataclass(frozen=True)
class Access:
    """The decision about who may call a route, used as a dependency: ``Depends(CLERK)``.

    ``check`` gives whoever calls (whatever the process uses for that) or raises ``Refused`` 401 or 403.
    Every route has exactly one; a test walks all routes and compares them with the documented table.
    """

    name: str
    check: Callable[[Request], Awaitable[Any]]

    async def __call__(self, request: Request) -> Any:  # noqa: ANN401 - the principal's type is the process's own
        """Run the check; FastAPI hands its result to the route."""
        return await self.check(request)


async def _anyone(_request: Request) -> None:
    return None


PUBLIC: Final = Access("public", _anyone)


def access_of(route: APIRoute) -> list[Access]:
    """The access decisions of a route, its own and its routers'."""
    return [dependency.call for dependency in route.dependant.dependencies if isinstance(dependency.call, Access)]


def api_routes(routes: Sequence[BaseRoute]) -> Iterator[APIRoute]:
    """All API routes of an application."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from api_routes(getattr(route, "routes", None) or ())


class _StrictJsonRequest(Request):
    """Refuses what ``json.loads`` lets through: NaN, 1e400, endless nesting."""

    async def json(self) -> Any:  # noqa: ANN401 - Starlette's signature
        if not hasattr(self, "_json"):
            try:
                self._json = msgspec.json.decode(await self.body())
            except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
                raise Refused(422, "malformed", f"The body is not JSON: {error}") from error
        return self._json


class StrictRoute(APIRoute):
    """A route whose JSON body is parsed strictly."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override] # Starlette's coroutine type
        """Wrap FastAPI's handler."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(_StrictJsonRequest(request.scope, request.receive))

        return strict


class _BodyLimit:
    """Answers 413 before a body of more than ``limit`` bytes is kept in memory."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self.limit:
            await _problem(413, "oversized", f"At most {self.limit} bytes are read.")(scope, receive, send)
            return
        read = 0

        async def limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.limit:
                raise Refused(413, "oversized", f"At most {self.limit} bytes are read.")
            return message

        await self.app(scope, limited, send)


def create_app(
    title: str,
    version: str,
    health: Health,
    registry: CollectorRegistry,
    *,
    lifespan: Callable[[FastAPI], Any] | None = None,
    body_limit: int = MAX_MESSAGE_BYTES,
) -> FastAPI:
    """An application with the house's rules, ``/health`` and ``/metrics``. Add routers made with ``StrictRoute``."""
    from fastapi import Depends

    app = FastAPI(title=title, version=version, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.router.route_class = StrictRoute
    app.add_middleware(_BodyLimit, limit=body_limit)

    @app.middleware("http")
    async def add_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @app.exception_handler(Refused)
    async def refused(_request: Request, error: Refused) -> Response:
        return _problem(error.status, error.code, error.message, error.hint)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return _problem(422, "invalid", f"{where}: {first['msg']}")

    @app.exception_handler(HTTPException)
    async def http_error(_request: Request, error: HTTPException) -> Response:
        response = _problem(error.status_code, "http", str(error.detail))
        response.headers.update(error.headers or {})
        return response

    @app.get("/health", dependencies=[Depends(PUBLIC)], tags=["process"])
    async def get_health(response: Response) -> dict[str, Any]:
        """Whether this process is well; 503 with the reasons when it is not."""
        problems = [msgspec.to_builtins(problem) for problem in health.problems()]
        response.status_code = 503 if problems else 200
        return {"ok": not problems, "problems": problems}

    @app.get("/metrics", dependencies=[Depends(PUBLIC)], tags=["process"], response_class=PlainTextResponse)
    async def get_metrics() -> Response:
        """Counters and gauges in the Prometheus text format."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app
