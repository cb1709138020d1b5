"""Requests that change something come from our own pages, or from no page at all."""

from typing import Final

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api.refusals import Error, ErrorDetail
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
