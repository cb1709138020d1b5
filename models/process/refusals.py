"""What a refusal looks like to a caller, for the description of an API."""

from typing import Any, Final

from pydantic import BaseModel


class ErrorDetail(BaseModel):
    """Why a request was refused: ``code`` for machines, ``message`` and ``hint`` for people."""

    code: str
    message: str
    hint: str


class Error(BaseModel):
    """Every refusal has this shape."""

    error: ErrorDetail


_MEANINGS: Final = {
    400: "The request cannot be read.",
    401: "Nobody is signed in, or the key is not known.",
    403: "Not allowed.",
    404: "There is no such thing.",
    409: "It is there already.",
    413: "The body is too big.",
    415: "Another type of content is expected.",
    422: "A value is not as it must be.",
    429: "Too many tries.",
    503: "Not now; try again.",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route; those that any route may give (422, 413, 503) are always there."""
    return {
        status: {"model": Error, "description": _MEANINGS[status]} for status in sorted({*statuses, 413, 422, 503})
    }
