"""The pages people use in a store: handheld, shopper's page, manager's page. They speak to the API only."""

import io
from pathlib import Path
from typing import Annotated, Final

import segno
from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, StringConstraints

from models.process.web import PUBLIC, RevalidatedFiles, StrictRoute, mount_shared_static

STATIC: Final = Path(__file__).parent / "static"

PAGES: Final = {
    "/": ("home.html", "Where a phone or a computer of the store starts."),
    "/handheld": ("handheld.html", "The clerk's handheld."),
    "/shop": ("shop.html", "The shopper's page."),
    "/manager": ("manager.html", "The manager's page."),
    "/handheld.webmanifest": ("handheld.webmanifest", "What a phone needs to install the handheld."),
    "/handheld-worker.js": ("handheld-worker.js", "Keeps the handheld's page for when the network is gone."),
}
"""Path → file and description. The worker stands at the root because its scope is the folder that it comes from."""

MEDIA_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".js": "text/javascript; charset=utf-8",
}


class QrText(BaseModel):
    """What a QR code shall say."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=500)]


def pages_router() -> APIRouter:
    """The routes of the pages. Everybody may load a page; what it shows, the API decides."""
    router = APIRouter(route_class=StrictRoute, tags=["pages"], dependencies=[Depends(PUBLIC)])
    for path, (name, description) in PAGES.items():
        _add_page(router, path, name, description)

    @router.post("/pages/qr", response_class=Response, responses={200: {"content": {"image/svg+xml": {}}}})
    async def draw_qr(wanted: QrText) -> Response:
        """Draw a QR code as SVG. A POST, so that a code that lets somebody in stands in no log of addresses."""
        drawing = io.BytesIO()
        segno.make(wanted.text, error="m", micro=False).save(
            drawing, kind="svg", border=3, light="white", xmldecl=False
        )
        return Response(drawing.getvalue(), media_type="image/svg+xml", headers={"cache-control": "no-store"})

    return router


def _add_page(router: APIRouter, path: str, name: str, description: str) -> None:
    media_type = MEDIA_TYPES[Path(name).suffix]

    async def page() -> Response:
        return FileResponse(STATIC / name, media_type=media_type, headers={"cache-control": "no-cache"})

    router.add_api_route(
        path, page, methods=["GET"], name=name, description=description, response_class=FileResponse,
        responses={200: {"content": {media_type.partition(";")[0]: {}}}},
    )  # fmt: skip


def mount_pages(app: FastAPI) -> None:
    """Add the pages, their own files at ``/static`` and the shared look at ``/shared``."""
    app.include_router(pages_router())
    mount_shared_static(app)
    app.mount("/static", RevalidatedFiles(directory=STATIC), name="static")
