"""The schema, as named steps, each in a transaction of its own. A step that was released is never changed again.

Columns that change with every fact (place, state, probability, time) carry no index: the indexes that there are stand
on what never changes after the insert, so that folding touches one tree only.
"""

import sqlite3
from pathlib import Path

import sqlite_utils
from sqlite_utils import Migrations

from cloud_sync.stream.schema import migrate_stream
from gateway.store.day_tables import DAY_TABLES, SEEN_AND_ADVISED
from gateway.store.life_tables import ALARM_TABLES, LIFE_TABLES, PLAN_NUMBER, SHRINK_TABLES, UNNUMBERED_STEPS

migrations = Migrations("gateway")


def _script(database: sqlite_utils.Database, *statements: str) -> None:
    # Not executescript(): that commits, and half a step would stay after a failure.
    for statement in statements:
        database.execute(statement)


@migrations()
def tagged_items(database: sqlite_utils.Database) -> None:
    """Items with tags and the shelves that see them. ``history`` holds the newest changes, newest first."""
    _script(
        database,
        """CREATE TABLE items (
            epc TEXT PRIMARY KEY, gtin TEXT, serial TEXT, place TEXT NOT NULL, state TEXT NOT NULL,
            p REAL NOT NULL, t_ms INTEGER NOT NULL, seen_ms INTEGER NOT NULL, history TEXT NOT NULL
        ) WITHOUT ROWID""",
        "CREATE INDEX items_gtin ON items(gtin)",
        """CREATE TABLE shelves (
            shelf TEXT PRIMARY KEY, node TEXT NOT NULL, state TEXT NOT NULL, t_ms INTEGER NOT NULL
        ) WITHOUT ROWID""",
    )


@migrations()
def counted_stock(database: sqlite_utils.Database) -> None:
    """Counts and deltas as entries; ``counted`` is what they come to."""
    _script(
        database,
        """CREATE TABLE counted_entries (
            id INTEGER PRIMARY KEY, gtin TEXT NOT NULL, place TEXT NOT NULL, kind TEXT NOT NULL
                CHECK (kind IN ('count', 'delta')),
            amount INTEGER NOT NULL, t_ms INTEGER NOT NULL, reason TEXT, reference TEXT,
            entered_ms INTEGER NOT NULL, undone INTEGER NOT NULL DEFAULT 0
        )""",
        "CREATE INDEX counted_entries_place ON counted_entries(gtin, place, t_ms)",
        """CREATE UNIQUE INDEX counted_entries_count ON counted_entries(reference)
           WHERE kind = 'count' AND reference NOT NULL""",
        """CREATE TABLE counted (
            gtin TEXT NOT NULL, place TEXT NOT NULL, quantity INTEGER NOT NULL, t_ms INTEGER NOT NULL,
            PRIMARY KEY (gtin, place)
        ) WITHOUT ROWID""",
    )


@migrations()
def catalogue(database: sqlite_utils.Database) -> None:
    """Products with a full-text index over both names and the GTIN, prices from a time on, stock of other stores."""
    _script(
        database,
        """CREATE TABLE products (
            id INTEGER PRIMARY KEY, gtin TEXT NOT NULL UNIQUE, name_en TEXT NOT NULL, name_zh TEXT NOT NULL,
            category TEXT NOT NULL, tagged INTEGER NOT NULL, active INTEGER NOT NULL, t_ms INTEGER NOT NULL
        )""",
        """CREATE TABLE prices (
            gtin TEXT NOT NULL, from_ms INTEGER NOT NULL, price_minor INTEGER NOT NULL, currency TEXT NOT NULL,
            t_ms INTEGER NOT NULL, PRIMARY KEY (gtin, from_ms)
        ) WITHOUT ROWID""",
        """CREATE TABLE elsewhere (
            gtin TEXT NOT NULL, store TEXT NOT NULL, store_name TEXT NOT NULL, on_hand INTEGER NOT NULL,
            t_ms INTEGER NOT NULL, PRIMARY KEY (gtin, store)
        ) WITHOUT ROWID""",
    )
    database.table("products").enable_fts(["name_en", "name_zh", "gtin"], tokenize="trigram", create_triggers=True)


