"""What a node remembers over a restart: facts on their way, what it said of each item, device messages it has had."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping

from cloud_sync.stream.outbox import Outbox
from models.messages.facts import Fact, ItemFact, ItemTaken

DATABASE = "edge.db"
PEER = "gateway"
SEEN_KEPT_MS = 7 * 86_400_000

Change = Callable[[sqlite3.Connection], None]


class Record:
    """Writes facts into the outbox together with what they change of the node's memory."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def facts(self, facts: list[Fact], kept: Mapping[str, bytes] | None = None) -> Change:
        """A change that records decided facts, and values to be kept, in one transaction."""

        def change(connection: sqlite3.Connection) -> None:
            self._outbox.append(connection, PEER, facts)
            items = [fact for fact in facts if isinstance(fact, ItemFact)]
            connection.executemany(
                "INSERT OR REPLACE INTO said_items (epc, shelf, taken, p, t_ms) VALUES (?, ?, ?, ?, ?)",
                [(item.epc, item.shelf, isinstance(item, ItemTaken), item.p, item.t_ms) for item in items],
            )
            connection.executemany("INSERT OR REPLACE INTO kept_values VALUES (?, ?)", list((kept or {}).items()))

        return change

    def device_facts(self, device: str, message: str | None, facts: list[Fact], t_ms: int) -> Change:
        """A change that records what a device's message says, once, however often the message is delivered."""

        def change(connection: sqlite3.Connection) -> None:
            if message is not None:
                known = connection.execute(
                    "INSERT OR IGNORE INTO seen_messages VALUES (?, ?, ?)", (device, message, t_ms)
                )
                if known.rowcount == 0:
                    return
            self._outbox.append(connection, PEER, facts)

        return change

    def prune(self, connection: sqlite3.Connection, now_ms: int) -> None:
        """Forget what was acknowledged long ago, and device messages that no device still sends."""
        self._outbox.prune(connection)
        connection.execute("DELETE FROM seen_messages WHERE t_ms < ?", (now_ms - SEEN_KEPT_MS,))


def said_items(connection: sqlite3.Connection) -> Iterable[tuple[str, str, bool, float, int]]:
    """(EPC, shelf, whether it was taken, probability, when) of every item the node ever spoke of."""
    for row in connection.execute("SELECT epc, shelf, taken, p, t_ms FROM said_items"):
        yield row[0], row[1], bool(row[2]), row[3], row[4]


def kept_value(connection: sqlite3.Connection, name: str) -> bytes | None:
    """A kept value, if there is one."""
    row = connection.execute("SELECT value FROM kept_values WHERE name = ?", (name,)).fetchone()
    return None if row is None else bytes(row[0])
