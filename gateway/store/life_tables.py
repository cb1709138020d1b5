"""The tables behind an item's life, alarms and shrink, beside ``items`` and its two tables of steps."""

from typing import Final

LIFE_TABLES: Final = (
    # Tags that a door or a till spoke of before any shelf did; their steps wait for it.
    "CREATE TABLE early (epc TEXT PRIMARY KEY, t_ms INTEGER NOT NULL) WITHOUT ROWID",
    "ALTER TABLE basket_scans ADD COLUMN epc TEXT",
    "CREATE INDEX basket_scans_epc ON basket_scans(epc) WHERE epc NOT NULL",
    "ALTER TABLE owed ADD COLUMN sale TEXT",
    # Passed a door and no till has told of them yet: judged at ``due_ms``.
    """CREATE TABLE exits (
        epc TEXT PRIMARY KEY, door TEXT NOT NULL, t_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, p REAL NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE passages (
        door TEXT NOT NULL, result TEXT NOT NULL, items INTEGER NOT NULL, last_ms INTEGER NOT NULL,
        PRIMARY KEY (door, result)
    ) WITHOUT ROWID""",
    # Which node tells the sales of a till: while it is away, nobody has «not paid».
    "CREATE TABLE tills (till TEXT PRIMARY KEY, node TEXT NOT NULL, t_ms INTEGER NOT NULL) WITHOUT ROWID",
)

ALARM_TABLES: Final = (
    """CREATE TABLE alarms (
        alarm TEXT PRIMARY KEY, type TEXT NOT NULL, t_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, shelf TEXT,
        door TEXT, gtin TEXT, quantity INTEGER NOT NULL, p REAL NOT NULL, closed_ms INTEGER, by TEXT, outcome TEXT
    ) WITHOUT ROWID""",
    "CREATE INDEX alarms_t ON alarms(t_ms)",
    """CREATE TABLE alarm_items (
        alarm TEXT NOT NULL REFERENCES alarms ON DELETE CASCADE, epc TEXT NOT NULL, PRIMARY KEY (alarm, epc)
    ) WITHOUT ROWID""",
    "CREATE INDEX alarm_items_epc ON alarm_items(epc)",
    """CREATE TABLE lifted (
        id INTEGER PRIMARY KEY, t_ms INTEGER NOT NULL, gtin TEXT, shelf TEXT NOT NULL, epc TEXT NOT NULL
    )""",
    "CREATE INDEX lifted_t ON lifted(t_ms)",
    # How a product, or a shelf, is picked: pieces in one go, and how often; the go that is on now.
    """CREATE TABLE picks (
        subject TEXT PRIMARY KEY, since_ms INTEGER NOT NULL, sizes TEXT NOT NULL, last_ms INTEGER NOT NULL,
        size INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE TABLE pick_hours (hour INTEGER PRIMARY KEY)",
)

SHRINK_TABLES: Final = (
    """CREATE TABLE shrink (
        id INTEGER PRIMARY KEY, epc TEXT, gtin TEXT, quantity INTEGER NOT NULL, value_minor INTEGER,
        currency TEXT, place TEXT NOT NULL, last_seen_ms INTEGER NOT NULL, missing_ms INTEGER NOT NULL,
        reason TEXT NOT NULL, p REAL NOT NULL, evidence TEXT, found_ms INTEGER, by TEXT, alarm TEXT
    )""",
    "CREATE UNIQUE INDEX shrink_epc ON shrink(epc) WHERE found_ms IS NULL AND epc NOT NULL",
    "CREATE INDEX shrink_missing ON shrink(missing_ms)",
)

# A step's number is one more than the newest's, which stays where it was appended: no sequence has to be kept.
UNNUMBERED_STEPS: Final = (
    "ALTER TABLE item_changes RENAME TO item_changes_before",
    """CREATE TABLE item_changes (
        id INTEGER PRIMARY KEY, epc TEXT NOT NULL, t_ms INTEGER NOT NULL, kind TEXT NOT NULL, place TEXT NOT NULL,
        p REAL NOT NULL, evidence TEXT
    )""",
    """INSERT INTO item_changes(id, epc, t_ms, kind, place, p, evidence)
       SELECT id, epc, t_ms, kind, place, p, evidence FROM item_changes_before
       UNION SELECT * FROM (SELECT id, epc, t_ms, kind, place, p, evidence FROM item_history
                            WHERE NOT EXISTS (SELECT 1 FROM item_changes_before) ORDER BY id DESC LIMIT 1)""",
    "DELETE FROM item_history WHERE (epc, id) IN (SELECT epc, id FROM item_changes)",
    "DROP TABLE item_changes_before",
)

_NEW_NUMBER: Final = "UPDATE plan_number SET number = random();"
PLAN_NUMBER: Final = (
    "CREATE TABLE plan_number (one INTEGER PRIMARY KEY, number INTEGER NOT NULL)",
    "INSERT INTO plan_number VALUES (1, random())",
    *(
        f"CREATE TRIGGER plan_{what} AFTER {what} ON planogram BEGIN {_NEW_NUMBER} END"
        for what in ("insert", "update", "delete")
    ),
)
