"""The tables of headquarters, beside those of the streams in the same file."""

from pathlib import Path
from typing import Final

from sqlite_utils import Database, Migrations

from cloud_sync.hq import days, goods, losses
from cloud_sync.stream.schema import migrate_stream

migrations = Migrations("hq")


def prepare(path: Path) -> None:
    """Create the file or bring it up to date, before a ``Writer`` opens it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    database = Database(path)
    try:
        migrate_stream(database)
        migrations.apply(database)
    finally:
        database.close()


@migrations()
def m001_stores(database: Database) -> None:
    """What stores say: stock, sales, minutes, problems; what is of record here: members, points, catalogue."""
    for statement in _TABLES:
        database.execute(statement)
    database.table("products").enable_fts(["name_en", "name_zh", "gtin"], tokenize="trigram", create_triggers=True)


@migrations()
def m002_goods(database: Database) -> None:
    """What stores should hold, and what is on its way to them."""
    for statement in goods.TABLES:
        database.execute(statement)


@migrations()
def m003_losses(database: Database) -> None:
    """What stores miss, and their alarms."""
    for statement in losses.TABLES:
        database.execute(statement)


@migrations()
def m004_days(database: Database) -> None:
    """What people waited and how they came and went, minute by minute, and how a door's day ended."""
    for statement in days.TABLES:
        database.execute(statement)


