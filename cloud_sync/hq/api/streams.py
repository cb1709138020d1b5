"""What gateways call: their streams upwards, headquarters' streams downwards. The bodies are the wire's own."""

from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Path, Request, Response

from cloud_sync.hq.api.parts import Parts
from models.messages.codec import decode, decode_batch, encode
from models.messages.envelopes import Ack, FactBatch
from models.messages.errors import WireError
from models.messages.ids import SLUG_PATTERN, StreamClass
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

JSON: Final = "application/json"


def _schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    _out, components = msgspec.json.schema_components([kind])
    schema: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode(components[kind.__name__]).replace(rb"\\Z", b"$")
    )
    return schema


def _speaks(takes: type[msgspec.Struct], gives: type[msgspec.Struct]) -> dict[str, Any]:
    return {
        "openapi_extra": {"requestBody": {"required": True, "content": {JSON: {"schema": _schema(takes)}}}},
        "responses": {200: {"content": {JSON: {"schema": _schema(gives)}}}},
    }


def streams_router(parts: Parts) -> APIRouter:
    """The two routes that stores call, with their key as a bearer token."""
    router = APIRouter(prefix="/v1", tags=["stores"], route_class=StrictRoute, responses=errors(401))
    store_key = Depends(parts.keys.access)

    async def refuse(source: str, error: WireError, body: bytes) -> Refused:
        await parts.log.refuse(source, error.reason, str(error), body)
        return Refused(422, error.reason, str(error), "This message will never be taken; compare docs/messages.md.")

    @router.post("/streams/{node}/{stream}", **_speaks(FactBatch, Ack))
    async def receive(
        request: Request,
        node: Annotated[str, Path(pattern=SLUG_PATTERN)],
        stream: StreamClass,
        store: Annotated[str, store_key],
    ) -> Response:
        """Take in a batch of facts; the acknowledgement says what is committed. An empty one asks how far we are."""
        body = await request.body()
        try:
            batch = decode_batch(body)
        except WireError as error:
            raise await refuse(f"{store}/{node}/{stream.value}", error, body) from error
        ack = await parts.log.receive(store, node, stream, batch)
        return Response(encode(ack), media_type=JSON)

    @router.post("/down/{stream}", **_speaks(Ack, FactBatch))
    async def follow(request: Request, stream: StreamClass, store: Annotated[str, store_key]) -> Response:
        """What follows the acknowledgement; 204 when nothing came for twenty seconds."""
        body = await request.body()
        try:
            ack = decode(body, Ack)
        except WireError as error:
            raise await refuse(f"{store}/down/{stream.value}", error, body) from error
        batch = await parts.log.following(store, stream, ack, parts.poll_s)
        return Response(status_code=204) if batch is None else Response(batch, media_type=JSON)

    return router