@migrations()
def baskets_and_sales(database: sqlite_utils.Database) -> None:
    """Baskets of shoppers and of fixed scanners, every scan of them, and what was paid."""
    _script(
        database,
        """CREATE TABLE baskets (
            basket TEXT PRIMARY KEY, device TEXT, token_hash TEXT UNIQUE, opened_ms INTEGER NOT NULL,
            changed_ms INTEGER NOT NULL, closed_ms INTEGER, member TEXT
        )""",
        "CREATE INDEX baskets_device ON baskets(device) WHERE closed_ms IS NULL",
        """CREATE TABLE basket_scans (
            basket TEXT NOT NULL REFERENCES baskets ON DELETE CASCADE, n INTEGER NOT NULL, scan TEXT,
            gtin TEXT NOT NULL, price_minor INTEGER NOT NULL, t_ms INTEGER NOT NULL,
            removed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (basket, n), UNIQUE (basket, scan)
        ) WITHOUT ROWID""",
        """CREATE TABLE sales (
            sale TEXT PRIMARY KEY, till TEXT NOT NULL, lane TEXT, t_ms INTEGER NOT NULL, total_minor INTEGER NOT NULL,
            currency TEXT NOT NULL, member TEXT, lines INTEGER NOT NULL
        ) WITHOUT ROWID""",
    )


@migrations()
def members_and_points(database: sqlite_utils.Database) -> None:
    """Members, sealed, and the points ledger, which refuses to be changed."""
    _script(
        database,
        """CREATE TABLE members (
            member TEXT PRIMARY KEY, name_sealed TEXT NOT NULL, phone_sealed TEXT NOT NULL, phone_hash TEXT NOT NULL,
            tier TEXT NOT NULL, t_ms INTEGER NOT NULL, hq_points INTEGER, hq_upto INTEGER
        ) WITHOUT ROWID""",
        "CREATE INDEX members_phone ON members(phone_hash)",
        """CREATE TABLE points (
            number INTEGER PRIMARY KEY, entry TEXT NOT NULL UNIQUE, member TEXT NOT NULL, points INTEGER NOT NULL,
            reason TEXT NOT NULL, sale TEXT, t_ms INTEGER NOT NULL
        )""",
        "CREATE INDEX points_member ON points(member)",
        "CREATE UNIQUE INDEX points_sale ON points(sale) WHERE reason = 'sale'",
        """CREATE TRIGGER points_stay BEFORE UPDATE ON points
           BEGIN SELECT raise(ABORT, 'entries are only ever added'); END""",
        """CREATE TRIGGER points_last BEFORE DELETE ON points
           BEGIN SELECT raise(ABORT, 'entries are only ever added'); END""",
    )


@migrations()
def clerks_and_devices(database: sqlite_utils.Database) -> None:
    """Who may come in: clerks with PINs, devices, sessions, one-time enrolment codes. Of tokens only hashes."""
    _script(
        database,
        """CREATE TABLE clerks (
            clerk TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL CHECK (role IN ('clerk', 'manager')),
            pin_hash TEXT NOT NULL, created_ms INTEGER NOT NULL
        )""",
        """CREATE TABLE devices (
            device TEXT PRIMARY KEY, name TEXT NOT NULL, token_hash TEXT NOT NULL UNIQUE, enrolled_ms INTEGER NOT NULL
        )""",
        """CREATE TABLE sessions (
            token_hash TEXT PRIMARY KEY, clerk TEXT NOT NULL REFERENCES clerks ON DELETE CASCADE,
            device TEXT NOT NULL REFERENCES devices ON DELETE CASCADE, created_ms INTEGER NOT NULL,
            expires_ms INTEGER NOT NULL
        )""",
        """CREATE TABLE enrolments (
            code_hash TEXT PRIMARY KEY, name TEXT NOT NULL, expires_ms INTEGER NOT NULL
        )""",
    )


