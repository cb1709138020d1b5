"""The tables of a stream's two ends. A process keeps them in the same file as the state that its facts change."""

from pathlib import Path

from sqlite_utils import Database, Migrations

migrations = Migrations("stream")


@migrations()
def m001_outbox_and_inbox(database: Database) -> None:
    """What is to be sent, what has been folded, and what was refused."""
    for statement in _TABLES:
        database.execute(statement)


@migrations()
def m002_set_aside(database: Database) -> None:
    """Facts that our own fold could not take in, whole, and which version folded last."""
    database.execute(
        """CREATE TABLE set_aside(
            id INTEGER PRIMARY KEY AUTOINCREMENT, t_ms INTEGER NOT NULL, node TEXT NOT NULL, class TEXT NOT NULL,
            epoch TEXT NOT NULL, number INTEGER NOT NULL, detail TEXT NOT NULL, body BLOB NOT NULL)"""
    )
    database.execute("CREATE TABLE folded_by(version TEXT NOT NULL)")


_TABLES = (
    # One row is a chunk of ``span`` consecutive numbers: the raw JSON of its facts joined by commas, so that a batch
    # is made by concatenation. ``lost`` marks a chunk whose facts were thinned away: its body is one FactsDropped.
    """CREATE TABLE outbox(
        peer TEXT NOT NULL, class TEXT NOT NULL, seq INTEGER NOT NULL, span INTEGER NOT NULL,
        t_ms INTEGER NOT NULL, lost INTEGER NOT NULL DEFAULT 0, body BLOB NOT NULL,
        PRIMARY KEY(peer, class, seq)) WITHOUT ROWID""",
    """CREATE TABLE outbox_heads(
        peer TEXT NOT NULL, class TEXT NOT NULL, epoch TEXT NOT NULL, next_seq INTEGER NOT NULL DEFAULT 1,
        acked INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0, dropped INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY(peer, class)) WITHOUT ROWID""",
    # When what was acknowledged: a few rows an hour, so that an acknowledgement rewrites no chunk.
    """CREATE TABLE outbox_marks(
        peer TEXT NOT NULL, class TEXT NOT NULL, acked_ms INTEGER NOT NULL, upto INTEGER NOT NULL,
        PRIMARY KEY(peer, class, acked_ms)) WITHOUT ROWID""",
    """CREATE TABLE inbox(
        node TEXT NOT NULL, class TEXT NOT NULL, epoch TEXT NOT NULL, upto INTEGER NOT NULL,
        updated_ms INTEGER NOT NULL, PRIMARY KEY(node, class, epoch)) WITHOUT ROWID""",
    """CREATE TABLE dead_letters(
        id INTEGER PRIMARY KEY AUTOINCREMENT, t_ms INTEGER NOT NULL, source TEXT NOT NULL, reason TEXT NOT NULL,
        detail TEXT NOT NULL, body BLOB NOT NULL)""",
    "CREATE TABLE dead_letter_counts(reason TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID",
)


def migrate_stream(database: Database) -> None:
    """Create or update the tables ``outbox``, ``inbox``, ``dead_letters``; safe to call at every start."""
    migrations.apply(database)


def prepare(path: Path) -> None:
    """Make a file that holds a stream's tables and nothing else, as an edge node's does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    database = Database(path)
    try:
        migrate_stream(database)
    finally:
        database.close()
