"""The schema of a node's database, as named steps."""

from pathlib import Path

import sqlite_utils
from sqlite_utils import Migrations

from cloud_sync.stream.schema import migrate_stream

migrations = Migrations("edge")


@migrations()
def create_said_items(database: sqlite_utils.Database) -> None:
    """What the node last said of each item, so that a restart says nothing twice."""
    database.table("said_items").create(
        {"epc": str, "shelf": str, "taken": int, "p": float, "t_ms": int},
        pk="epc",
        not_null={"shelf", "taken", "p", "t_ms"},
    )


@migrations()
def create_seen_messages(database: sqlite_utils.Database) -> None:
    """Device messages whose facts are committed: one that is delivered again is known by its id."""
    database.table("seen_messages").create({"device": str, "id": str, "t_ms": int}, pk=("device", "id"))
    database.table("seen_messages").create_index(["t_ms"])


@migrations()
def create_kept_values(database: sqlite_utils.Database) -> None:
    """Small states by name: the presence belief, a door's day."""
    database.table("kept_values").create({"name": str, "value": bytes}, pk="name")


def migrate(path: Path) -> None:
    """Bring the node's database file up to date, creating it at first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite_utils.Database(path)
    try:
        migrate_stream(database)
        migrations.apply(database)
    finally:
        database.close()