@migrations()
def minutes(database: sqlite_utils.Database) -> None:
    """Queues and footfall by minute, and what nodes had to drop."""
    _script(
        database,
        """CREATE TABLE lane_minutes (
            lane TEXT NOT NULL, t_ms INTEGER NOT NULL, people_mean REAL NOT NULL, people_max INTEGER NOT NULL,
            open_s REAL NOT NULL, served INTEGER NOT NULL, wait_s REAL, wait_high_s REAL, PRIMARY KEY (lane, t_ms)
        ) WITHOUT ROWID""",
        """CREATE TABLE door_minutes (
            door TEXT NOT NULL, t_ms INTEGER NOT NULL, entered INTEGER NOT NULL, went INTEGER NOT NULL,
            PRIMARY KEY (door, t_ms)
        ) WITHOUT ROWID""",
        """CREATE TABLE dropped (
            node TEXT NOT NULL, reason TEXT NOT NULL, facts INTEGER NOT NULL, until_ms INTEGER NOT NULL,
            PRIMARY KEY (node, reason)
        ) WITHOUT ROWID""",
    )


@migrations()
def sold_before_missed(database: sqlite_utils.Database) -> None:
    """Tagged pieces that a till sold by their number only, before any shelf missed one."""
    _script(
        database,
        """CREATE TABLE owed (
            id INTEGER PRIMARY KEY, gtin TEXT NOT NULL, pieces INTEGER NOT NULL, t_ms INTEGER NOT NULL
        )""",
    )


@migrations()
def item_changes(database: sqlite_utils.Database) -> None:
    """What became of each item, apart from how it is: appended as it comes, filed by item a moment later.

    Kept in the item's own row it cost as much as all the rest of folding a fact.
    """
    _script(
        database,
        "ALTER TABLE items DROP COLUMN history",
        """CREATE TABLE item_changes (
            id INTEGER PRIMARY KEY AUTOINCREMENT, epc TEXT NOT NULL, t_ms INTEGER NOT NULL, kind TEXT NOT NULL,
            place TEXT NOT NULL, p REAL NOT NULL
        )""",
        """CREATE TABLE item_history (
            epc TEXT NOT NULL, id INTEGER NOT NULL, t_ms INTEGER NOT NULL, kind TEXT NOT NULL, place TEXT NOT NULL,
            p REAL NOT NULL, PRIMARY KEY (epc, id)
        ) WITHOUT ROWID""",
    )


@migrations()
def planogram(database: sqlite_utils.Database) -> None:
    """What belongs where. A row with no facings says that the product no longer belongs there, and since when."""
    _script(
        database,
        """CREATE TABLE planogram (
            gtin TEXT NOT NULL, shelf TEXT NOT NULL, facings INTEGER NOT NULL, capacity INTEGER NOT NULL,
            low INTEGER NOT NULL, t_ms INTEGER NOT NULL, PRIMARY KEY (gtin, shelf)
        ) WITHOUT ROWID""",
        "CREATE INDEX planogram_shelf ON planogram(shelf)",
    )


