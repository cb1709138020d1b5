"""The tables of a store's days: minutes of lanes, doors and zones, and advice. Steps of ``migrations.py``."""

from typing import Final

DAY_TABLES: Final = (
    *(
        f"ALTER TABLE lane_minutes ADD COLUMN {column}"
        for column in (
            "waited_s REAL",
            "foretold_s REAL",
            "joined INTEGER",
            "abandoned INTEGER",
            "changed_in INTEGER",
            "changed_out INTEGER",
        )
    ),
    "CREATE INDEX lane_minutes_time ON lane_minutes(t_ms)",
    "CREATE INDEX door_minutes_time ON door_minutes(t_ms)",
    """CREATE TABLE zone_minutes (
            zone TEXT NOT NULL, t_ms INTEGER NOT NULL, entered INTEGER NOT NULL, visits INTEGER NOT NULL,
            dwell_s REAL NOT NULL, people_mean REAL NOT NULL, people_max INTEGER NOT NULL, PRIMARY KEY (zone, t_ms)
        ) WITHOUT ROWID""",
    """CREATE TABLE floor_heat (
            camera TEXT NOT NULL, t_ms INTEGER NOT NULL, columns INTEGER NOT NULL, rows INTEGER NOT NULL,
            watched_s REAL NOT NULL, person_s TEXT NOT NULL, PRIMARY KEY (camera, t_ms)
        ) WITHOUT ROWID""",
    """CREATE TABLE door_days (
            door TEXT NOT NULL, day TEXT NOT NULL, entered INTEGER NOT NULL, went INTEGER NOT NULL,
            PRIMARY KEY (door, day)
        ) WITHOUT ROWID""",
)

SEEN_AND_ADVISED: Final = (
    "ALTER TABLE lane_minutes ADD COLUMN seen_s REAL",
    """CREATE TABLE advice_minutes (
            node TEXT NOT NULL, t_ms INTEGER NOT NULL, lanes_open INTEGER NOT NULL, needed INTEGER NOT NULL,
            PRIMARY KEY (node, t_ms)
        ) WITHOUT ROWID""",
)
