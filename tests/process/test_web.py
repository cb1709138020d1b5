"""What every process's HTTP holds: bounded bodies, strict JSON, safe headers, a decision per route, health."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from prometheus_client import CollectorRegistry, Counter
from pydantic import BaseModel

from models.process.clock import ManualClock
from models.process.health import Health
from models.process.web import (
    PUBLIC,
    SECURITY_HEADERS,
    Access,
    Refused,
    StrictRoute,
    access_table,
    create_app,
    mount_shared_static,
)


class Order(BaseModel):
    pieces: int
    note: Any = None


async def _only_with_key(request: Request) -> str:
    if request.headers.get("x-key") != "open sesame":
        raise Refused(401, "no-key", "Who are you?", "Send your key.")
    return "somebody"


KEYED = Access("keyed", _only_with_key)


@pytest.fixture
def health() -> Health:
    return Health(ManualClock())


@pytest.fixture
def app(health: Health) -> FastAPI:
    registry = CollectorRegistry()
    Counter("orders", "Orders that came in.", registry=registry).inc(3)
    app = create_app("Test", "1", health, registry, body_limit=1000)
    router = APIRouter(route_class=StrictRoute)

    @router.post("/orders", dependencies=[Depends(PUBLIC)])
    async def order(body: Order) -> Order:
        return body

    @router.post("/raw", dependencies=[Depends(PUBLIC)])
    async def raw(request: Request) -> int:
        return len(await request.body())

    @router.get("/mine")
    async def mine(who: Annotated[str, Depends(KEYED)]) -> str:
        return who

    @router.get("/broken", dependencies=[Depends(PUBLIC)])
    async def broken() -> None:
        raise RuntimeError("the phone number is +86 10 1234")

    app.include_router(router)
    mount_shared_static(app)
    return app


def ask(app: FastAPI, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own options
    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **options)

    return asyncio.run(run())


@pytest.mark.parametrize("path", ["/orders", "/raw"])
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_beyond_the_limit_is_answered_with_413(app: FastAPI, path: str, announced: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100

    body: Any = b" " * 2000 if announced else pieces()
    answer = ask(app, "POST", path, content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "oversized")


@pytest.mark.parametrize("length", ["-1", "many", "9" * 30])
def test_a_length_that_is_no_number_is_refused(app: FastAPI, length: str) -> None:
    assert ask(app, "POST", "/raw", content=b"x", headers={"content-length": length}).status_code == 413


@pytest.mark.parametrize(
    "body",
    [b'{"pieces":NaN}', b'{"pieces":1,"note":NaN}', b'{"pieces":1,"note":1e400}', b'{"pieces":1', b"\xff",
     b'{"pieces":1,"note":"\\ud800"}', b'{"pieces":1,"note":' + b"[" * 480 + b"]" * 480 + b"}"],
)  # fmt: skip
def test_what_is_not_json_is_refused_and_never_breaks_the_answer(app: FastAPI, body: bytes) -> None:
    answer = ask(app, "POST", "/orders", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "malformed")


def test_an_invalid_field_is_named_in_the_refusal(app: FastAPI) -> None:
    answer = ask(app, "POST", "/orders", json={"pieces": "many"})
    assert answer.status_code == 422
    assert "body.pieces" in answer.json()["error"]["message"]


def test_a_refusal_says_what_to_do(app: FastAPI) -> None:
    answer = ask(app, "GET", "/mine")
    assert answer.status_code == 401
    assert answer.json() == {"error": {"code": "no-key", "message": "Who are you?", "hint": "Send your key."}}
    assert ask(app, "GET", "/mine", headers={"x-key": "open sesame"}).json() == "somebody"


def test_a_failure_of_ours_tells_nothing_of_its_inside(app: FastAPI) -> None:
    answer = ask(app, "GET", "/broken")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert "1234" not in answer.text


@pytest.mark.parametrize("path", ["/health", "/nowhere", "/mine", "/broken", "/shared/aisle.css", "/openapi.json"])
def test_every_answer_has_the_safe_headers(app: FastAPI, path: str) -> None:
    headers = ask(app, "GET", path).headers
    for name, value in SECURITY_HEADERS.items():
        assert headers[name] == value
    assert "unsafe" not in headers["content-security-policy"]


def test_the_walk_sees_every_route_with_its_decision(app: FastAPI) -> None:
    assert access_table(app) == {
        "GET /openapi.json": "public", "GET /health": "public", "GET /metrics": "public",
        "POST /orders": "public", "POST /raw": "public", "GET /mine": "keyed", "GET /broken": "public",
    }  # fmt: skip


@pytest.mark.parametrize("decisions", [[], [Depends(PUBLIC), Depends(KEYED)]])
def test_the_walk_refuses_a_route_without_exactly_one_decision(app: FastAPI, decisions: list[Any]) -> None:
    inner, outer = APIRouter(route_class=StrictRoute), APIRouter(prefix="/far")

    @inner.get("/open-door", dependencies=decisions)
    async def open_door() -> None:
        return None

    outer.include_router(inner)
    app.include_router(outer, prefix="/away")
    with pytest.raises(ValueError, match="/away/far/open-door has"):
        access_table(app)


def test_the_walk_refuses_a_route_that_is_not_strict(app: FastAPI) -> None:
    router = APIRouter()

    @router.get("/lax", dependencies=[Depends(PUBLIC)])
    async def lax() -> None:
        return None

    app.include_router(router)
    with pytest.raises(ValueError, match="/lax is not a StrictRoute"):
        access_table(app)


def test_health_says_the_reason_when_it_is_not_well(app: FastAPI, health: Health) -> None:
    assert ask(app, "GET", "/health").json() == {"ok": True, "problems": []}
    health.report("disk", "full", "0 bytes are free", "Delete something.")
    answer = ask(app, "GET", "/health")
    assert answer.status_code == 503
    (problem,) = answer.json()["problems"]
    assert (problem["subject"], problem["code"], problem["hint"]) == ("disk", "full", "Delete something.")
    health.clear("disk")
    assert ask(app, "GET", "/health").status_code == 200


def test_metrics_are_in_the_prometheus_format(app: FastAPI) -> None:
    answer = ask(app, "GET", "/metrics")
    assert "orders_total 3.0" in answer.text
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.fixture(autouse=True)
def _quiet(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    capsys.readouterr()