@migrations()
def floor_work(database: sqlite_utils.Database) -> None:
    """What the shop does with its goods: edits of the plan, what sells, tasks, checked counts, deliveries."""
    _script(
        database,
        """CREATE TABLE plan_edits (
            id INTEGER PRIMARY KEY, change TEXT NOT NULL, gtin TEXT NOT NULL, shelf TEXT NOT NULL,
            facings INTEGER NOT NULL, capacity INTEGER NOT NULL, low INTEGER NOT NULL, entered_ms INTEGER NOT NULL
        )""",
        "CREATE INDEX plan_edits_change ON plan_edits(change)",
        """CREATE TABLE pace (
            gtin TEXT NOT NULL, day INTEGER NOT NULL, pieces INTEGER NOT NULL, PRIMARY KEY (gtin, day)
        ) WITHOUT ROWID""",
        "ALTER TABLE counted ADD COLUMN moved INTEGER NOT NULL DEFAULT 0",
        """CREATE TABLE tasks (
            task TEXT PRIMARY KEY, type TEXT NOT NULL, state TEXT NOT NULL, gtin TEXT NOT NULL, shelf TEXT NOT NULL,
            from_place TEXT NOT NULL, to_place TEXT NOT NULL, quantity INTEGER NOT NULL, on_shelf INTEGER NOT NULL,
            backroom INTEGER NOT NULL, base INTEGER NOT NULL, epcs TEXT NOT NULL, reason TEXT NOT NULL,
            priority INTEGER NOT NULL, since_ms INTEGER NOT NULL, claimed_by TEXT, claimed_ms INTEGER,
            expires_ms INTEGER, done_by TEXT, done_ms INTEGER, moved INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID""",
        """CREATE UNIQUE INDEX tasks_subject ON tasks(gtin, type, shelf) WHERE state IN ('open', 'claimed')""",
        "CREATE INDEX tasks_over ON tasks(done_ms) WHERE state IN ('done', 'dropped')",
        """CREATE TABLE task_actions (
            action TEXT PRIMARY KEY, task TEXT NOT NULL, clerk TEXT NOT NULL, t_ms INTEGER NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE count_checks (
            count TEXT PRIMARY KEY, gtin TEXT NOT NULL, place TEXT NOT NULL, expected INTEGER,
            found INTEGER NOT NULL, p REAL NOT NULL, clerk TEXT NOT NULL, t_ms INTEGER NOT NULL,
            undone INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID""",
        "CREATE INDEX count_checks_place ON count_checks(gtin, place, t_ms)",
        """CREATE TABLE deliveries (
            delivery TEXT PRIMARY KEY, supplier TEXT NOT NULL, due_ms INTEGER NOT NULL, state TEXT NOT NULL,
            t_ms INTEGER NOT NULL, opened_ms INTEGER, received_ms INTEGER, clerk TEXT
        ) WITHOUT ROWID""",
        """CREATE TABLE delivery_lines (
            delivery TEXT NOT NULL, unit INTEGER NOT NULL, gtin TEXT NOT NULL, sscc TEXT, quantity INTEGER NOT NULL,
            PRIMARY KEY (delivery, unit, gtin)
        ) WITHOUT ROWID""",
        "CREATE INDEX delivery_lines_sscc ON delivery_lines(sscc) WHERE sscc NOT NULL",
        """CREATE TABLE delivery_epcs (
            epc TEXT NOT NULL, delivery TEXT NOT NULL, unit INTEGER NOT NULL, PRIMARY KEY (epc, delivery)
        ) WITHOUT ROWID""",
        """CREATE TABLE delivery_seen (
            id INTEGER PRIMARY KEY, delivery TEXT NOT NULL, seen TEXT UNIQUE, kind TEXT NOT NULL
                CHECK (kind IN ('unit', 'tag', 'hand')),
            sscc TEXT, epc TEXT, gtin TEXT, quantity INTEGER NOT NULL, accepted INTEGER NOT NULL DEFAULT 0,
            t_ms INTEGER NOT NULL, clerk TEXT, undone INTEGER NOT NULL DEFAULT 0
        )""",
        "CREATE INDEX delivery_seen_of ON delivery_seen(delivery)",
        "CREATE INDEX delivery_seen_epc ON delivery_seen(epc) WHERE epc NOT NULL",
        """CREATE TABLE delivery_booked (
            delivery TEXT NOT NULL, gtin TEXT NOT NULL, quantity INTEGER NOT NULL, PRIMARY KEY (delivery, gtin)
        ) WITHOUT ROWID""",
    )


