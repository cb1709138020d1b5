"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from cloud_sync.hq.access import COOKIE, SESSION_MS
from cloud_sync.hq.api.parts import Parts
from models.process.refusals import errors
from models.process.web import PUBLIC, Refused, StrictRoute


class SignIn(BaseModel):
    """Who, and their password."""

    name: str = Field(min_length=1, max_length=32)
    password: str = Field(min_length=1, max_length=200)


class Session(BaseModel):
    """Who is signed in; ``null`` for nobody."""

    staff: str | None


def session_router(parts: Parts) -> APIRouter:
    """Routes under ``/api/session``."""
    router = APIRouter(prefix="/api/session", tags=["session"], route_class=StrictRoute, responses=errors(401, 429))

    @router.get("", dependencies=[Depends(PUBLIC)])
    async def get_session(request: Request) -> Session:
        """Who is signed in."""
        try:
            return Session(staff=await parts.sessions.access.check(request))
        except Refused:
            return Session(staff=None)

    @router.post("", dependencies=[Depends(PUBLIC)])
    async def sign_in(body: SignIn, response: Response) -> Session:
        """Sign in; five wrong passwords make a pause of a minute."""
        token = await parts.sessions.sign_in(body.name, body.password)
        response.set_cookie(
            COOKIE, token, max_age=SESSION_MS // 1000, httponly=True, secure=parts.is_secure, samesite="strict"
        )
        return Session(staff=body.name)

    @router.delete("")
    async def sign_out(
        request: Request, response: Response, _staff: Annotated[str, Depends(parts.sessions.access)]
    ) -> Session:
        """End this session."""
        await parts.sessions.sign_out(request.cookies.get(COOKIE, ""))
        response.delete_cookie(COOKIE, httponly=True, secure=parts.is_secure, samesite="strict")
        return Session(staff=None)

    return router
