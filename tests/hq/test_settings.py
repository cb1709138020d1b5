"""``hq.toml``, the database file, and the commands."""

import hashlib
import re
import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database
from typer.testing import CliRunner

import aisle
from cloud_sync.hq import commands
from cloud_sync.hq.access import PASSWORDS
from cloud_sync.hq.backup import keep_copy
from cloud_sync.hq.migrations import prepare
from cloud_sync.hq.settings import HqSettings
from cloud_sync.stream.writer import Writer
from models.process.settings import BadSettings, load_settings
from tests.hq.conftest import NOON_MS

STORE = """
[[stores]]
id = "harbour"
name = "Harbour"
key = "0123456789abcdef"
"""


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "hq.toml"
    path.write_text('data_dir = "data"\n' + text, encoding="utf-8")
    with pytest.raises(BadSettings) as caught:
        load_settings(path, HqSettings)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (STORE.replace('"harbour"', '"Harbour Street"'), "hq.toml:4: stores.0.id"),
        (STORE + 'time_zone = "Mars/Olympus"', "hq.toml:7: stores.0.time_zone: Value error, a time zone such as"),
        (STORE + f'key_sha256 = "{"0" * 64}"', "exactly one of key and key_sha256"),
        (STORE.replace('key = "0123456789abcdef"', ""), "exactly one of key and key_sha256"),
        (STORE + STORE, "no two stores with the same id"),
        (STORE + STORE.replace('"harbour"', '"other"'), "no two stores with the same key"),
        ('[[staff]]\nname = "desk-1"\npassword_hash = "plain text"', "hq.toml:4: staff.0.password_hash"),
        ("port = 70000", "hq.toml:2: port"),
    ],
)
def test_a_mistake_is_refused_with_its_place_and_without_its_secret(tmp_path: Path, text: str, expected: str) -> None:
    said = refused(tmp_path, text)
    assert expected in said
    assert "0123456789abcdef" not in said
    assert "plain text" not in said


def test_the_database_is_brought_up_to_date_once_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "hq.db"
    prepare(path)
    database = Database(path)
    with database.atomic():
        database.execute("INSERT INTO contacts VALUES ('harbour', 1)")
    database.close()
    prepare(path)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM contacts").fetchone() == (1,)
    connection.close()


def test_a_password_hash_is_made_for_a_small_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aisle.app, "registered_groups", [*aisle.app.registered_groups])
    commands.mount(aisle.app, aisle.replay)
    answer = CliRunner().invoke(aisle.app, ["hq", "password"], input="correct horse\ncorrect horse\n")
    assert answer.exit_code == 0, answer.output
    made = re.search(r'password_hash = "(.+)"', answer.output)
    assert made is not None
    assert PASSWORDS.verify(made[1], "correct horse")
    assert "m=19456,t=2,p=1" in made[1]
    assert CliRunner().invoke(aisle.app, ["hq", "password"], input="short\nshort\n").exit_code == 1


def test_a_key_is_drawn_with_its_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aisle.app, "registered_groups", [*aisle.app.registered_groups])
    commands.mount(aisle.app, aisle.replay)
    first, second = CliRunner().invoke(aisle.app, ["hq", "key"]).output.splitlines()
    key, digest = (re.findall(r'"(.+)"', line)[0] for line in (first, second))
    assert hashlib.sha256(key.encode()).hexdigest() == digest
    assert len(key) >= 40


def test_a_bad_file_ends_the_command_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aisle.app, "registered_groups", [*aisle.app.registered_groups])
    commands.mount(aisle.app, aisle.replay)
    answer = CliRunner().invoke(aisle.app, ["hq", "--config", str(tmp_path / "none.toml")])
    assert answer.exit_code == 2
    assert "aisle init" in answer.output


def test_a_copy_is_kept_for_each_of_the_last_nights(tmp_path: Path) -> None:
    prepare(tmp_path / "hq.db")
    folder, day_ms = tmp_path / "backups", 86_400_000
    with Writer(tmp_path / "hq.db") as writer:
        writer.run(lambda c: c.execute("INSERT INTO contacts VALUES ('harbour', 7)").rowcount)
        for day in range(5):
            made = keep_copy(writer, folder, NOON_MS + day * day_ms, 3)
            assert made is not None
            assert made.exists()
            assert keep_copy(writer, folder, NOON_MS + day * day_ms + 1, 3) is None
        assert keep_copy(writer, folder, NOON_MS + 9 * day_ms, 0) is None
    copies = sorted(folder.iterdir())
    assert [copy.name for copy in copies] == [f"hq-2025-10-{day}.db" for day in (11, 12, 13)]
    connection = sqlite3.connect(copies[-1])
    assert connection.execute("SELECT seen_ms FROM contacts").fetchone() == (7,)
    connection.close()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT place, count(*) FROM items WHERE store = 's' AND gtin = 'g' AND present = 1 GROUP BY place",
        "SELECT place, max(quantity, 0) FROM counted WHERE store = 's' AND gtin = 'g'",
        "SELECT coalesce(sum(points), 0) FROM points WHERE member = 'm'",
        "SELECT store, on_hand, t_ms FROM stock WHERE gtin = 'g'",
        "SELECT lane, max(t_ms) FROM lane_minutes WHERE store = 's' AND t_ms > 5 GROUP BY lane",
        "SELECT coalesce(max(t_ms), -1) FROM entries WHERE store = 's' AND gtin = 'g' AND place = 'p' AND is_count",
    ],
)
def test_what_is_asked_for_every_fact_is_found_by_its_whole_key(tmp_path: Path, query: str) -> None:
    prepare(tmp_path / "hq.db")
    connection = sqlite3.connect(tmp_path / "hq.db")
    plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}"))
    connection.close()
    keys = query.count("= '") + query.count("present = 1") + query.count("t_ms > 5")
    assert "SCAN" not in plan
    assert plan.count("=?") + plan.count(">?") == keys, plan
