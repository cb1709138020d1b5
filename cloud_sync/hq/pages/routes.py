"""Serves the page and what belongs to it."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import FileResponse

from models.process.web import PUBLIC, RevalidatedFiles, StrictRoute, mount_shared_static

FOLDER: Final = Path(__file__).parent


def add_pages(app: FastAPI) -> None:
    """The page at ``/``, its files at ``/static``, the shared look at ``/shared``. What it shows needs a session."""
    router = APIRouter(route_class=StrictRoute)

    @router.get("/", dependencies=[Depends(PUBLIC)], response_class=FileResponse, include_in_schema=False)
    async def get_page() -> FileResponse:
        """The page; it asks to sign in."""
        return FileResponse(FOLDER / "stores.html", headers={"cache-control": "no-cache"})

    app.include_router(router)
    app.mount("/static", RevalidatedFiles(directory=FOLDER / "static"), name="static")
    mount_shared_static(app)
