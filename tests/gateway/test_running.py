"""Starting, stopping, and what is wrong meanwhile: states that the status says, not crashes."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from gateway import jobs
from gateway.settings import EXAMPLE, GatewaySettings
from gateway.store.seal import BadKeyFile, Seal, Unsealable, load_or_create
from models.messages.facts import ItemPlaced, ItemTaken, StockChanged, StockCounted
from models.process.clock import ManualClock
from models.process.settings import BadSettings, load_settings
from tests.gateway.conftest import EPC, MILK, NOW_MS, TEA, StartStore, Store, free_port

ROOT = Path(__file__).resolve().parent.parent.parent


def subjects(store: Store) -> dict[str, str]:
    found = httpx.get(f"{store.url}/health").json()
    return {problem["subject"]: problem["code"] for problem in found["problems"]}


def test_the_example_is_a_good_settings_file(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    assert load_settings(path, GatewaySettings).store.id == "main-street"


@pytest.mark.parametrize(
    ("bad", "line", "said"),
    [
        (EXAMPLE.replace('id = "main-street"', 'id = "Store 1"'), 'id = "Store 1"', "store.id"),
        (EXAMPLE.replace("Europe/Berlin", "Berlin"), 'time_zone = "Berlin"', "IANA"),
        (EXAMPLE.replace("port = 8080", "port = 99999"), "port = 99999", "65535"),
        (EXAMPLE.replace("backups = 7", "backup = 7"), "backup = 7", "backup"),
    ],
)
def test_a_bad_settings_file_is_refused_with_its_line(tmp_path: Path, bad: str, line: str, said: str) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(bad, encoding="utf-8")
    number = next(n for n, text in enumerate(bad.splitlines(), start=1) if text.startswith(line))
    with pytest.raises(BadSettings) as refused:
        load_settings(path, GatewaySettings)
    assert f"{path}:{number}:" in str(refused.value)
    assert said in str(refused.value)


def test_a_broker_that_is_not_there_yet_is_a_problem_and_the_store_is_served(store: Store) -> None:
    assert subjects(store).get("broker") == "unreachable"
    assert store.manager().get(f"/api/stock/{MILK}").status_code == 200


def test_headquarters_that_cannot_be_reached_is_a_problem_and_facts_wait(start_store: StartStore) -> None:
    store = start_store(hq={"url": f"http://127.0.0.1:{free_port()}", "key": "0123456789abcdef"})
    store.sell_goods()
    client = store.manager()
    count = {"gtin": TEA, "place": "C1", "quantity": 3, "count": "one"}
    client.post("/api/stock/counts", json=count).raise_for_status()
    deadline_s = time.monotonic() + 10
    while not any(subject.startswith("headquarters") for subject in subjects(store)):
        assert time.monotonic() < deadline_s
        time.sleep(0.02)
    assert [fact["kind"] for fact in store.outgoing()] == ["stock.counted"]
    client.delete("/api/stock/counts/one").raise_for_status()
    assert [fact["quantity"] for fact in store.outgoing()] == [3, 0]


def test_a_clock_in_1970_is_a_state_and_ends_when_the_time_comes(store: Store) -> None:
    store.clock._now_ms = 5000
    jobs.watch(store.desk)
    assert subjects(store)["clock"] == "unset"
    jobs.tidy(store.desk)
    store.clock._now_ms = NOW_MS
    jobs.watch(store.desk)
    assert "clock" not in subjects(store)


def test_a_disk_that_fills_up_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.jobs.LOW_DISK_BYTES", 10**18)
    jobs.watch(store.desk)
    assert subjects(store)["disk.space"] == "low"


def test_a_disk_that_takes_nothing_refuses_changes_with_a_reason_and_goes_on_serving(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cloud_sync.stream.errors import StorageFull

    client = store.manager()

    async def full(_change: object) -> None:
        raise StorageFull("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(store.desk.writer, "arun", full)
        refused = client.post("/api/stock/counts", json={"gtin": TEA, "place": "C1", "quantity": 3, "count": "one"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "disk")
    assert client.get(f"/api/stock/{TEA}").json()["on_hand"] == 0


def test_a_copy_is_made_while_the_store_runs_and_the_oldest_are_dropped(start_store: StartStore) -> None:
    store = start_store(backups=2)
    store.sell_goods()
    made = []
    for _night in range(3):
        store.clock.advance(86_400)
        made.append(jobs.backup(store.desk))
    folder = store.settings.data_dir / "backups"
    assert sorted(folder.iterdir()) == made[1:]
    newest = made[-1]
    assert newest is not None
    assert newest.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(newest)) as connection:
        assert connection.execute("SELECT count(*) FROM products").fetchone() == (3,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_copy_that_fails_is_a_problem_until_one_succeeds(store: Store) -> None:
    (store.settings.data_dir / "backups").write_text("in the way", encoding="utf-8")
    jobs.run_guarded(jobs.JOBS[-1], store.desk)
    assert jobs.backup(store.desk) is None
    assert subjects(store)["backup"] == "failed"
    (store.settings.data_dir / "backups").unlink()
    assert jobs.backup(store.desk) is not None
    assert "backup" not in subjects(store)


def test_what_is_over_is_forgotten(store: Store) -> None:
    manager = store.manager()
    manager.post("/api/manager/enrolments", json={"name": "x"}).raise_for_status()
    store.client().post("/api/baskets").raise_for_status()
    store.clock.advance(2 * 86_400)
    jobs.tidy(store.desk)
    jobs.tidy_at_night(store.desk)
    with store.desk.reading() as connection:
        left = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("sessions", "enrolments", "baskets")
        ]
    assert left == [0, 0, 0]


def test_what_left_a_season_ago_is_forgotten_and_what_stands_stays(store: Store) -> None:
    other = EPC[:-1] + "6"
    store.fold(
        ItemPlaced(t_ms=NOW_MS, epc=EPC, shelf="A1", p=0.9, gtin=MILK),
        ItemTaken(t_ms=NOW_MS, epc=other, shelf="A1", p=0.9, gtin=MILK),
        StockCounted(t_ms=NOW_MS, gtin=TEA, place="C1", quantity=5, by="c-1"),
        StockChanged(t_ms=NOW_MS + 1, gtin=TEA, place="C1", delta=-1, reason="loss"),
    )
    store.clock.advance(91 * 86_400)
    store.fold(StockCounted(t_ms=store.clock.now_ms(), gtin=TEA, place="C1", quantity=3, by="c-1"))
    jobs.tidy_at_night(store.desk)
    with store.desk.reading() as connection:
        assert [row["epc"] for row in connection.execute("SELECT epc FROM items")] == [EPC]
        assert [row["amount"] for row in connection.execute("SELECT amount FROM counted_entries")] == [3]
        assert connection.execute("SELECT quantity FROM counted").fetchone()[0] == 3


def test_the_members_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "member.key"
    sealed = load_or_create(path).close("Clerk A", "M1", "name")
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_or_create(path).open(sealed, "M1", "name") == "Clerk A"
    for member, field in (("M2", "name"), ("M1", "phone")):
        with pytest.raises(Unsealable):
            load_or_create(path).open(sealed, member, field)
    with pytest.raises(Unsealable):
        Seal(bytes(32)).open(sealed, "M1", "name")
    with pytest.raises(Unsealable):
        load_or_create(path).open("v2.x", "M1", "name")
    path.chmod(0o644)
    with pytest.raises(BadKeyFile, match="chmod 600"):
        load_or_create(path)
    path.chmod(0o600)
    path.write_text("too short", encoding="ascii")
    with pytest.raises(BadKeyFile, match="64 hexadecimal"):
        load_or_create(path)


def config(folder: Path, port: int) -> Path:
    path = folder / "gateway.toml"
    text = EXAMPLE.replace('"data/gateway"', json.dumps(str(folder / "data"))).replace("8080", str(port))
    path.write_text(text.replace("127.0.0.1:1883", f"127.0.0.1:{free_port()}"), encoding="utf-8")
    return path


def test_the_first_manager_comes_in_by_a_printed_link_and_pin(tmp_path: Path) -> None:
    import typer

    from gateway.commands import mount

    app = typer.Typer()
    mount(app, typer.Typer())
    path = config(tmp_path, 8080)
    first = CliRunner().invoke(app, ["gateway", "enrol", "--config", str(path), "--manager", "Clerk A"])
    assert first.exit_code == 0, first.output
    assert "http://127.0.0.1:8080/handheld#enrol=" in first.output
    assert "Clerk A with PIN" in first.output
    second = CliRunner().invoke(app, ["gateway", "enrol", "--config", str(path)])
    assert "PIN" not in second.output


def refusal(path: Path) -> str:
    """What the command says when it cannot start with these settings."""
    command = [sys.executable, "-c", "import aisle; aisle.main()", "gateway", "--config", str(path)]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 2, refused.stderr
    assert "Traceback" not in refused.stderr
    return refused.stderr


def test_a_start_without_settings_is_refused_with_what_to_do(tmp_path: Path) -> None:
    assert "aisle init" in refusal(tmp_path / "none.toml")


def test_a_damaged_database_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = config(tmp_path, free_port())
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "gateway.db").write_bytes(b"not a database at all, but long enough" * 200)
    assert "Move gateway.db" in refusal(path)


def answers(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/health")
    except httpx.TransportError:
        return False
    return True


@pytest.mark.slow
def test_the_command_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    port = free_port()
    path = config(tmp_path, port)
    command = [sys.executable, "-c", "import aisle; aisle.main()", "gateway", "--config", str(path)]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ, stderr=subprocess.PIPE)
    try:
        deadline_s = time.monotonic() + 30
        while not answers(port):
            assert process.poll() is None
            assert time.monotonic() < deadline_s
            time.sleep(0.05)
        assert httpx.get(f"http://127.0.0.1:{port}/health").status_code in {200, 503}
        assert httpx.get(f"http://127.0.0.1:{port}/handheld").status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0 or process.returncode == -signal.SIGTERM
    finally:
        process.kill()
        process.communicate()


def test_a_restart_keeps_who_is_signed_in(start_store: StartStore) -> None:
    store = start_store()
    cookies = dict(store.manager().cookies)
    again = start_store()
    assert again.clock is not store.clock
    assert isinstance(again.clock, ManualClock)
    client = again.client()
    client.cookies.update(cookies)
    assert client.get("/api/stock").status_code == 200
