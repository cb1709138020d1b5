"""What holds for every request: changes come from our own pages or from no page at all, answers are not kept."""

from typing import Final

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.process.refusals import Error, ErrorDetail
from models.process.web import SECURITY_HEADERS

_FOREIGN: Final = "Another site's page sent this."


class SameOrigin:
    """Refuses unsafe requests that another site's page sends; the cookies' ``SameSite=Strict`` is the other lock."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes from our own pages, or from no page at all."""
        if scope["type"] == "http" and scope["method"] not in {"GET", "HEAD", "OPTIONS"}:
            headers = Headers(scope=scope)
            origin = headers.get("origin")
            is_foreign = origin is not None and origin.partition("://")[2] != headers.get("host")
            if is_foreign or headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
                refusal = Error(error=ErrorDetail(code="other_site", message=_FOREIGN, hint="Open Aisle's own page."))
                response = JSONResponse(refusal.model_dump(), status_code=403, headers=SECURITY_HEADERS)
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)


class NotKept:
    """Tells browsers not to keep what the API says: it has members' names, and how things were a while ago."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with the header unless the route has one of its own."""

        async def with_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("cache-control", "no-store")
            await send(message)

        is_api = scope["type"] == "http" and scope["path"].startswith("/api/")
        await self._app(scope, receive, with_header if is_api else send)
