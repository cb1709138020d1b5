"""Who was let see a camera."""

import sqlite3
from collections.abc import Sequence

from models.messages.facts import CameraPreviewed


def fold(connection: sqlite3.Connection, facts: Sequence[CameraPreviewed]) -> None:
    """Keep who looked; it is never changed."""
    connection.executemany(
        "INSERT INTO camera_previews(t_ms, node, camera, clerk, until_ms) VALUES (?,?,?,?,?)",
        [(fact.t_ms, fact.node, fact.camera, fact.by, fact.until_ms) for fact in facts],
    )


def newest(connection: sqlite3.Connection, limit: int) -> list[tuple[int, str, str, str, int]]:
    """(when, node, camera, clerk, until when), the newest first."""
    found = connection.execute(
        "SELECT t_ms, node, camera, clerk, until_ms FROM camera_previews ORDER BY id DESC LIMIT ?", (limit,)
    )
    return [tuple(row) for row in found.fetchall()]
