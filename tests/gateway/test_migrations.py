"""The schema: from nothing, from an old file, after a failure."""

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlite_utils

from gateway.store import migrations
from gateway.store.migrations import migrate

OLD = Path(__file__).parent / "databases" / "first.db.gz"


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_new_file_gets_every_table_and_a_second_start_does_nothing(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "gateway.db"
    assert migrate(path)[0] == "tagged_items"
    assert {"items", "counted", "products_fts", "points", "sessions", "outbox", "inbox", "dead_letters"} <= tables(
        path
    )
    assert migrate(path) == []


def test_an_old_database_file_keeps_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    path.write_bytes(gzip.decompress(OLD.read_bytes()))
    assert "members_and_points" in migrate(path)
    assert "points" in tables(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT epc, place FROM items").fetchall() == [("3034257BF7194E4000001A85", "A1")]
        found = connection.execute("SELECT rowid FROM products_fts WHERE products_fts MATCH '全脂牛'").fetchall()
        assert found == [(1,)]


def test_a_step_that_fails_leaves_nothing_behind_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "gateway.db"
    steps = migrations.migrations._migrations
    broken = next(step for step in steps if step.name == "members_and_points")
    good = broken.fn

    def half(database: sqlite_utils.Database) -> None:
        good(database)
        raise sqlite3.OperationalError("the power failed")

    monkeypatch.setattr(broken, "fn", half)
    with pytest.raises(sqlite3.OperationalError, match="power"):
        migrate(path)
    assert "baskets" in tables(path)
    assert not {"members", "points", "clerks"} & tables(path)
    monkeypatch.undo()
    assert migrate(path)[0] == "members_and_points"
    assert "clerks" in tables(path)
