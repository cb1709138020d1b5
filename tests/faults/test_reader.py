"""A reader that talks nonsense or hangs up, at a whole node: said, kept for the manager, and then read again."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from edge.migrations import migrate
from edge.node import Node, screen_server, serve
from edge.record import DATABASE
from edge.settings import EdgeSettings
from firmware_stubs.demo.supervise import free_port
from firmware_stubs.llrp.reader import PretendReader

REPORT_OF_NOTHING_KNOWN = bytes.fromhex("043d0000000f00000001") + b"\x00\xf0\x00\x09\x8d"


async def until(check: Callable[[], object], timeout_s: float = 15.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not check():  # noqa: ASYNC110 - threads of the node are waited for
            await asyncio.sleep(0.05)


def test_a_node_survives_whatever_its_reader_does(tmp_path: Path) -> None:
    migrate(tmp_path / DATABASE)
    asyncio.run(_hurt(tmp_path))


async def _hurt(folder: Path) -> None:
    async with PretendReader() as reader:
        given = {"name": "shelf-a", "host": "127.0.0.1", "port": reader.port, "antennas": {1: "A1"}, "retry_s": 0.1}
        node = Node(
            EdgeSettings.model_validate(
                {
                    "store": "demo",
                    "node": "pi-1",
                    "data_dir": folder,
                    "mqtt": {"hosts": ["127.0.0.1:1"]},
                    "screen": {"port": free_port(0)},
                    "reader": [given],
                    "shelves": {"cycle_ms": 200},
                }
            )
        )
        node.start()
        server = screen_server(node)
        serving = asyncio.create_task(serve(node, server))
        try:
            await _every_trouble(folder, reader, node)
        finally:
            server.should_exit = True
            await serving
            await asyncio.to_thread(node.stop)


async def _every_trouble(folder: Path, reader: PretendReader, node: Node) -> None:
    def rows(query: str) -> list[tuple[bytes, ...]]:
        with closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)) as database:
            return database.execute(query).fetchall()

    def trouble() -> bool:
        return any(problem.subject == "reader.shelf-a" for problem in node.health.problems())

    async def is_read_again(connections: int) -> None:
        await until(lambda: reader.connections > connections and reader.is_active and not trouble())

    await is_read_again(0)
    reader.send_bytes(REPORT_OF_NOTHING_KNOWN)
    await until(lambda: rows("SELECT 1 FROM dead_letters WHERE source = 'llrp/shelf-a'"))
    assert any(b'"message.refused"' in row[0] for row in rows("SELECT body FROM outbox WHERE class = 'telemetry'"))
    hurts: tuple[Callable[[], None], ...] = (
        lambda: reader.send_bytes(b"GET / HTTP/1.1\r\n\r\n" * 50),
        lambda: reader.hang_up(in_the_middle=True),
        lambda: reader.send_bytes(b"\xff" * 1000),
        reader.hang_up,
    )
    for hurt in hurts:
        connections = reader.connections
        hurt()
        await is_read_again(connections)
