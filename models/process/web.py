"""Hardened HTTP for every process: who may call what, strict JSON, bounded bodies, safe headers, health, metrics."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.messages.codec import MAX_MESSAGE_BYTES
from models.process.health import Health

_log = structlog.get_logger(__name__)

SECURITY_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
        "frame-ancestors 'none'; form-action 'self'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}


class Refused(HTTPException):
    """A request that is refused: ``code`` for machines, ``message`` and ``hint`` for people.

    It is an ``HTTPException`` because FastAPI turns any other exception raised while it reads a body into a bare 400.
    """

    def __init__(self, status: int, code: str, message: str, hint: str = "") -> None:
        super().__init__(status, message)
        self.status, self.code, self.message, self.hint = status, code, message, hint


class RevalidatedFiles(StaticFiles):
    """Static files that a browser asks about each time (304 if unchanged), so that an update is seen at once."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 - Starlette's signature
        """Let the browser keep the file, but never use it without asking."""
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "no-cache"
        return response


def mount_shared_static(app: FastAPI) -> None:
    """Serve the shared look and the small browser modules at ``/shared`` (``aisle.css``, ``live.js``…)."""
    app.mount("/shared", RevalidatedFiles(directory=Path(__file__).parent / "static"), name="shared")


def _problem(status: int, code: str, message: str, hint: str = "") -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message, "hint": hint}}, status_code=status)


def refusal(error: Refused) -> Response:
    """The answer that says a refusal, for handlers of other errors."""
    return _problem(error.status, error.code, error.message, error.hint)


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


def access_of(route: RouteContext) -> list[Access]:
    """The access decisions of a route, its own and its routers'."""
    return [dependency.call for dependency in route.dependant.dependencies if isinstance(dependency.call, Access)]


def api_routes(routes: Sequence[BaseRoute]) -> Iterator[RouteContext]:
    """All API routes of an application as they are served, those of included routers and mounted ones as well."""
    for context in iter_route_contexts(routes):
        if isinstance(context.original_route, APIRoute):
            yield context
        else:
            yield from api_routes(getattr(context.original_route, "routes", None) or ())


def access_table(app: FastAPI) -> dict[str, str]:
    """Who may call what: ``"GET /api/stores"`` → ``"staff"``.

    Raises:
        ValueError: a route has no decision or several, or does not read its body strictly.
    """
    table: dict[str, str] = {}
    for route in api_routes(app.routes):
        if len(found := access_of(route)) != 1:
            raise ValueError(f"{route.path} has {len(found)} decisions about who may call it, it needs exactly one")
        is_strict = isinstance(route.original_route, StrictRoute)
        if not is_strict:
            raise ValueError(f"{route.path} is not a StrictRoute: give its router route_class=StrictRoute")
        table.update({f"{method} {route.path}": found[0].name for method in sorted(route.methods or ())})
    return table


class _StrictJsonRequest(Request):
    """Refuses what ``json.loads`` lets through: NaN, 1e400, deep nesting (which would break what echoes it)."""

    async def json(self) -> Any:  # noqa: ANN401 - Starlette's signature
        if not hasattr(self, "_json"):
            try:
                self._json = msgspec.json.decode(await self.body())
                _refuse_deep(self._json)
            except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
                raise Refused(422, "malformed", f"The body is not JSON: {error}") from error
        return self._json


MAX_NESTING: Final = 32


def _refuse_deep(value: object) -> None:
    level: list[object] = [value]
    for _ in range(MAX_NESTING):
        inner = (one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list))
        level = [value for values in inner for value in values]
        if not level:
            return
    raise Refused(422, "malformed", f"The body is nested more than {MAX_NESTING} deep.")


class StrictRoute(APIRoute):
    """A route whose JSON body is parsed strictly."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override] # Starlette's coroutine type
        """Wrap FastAPI's handler."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(_StrictJsonRequest(request.scope, request.receive))

        return strict


BODY_S: Final = 60.0
"""How long a body may take to arrive; whoever never finishes one holds a connection no longer."""


class _BodyLimit:
    """Answers 413 before a body of more than ``limit`` bytes is kept in memory, and 408 to one that does not end."""

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
        read, is_whole = 0, False
        deadline_s = asyncio.get_running_loop().time() + BODY_S

        async def limited() -> Message:
            nonlocal read, is_whole
            if is_whole:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline_s):
                    message = await receive()
            except TimeoutError:
                raise Refused(408, "slow", f"The body did not arrive within {BODY_S:.0f} s.", "Try again.") from None
            read += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if read > self.limit:
                raise Refused(413, "oversized", f"At most {self.limit} bytes are read.")
            return message

        await self.app(scope, limited, send)


class _Farewell:
    """Closes an answer that is cut short because the process stops: its reader sees an end and not a break."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = ended = False

        async def watched(message: Message) -> None:
            nonlocal begun, ended
            begun = True
            ended = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except asyncio.CancelledError:
            if scope["type"] != "http":
                raise
            if not begun:
                await _problem(503, "stopping", "This process is stopping.", "Try again.")(scope, receive, send)
            elif not ended:
                await send({"type": "http.response.body", "body": b"", "more_body": False})


class _SafeHeaders:
    """Adds ``SECURITY_HEADERS`` to every answer; plain ASGI, so that a stream of events is passed on as it comes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


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

    app = FastAPI(title=title, version=version, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.router.route_class = StrictRoute
    app.add_middleware(_BodyLimit, limit=body_limit)
    app.add_middleware(_Farewell)
    app.add_middleware(_SafeHeaders)

    @app.exception_handler(Refused)
    async def refused(_request: Request, error: Refused) -> Response:
        return refusal(error)

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

    @app.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> Response:
        _log.error("request_failed", path=request.url.path, error=repr(error))
        response = _problem(500, "internal", "Something went wrong here.", "Try again; the log says what it was.")
        response.headers.update(SECURITY_HEADERS)
        return response

    @app.get("/openapi.json", dependencies=[Depends(PUBLIC)], include_in_schema=False)
    async def get_openapi() -> dict[str, Any]:
        """The description of this API."""
        return app.openapi()

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
