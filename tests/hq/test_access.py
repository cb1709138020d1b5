"""Who may call what: every route has one decision, sessions end, guessing is slowed down."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from models.process.clock import ManualClock
from models.process.web import access_table
from tests.hq.conftest import PASSWORD, Desk

Run = Callable[..., Any]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "headquarters.md"
TABLE = dict(re.findall(r"^\| `([A-Z]+ /.*)` \| (\w+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
"""Route → who, as the page documents it."""


def test_every_route_has_exactly_the_decision_that_is_documented(run: Run) -> None:
    async def story(desk: Desk) -> None:
        assert access_table(desk.app) == TABLE

    run(story)


def test_what_is_not_public_is_closed_to_strangers(run: Run) -> None:
    async def story(desk: Desk) -> None:
        for route, access in TABLE.items():
            method, path = route.split(" ")
            names = {"gtin": "4006381333931", "number": 1, "node": "gateway", "stream": "ledger"}
            path = path.format(**names, store="harbour", shelf="A1")
            answer = await desk.http.request(method, path, json={})
            assert (answer.status_code == 401) == (access != "public"), route

    run(story)


def test_staff_cannot_speak_as_a_store(run: Run) -> None:
    async def story(desk: Desk) -> int:
        await desk.sign_in()
        return (await desk.http.post("/v1/streams/gateway/ledger", content=b"{}")).status_code

    assert run(story) == 401


def test_a_session_ends_with_sign_out_and_after_twelve_hours(run: Run, clock: ManualClock) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        assert (await desk.get("/api/session")) == {"staff": "desk-1"}
        cookies = dict(desk.http.cookies)
        assert (await desk.http.delete("/api/session")).status_code == 200
        desk.http.cookies.update(cookies)  # somebody kept a copy
        assert (await desk.http.get("/api/stores")).status_code == 401
        await desk.sign_in()
        clock.advance(12 * 3600 + 1)
        assert (await desk.http.get("/api/stores")).status_code == 401
        assert (await desk.get("/api/session")) == {"staff": None}

    run(story)


def test_a_cookie_is_for_this_site_and_not_for_scripts(run: Run) -> None:
    async def story(desk: Desk) -> str:
        answer = await desk.http.post("/api/session", json={"name": "desk-1", "password": PASSWORD})
        return str(answer.headers["set-cookie"]).lower()

    cookie = run(story)
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie  # this desk speaks HTTP on loopback


def test_five_wrong_passwords_make_a_pause_that_says_how_long(run: Run, clock: ManualClock) -> None:
    async def story(desk: Desk) -> None:
        async def attempt(name: str, password: str) -> tuple[int, str]:
            answer = await desk.http.post("/api/session", json={"name": name, "password": password})
            return answer.status_code, answer.json().get("error", {}).get("hint", "")

        for _ in range(5):
            assert (await attempt("desk-1", "wrong"))[0] == 401
        assert await attempt("desk-1", PASSWORD) == (429, "Try again in 61 seconds.")
        clock.advance(30)
        assert await attempt("desk-1", PASSWORD) == (429, "Try again in 31 seconds.")
        clock.advance(31)
        assert (await attempt("desk-1", PASSWORD))[0] == 200

    run(story)


def test_an_unknown_name_is_answered_like_a_wrong_password(run: Run) -> None:
    async def story(desk: Desk) -> None:
        answers = [
            (await desk.http.post("/api/session", json={"name": name, "password": "wrong"})).json()
            for name in ("desk-1", "nobody", "x\u0000y", "' OR 1=1")
        ]
        assert all(answer == answers[0] for answer in answers)

    run(story)


def test_guessing_in_parallel_leaves_headquarters_answering(run: Run) -> None:
    async def story(desk: Desk) -> None:
        guesses = [
            asyncio.create_task(desk.http.post("/api/session", json={"name": f"n{n}", "password": "x"}))
            for n in range(12)
        ]
        assert (await desk.http.get("/health")).status_code == 200
        assert {(await guess).status_code for guess in guesses} <= {401, 429}

    run(story)


def test_another_sites_page_cannot_speak_for_somebody_who_is_signed_in(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        path, body = "/api/products/4006381333931", {"name_en": "Pencil"}
        for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
            assert (await desk.http.put(path, json=body, headers=headers)).status_code == 403
        assert (await desk.http.put(path, json=body, headers={"origin": "http://hq.test"})).status_code == 200

    run(story)


def test_browsers_keep_nothing_of_what_the_api_says(run: Run) -> None:
    async def story(desk: Desk) -> str:
        await desk.sign_in()
        return str((await desk.http.get("/api/stores")).headers["cache-control"])

    assert run(story) == "no-store"
