"""What a refusal looks like to a caller, and how routes describe theirs."""

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
    401: "Nobody is signed in, or the key, device or basket is not known.",
    403: "Not allowed.",
    404: "There is no such thing.",
    409: "It is there already.",
    413: "The body is too big.",
    415: "Another type of content is expected.",
    422: "A value is not as it must be.",
    429: "Too many tries.",
    503: "Not now.",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route for its documentation; those that any route may give are always there."""
    return {
        status: {"model": Error, "description": _MEANINGS[status]}
        for status in sorted({*statuses, 400, 401, 403, 413, 415, 422, 503})
    }


def stream_errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """``errors`` for a route that answers with events: its refusals are JSON all the same."""
    schema = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {
        status: {"description": said["description"], "content": schema} for status, said in errors(*statuses).items()
    }
