"""Nothing that is sent to headquarters makes it fail: schemathesis over the whole description, and known traps."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.errors import SchemathesisError

from cloud_sync.hq.access import COOKIE
from cloud_sync.hq.app import create_headquarters, open_headquarters
from models.process.clock import ManualClock
from tests.hq.conftest import NOON_MS, Desk, key_of, settings_for

Run = Callable[..., Any]
TOKEN = "a-token-for-the-machine"


def test_no_request_makes_a_server_error(tmp_path: Path, serve: Callable[..., Any]) -> None:
    """Requests as the description allows them and as it does not, signed in as staff and as a store."""
    hq = open_headquarters(settings_for(tmp_path, "harbour"), ManualClock(NOON_MS))
    digest = hashlib.sha256(TOKEN.encode()).digest()
    hq.writer.run(
        lambda c: c.execute("INSERT INTO sessions VALUES (?,?,?)", (digest, "desk-1", NOON_MS * 2)).rowcount
    )
    url = serve(create_headquarters(hq, poll_s=0.0)).url
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    headers = {"authorization": f"Bearer {key_of('harbour')}", "cookie": f"{COOKIE}={TOKEN}"}
    # A stream of events never ends by itself, and signing out would end the test's own session.
    tried = schema.exclude(path_regex="/events$").exclude(path="/api/session", method="DELETE")
    routes = 0
    for found in tried.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        routes += 1
        for mode in schemathesis.GenerationMode:
            with suppress(Unsatisfiable, SchemathesisError):  # a route without a value has none to get wrong
                _try(operation.as_strategy(generation_mode=mode), headers)
    assert routes >= 17


def _try(cases: Any, headers: dict[str, str]) -> None:  # noqa: ANN401 - the library's type
    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=cases)
    def call(case: Any) -> None:  # noqa: ANN401
        case.call_and_validate(headers=headers, checks=[not_a_server_error], timeout=10)

    call()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/api/products/4006381333931/price", b'{"price_minor":NaN,"currency":"EUR"}'),
        ("PUT", "/api/products/4006381333931/price", b'{"price_minor":1e400,"currency":"EUR"}'),
        ("PUT", "/api/products/4006381333931/price", b'{"price_minor":9223372036854775808,"currency":"EUR"}'),
        ("PUT", "/api/products/4006381333931/price", b'{"price_minor":1,"currency":"EUR","from_ms":1e30}'),
        ("PUT", "/api/products/4006381333931", b'{"name_en":"\\ud800"}'),
        ("PUT", "/api/products/4006381333931", b'{"name_en":"\xed\xa0\x80"}'),
        ("PUT", "/api/products/4006381333931", b"[" * 100_000),
        ("POST", "/api/session", b'{"name":"\\u0000","password":"\\udfff"}'),
        ("GET", "/api/stock?limit=99999999999999999999", b""),
        ("GET", "/api/waits?minutes=-1", b""),
        ("GET", "/api/imports/99999999999999999999", b""),
        ("GET", "/api/sales?day=0000-00-00", b""),
        ("GET", "/api/products/%00", b""),
    ],
)
def test_a_known_trap_is_refused(run: Run, method: str, path: str, body: bytes) -> None:
    async def story(desk: Desk) -> int:
        await desk.sign_in()
        await desk.http.put("/api/products/4006381333931", json={"name_en": "Pencil"})
        headers = {"content-type": "application/json"} if body else {}
        return (await desk.http.request(method, path, content=body, headers=headers)).status_code

    assert run(story) == 422


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_any_day_of_the_calendar_is_answered(run: Run, day: str) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        assert (await desk.get(f"/api/sales?day={day}"))["total"] == []

    run(story)


def test_the_description_names_every_route_and_its_bodies(run: Run) -> None:
    async def story(desk: Desk) -> Any:  # noqa: ANN401 - JSON
        return await desk.get("/openapi.json")

    paths = run(story)["paths"]
    for path in ("/api/stores", "/api/events", "/v1/streams/{node}/{stream}", "/v1/down/{stream}", "/health"):
        assert path in paths
    batch = paths["/v1/streams/{node}/{stream}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(batch["required"]) == {"epoch", "first", "facts"}
    for operations in paths.values():
        for operation in operations.values():
            assert operation["description"]