@migrations()
def item_life(database: sqlite_utils.Database) -> None:
    """States of an item's life instead of three, since when it holds, and the evidence of each event."""
    _script(
        database,
        "ALTER TABLE items ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0",
        """UPDATE items SET since_ms = t_ms, state = CASE
               WHEN state = 'present' THEN CASE place WHEN 'backroom' THEN 'back_room' ELSE 'on_shelf' END
               WHEN state = 'taken' THEN 'picked_up' WHEN state = 'sold' THEN 'paid' ELSE state END""",
        "ALTER TABLE item_changes ADD COLUMN evidence TEXT",
        "ALTER TABLE item_history ADD COLUMN evidence TEXT",
        *(
            f"""UPDATE {table} SET kind = CASE
                   WHEN kind = 'taken' THEN 'lifted' WHEN kind = 'sold' THEN 'paid'
                   WHEN place = 'backroom' THEN 'stands_in_back_room' ELSE 'stands' END"""  # noqa: S608 - our names
            for table in ("item_changes", "item_history")
        ),
    )


@migrations()
def alarms_and_shrink(database: sqlite_utils.Database) -> None:
    """What doors and shelves raise alarms about, what is missing, and what judging that needs."""
    _script(database, *LIFE_TABLES, *ALARM_TABLES, *SHRINK_TABLES)


@migrations()
def days(database: sqlite_utils.Database) -> None:
    """What people waited and how they came and went, how long they stayed where, and how a door's day ended."""
    _script(database, *DAY_TABLES)


@migrations()
def previews(database: sqlite_utils.Database) -> None:
    """Who was let see a camera."""
    _script(
        database,
        """CREATE TABLE camera_previews (
            id INTEGER PRIMARY KEY, t_ms INTEGER NOT NULL, node TEXT NOT NULL, camera TEXT NOT NULL,
            clerk TEXT NOT NULL, until_ms INTEGER NOT NULL
        )""",
    )


@migrations()
def announced_products(database: sqlite_utils.Database) -> None:
    """The product of each tag that a notice names, so that a delivery is summed up without decoding tags."""
    _script(
        database,
        "ALTER TABLE delivery_epcs ADD COLUMN gtin TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX delivery_epcs_delivery ON delivery_epcs(delivery, unit, gtin)",
    )


@migrations()
def quick_steps(database: sqlite_utils.Database) -> None:
    """What every read of a shelf costs: steps without a sequence, and a number that says whether the plan changed."""
    _script(database, *UNNUMBERED_STEPS, *PLAN_NUMBER)


@migrations()
def shelf_counts(database: sqlite_utils.Database) -> None:
    """What nodes last said of how many of a product stand on a shelf."""
    _script(
        database,
        """CREATE TABLE shelf_counts (
            shelf TEXT NOT NULL, gtin TEXT NOT NULL, quantity INTEGER NOT NULL, p REAL NOT NULL,
            unknown INTEGER NOT NULL, t_ms INTEGER NOT NULL, PRIMARY KEY (shelf, gtin)
        ) WITHOUT ROWID""",
    )


@migrations()
def standing_baskets(database: sqlite_utils.Database) -> None:
    """Shoppers who scan while they shop and said where they stand in line."""
    _script(
        database,
        """CREATE TABLE standing (
            basket TEXT PRIMARY KEY REFERENCES baskets ON DELETE CASCADE, lane TEXT NOT NULL, t_ms INTEGER NOT NULL
        ) WITHOUT ROWID""",
    )


@migrations()
def what_was_seen_and_advised(database: sqlite_utils.Database) -> None:
    """How long of a minute somebody counted, so that a gap is no empty lane; what was advised then."""
    _script(database, *SEEN_AND_ADVISED)


def migrate(path: Path) -> list[str]:
    """Bring the database file at ``path`` to the newest schema, making it if need be; gives the steps taken.

    Raises:
        sqlite3.Error: a step failed; it left nothing behind and will be tried again at the next start.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=10.0)
    try:
        # Before the first table: only an empty file takes them without being rebuilt.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        database = sqlite_utils.Database(connection)
        names = [step.name for step in migrations.pending(database)]
        migrate_stream(database)
        migrations.apply(database)
        connection.commit()
    finally:
        connection.close()
    return names
