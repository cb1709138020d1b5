"""A full disk is a state: refused for now, said in /health, and over as soon as there is room."""

import sqlite3
from collections.abc import Callable
from typing import Any

from models.messages.codec import encode
from models.messages.envelopes import FactBatch
from models.messages.ids import StreamClass
from tests.hq.conftest import Desk
from tests.hq.test_streams import sale

Run = Callable[..., Any]


def test_facts_wait_while_the_disk_is_full_and_are_folded_when_it_has_room(run: Run) -> None:
    async def limit(desk: Desk, spare: int) -> None:
        """Let the file grow by so many pages and no further."""

        def change(connection: sqlite3.Connection) -> None:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count={pages + spare}").fetchone()

        await desk.hq.writer.arun(change)

    async def story(desk: Desk) -> None:
        from msgspec import Raw

        await desk.sign_in()
        harbour = desk.store("harbour")
        facts = [sale(f"t-{number}") for number in range(900)]
        batch = FactBatch(epoch="0" * 16, first=1, facts=tuple(Raw(encode(fact)) for fact in facts))
        await limit(desk, 2)
        url = f"/v1/streams/gateway/{StreamClass.LEDGER.value}"
        answer = await desk.http.post(url, content=encode(batch), headers=harbour.headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "storage")
        health = await desk.http.get("/health")
        assert health.status_code == 503
        assert health.json()["problems"][0]["subject"] == "disk"
        assert (await desk.overview("harbour"))["sales"][0]["sales"] == 0
        await limit(desk, 100_000)
        answer = await desk.http.post(url, content=encode(batch), headers=harbour.headers)
        assert answer.json()["upto"] == 900
        assert (await desk.overview("harbour"))["sales"][0]["sales"] == 900
        assert (await desk.http.get("/health")).status_code == 200

    run(story)