_TABLES: Final = (
    "CREATE TABLE contacts(store TEXT PRIMARY KEY, seen_ms INTEGER NOT NULL) WITHOUT ROWID",
    # --- stock ---
    """CREATE TABLE items(
        store TEXT NOT NULL, epc TEXT NOT NULL, gtin TEXT, place TEXT NOT NULL, present INTEGER NOT NULL,
        t_ms INTEGER NOT NULL, PRIMARY KEY(store, epc)) WITHOUT ROWID""",
    "CREATE INDEX items_by_gtin ON items(store, gtin, present, place)",
    """CREATE TABLE entries(
        id INTEGER PRIMARY KEY, store TEXT NOT NULL, gtin TEXT NOT NULL, place TEXT NOT NULL,
        is_count INTEGER NOT NULL, amount INTEGER NOT NULL, t_ms INTEGER NOT NULL)""",
    "CREATE INDEX entries_by_place ON entries(store, gtin, place, t_ms)",
    """CREATE TABLE counted(
        store TEXT NOT NULL, gtin TEXT NOT NULL, place TEXT NOT NULL, quantity INTEGER NOT NULL,
        PRIMARY KEY(store, gtin, place)) WITHOUT ROWID""",
    # on_hand per store and product, kept up to date by the fold, so that a look-up is one read
    """CREATE TABLE stock(
        gtin TEXT NOT NULL, store TEXT NOT NULL, on_hand INTEGER NOT NULL, t_ms INTEGER NOT NULL,
        PRIMARY KEY(gtin, store)) WITHOUT ROWID""",
    "CREATE INDEX stock_by_store ON stock(store, on_hand)",
    """CREATE TABLE stock_untold(
        gtin TEXT NOT NULL, store TEXT NOT NULL, PRIMARY KEY(gtin, store)) WITHOUT ROWID""",
    # --- sales ---
    """CREATE TABLE sales(
        store TEXT NOT NULL, sale TEXT NOT NULL, t_ms INTEGER NOT NULL, day TEXT NOT NULL, till TEXT NOT NULL,
        lane TEXT, total_minor INTEGER NOT NULL, currency TEXT NOT NULL, member TEXT,
        PRIMARY KEY(store, sale)) WITHOUT ROWID""",
    """CREATE TABLE sales_days(
        store TEXT NOT NULL, day TEXT NOT NULL, currency TEXT NOT NULL, sales INTEGER NOT NULL,
        pieces INTEGER NOT NULL, total_minor INTEGER NOT NULL, PRIMARY KEY(store, day, currency)) WITHOUT ROWID""",
    """CREATE TABLE sales_products(
        store TEXT NOT NULL, day TEXT NOT NULL, gtin TEXT NOT NULL, currency TEXT NOT NULL, pieces INTEGER NOT NULL,
        total_minor INTEGER NOT NULL, PRIMARY KEY(store, day, gtin, currency)) WITHOUT ROWID""",
    # --- floor ---
    """CREATE TABLE lane_minutes(
        store TEXT NOT NULL, lane TEXT NOT NULL, t_ms INTEGER NOT NULL, people_mean REAL NOT NULL,
        people_max INTEGER NOT NULL, open_s REAL NOT NULL, served INTEGER NOT NULL, wait_s REAL, wait_high_s REAL,
        PRIMARY KEY(store, t_ms, lane)) WITHOUT ROWID""",
    """CREATE TABLE door_minutes(
        store TEXT NOT NULL, door TEXT NOT NULL, t_ms INTEGER NOT NULL, entered INTEGER NOT NULL,
        left INTEGER NOT NULL, PRIMARY KEY(store, door, t_ms)) WITHOUT ROWID""",
    """CREATE TABLE footfall(
        store TEXT NOT NULL, day TEXT NOT NULL, hour INTEGER NOT NULL, entered INTEGER NOT NULL,
        left INTEGER NOT NULL, PRIMARY KEY(store, day, hour)) WITHOUT ROWID""",
    """CREATE TABLE problems(
        store TEXT NOT NULL, node TEXT NOT NULL, subject TEXT NOT NULL, code TEXT NOT NULL, since_ms INTEGER NOT NULL,
        PRIMARY KEY(store, node, subject)) WITHOUT ROWID""",
    """CREATE TABLE dropped(
        store TEXT NOT NULL, node TEXT NOT NULL, class TEXT NOT NULL, count INTEGER NOT NULL,
        PRIMARY KEY(store, node, class)) WITHOUT ROWID""",
    # --- members: the record, and a ledger to which entries are only ever added ---
    """CREATE TABLE members(
        member TEXT PRIMARY KEY, name_sealed TEXT NOT NULL, phone_sealed TEXT NOT NULL, phone_hash TEXT NOT NULL,
        tier TEXT NOT NULL, store TEXT NOT NULL, t_ms INTEGER NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX members_by_phone ON members(phone_hash)",
    """CREATE TABLE points(
        number INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL UNIQUE, member TEXT NOT NULL,
        points INTEGER NOT NULL, reason TEXT NOT NULL, sale TEXT, store TEXT NOT NULL, t_ms INTEGER NOT NULL)""",
    "CREATE INDEX points_by_member ON points(member, points)",
    "CREATE TRIGGER points_stay BEFORE UPDATE ON points BEGIN SELECT raise(ABORT, 'entries are only added'); END",
    "CREATE TRIGGER points_remain BEFORE DELETE ON points BEGIN SELECT raise(ABORT, 'entries are only added'); END",
    # --- catalogue ---
    """CREATE TABLE products(
        id INTEGER PRIMARY KEY, gtin TEXT NOT NULL UNIQUE, name_en TEXT NOT NULL, name_zh TEXT NOT NULL,
        category TEXT NOT NULL, tagged INTEGER NOT NULL, active INTEGER NOT NULL, t_ms INTEGER NOT NULL)""",
    """CREATE TABLE prices(
        gtin TEXT NOT NULL, from_ms INTEGER NOT NULL, price_minor INTEGER NOT NULL, currency TEXT NOT NULL,
        t_ms INTEGER NOT NULL, PRIMARY KEY(gtin, from_ms, currency)) WITHOUT ROWID""",
    # --- people and stores that talk to us ---
    """CREATE TABLE sessions(
        token_sha256 BLOB PRIMARY KEY, staff TEXT NOT NULL, until_ms INTEGER NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE snapshots(
        store TEXT NOT NULL, class TEXT NOT NULL, first INTEGER NOT NULL, PRIMARY KEY(store, class)) WITHOUT ROWID""",
)
