"""Whatever is published on any topic of a running store: refused with a reason, kept, counted, and the next is taken.

The tests share one store and go on in order; the last one stops it. A node tells the manager of sixty refused
messages a minute at most (it keeps and counts the others too), so no node is sent more here.
"""

import json
import resource
import sqlite3
import time
from contextlib import closing

import httpx
import pytest

from firmware_stubs.demo.plan import STORE
from firmware_stubs.demo.store import RunningStore
from models.messages.codec import encode
from models.messages.facts import ItemTaken, SaleCompleted
from models.messages.ids import new_epoch
from tests.faults.conftest import Speaker, eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

ROOT = f"aisle/v1/{STORE}"
HUGE = b"9" * 5000
BAD = {
    "not JSON": b"hello <b>",
    "cut off": b'{"v":1,"reads":[',
    "nested": b"[" * 100_000 + b"]" * 100_000,
    "nested objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "not a number": b'{"people":NaN}',
    "infinite": b'{"people":1e400,"t_ms":1e400,"lane":1e400}',
    "another version": b'{"v":2}',
    "the same key twice": b'{"people":3,"people":-1,"text":"a","text":7}',
    "not UTF-8": b'{"text":"\xff\xfe","people":"\xff"}',
    "huge whole numbers": b'{"people":%s,"t_ms":%s,"text":%s}' % (HUGE, HUGE, HUGE),
    "control characters": b'{"text":"a\x00b\x07","people":"\x01"}',
    "half a surrogate": b'{"text":"\\ud800","people":"\\ud800"}',
    "null": b"null",
    "oversized": b'{"people":1,"text":"%s"}' % (b"a" * 1_100_000),
}
MAY_BE_EMPTY = {"status of a node", "lane", "door"}
"""Retained: an empty one takes the last one back."""

TOPICS = {
    "reads": ("shelf-b", f"{ROOT}/dev/shelf-b/reads"),
    "count": ("counter-1", f"{ROOT}/dev/counter-1/count"),
    "till": ("till-1", f"{ROOT}/dev/till-1/till"),
    "code": ("scan-1", f"{ROOT}/dev/scan-1/code"),
    "status of a device": ("counter-1", f"{ROOT}/dev/counter-1/status"),
    "facts": ("checkouts", f"{ROOT}/node/checkouts/facts/ledger"),
    "status of a node": ("checkouts", f"{ROOT}/node/checkouts/status"),
    "lane": ("checkouts", f"{ROOT}/lane/1"),
    "door": ("checkouts", f"{ROOT}/door/main"),
    "acknowledgements": ("gateway", f"{ROOT}/node/shelves/acks/ledger"),
    "command": ("gateway", f"{ROOT}/node/shelves/command"),
}


def letters(store: RunningStore) -> int:
    assert store.manager is not None
    counts: dict[str, int] = store.manager.status()["dead_letters"]["counts"]
    return sum(counts.values())


def counted(store: RunningStore) -> float:
    """Everything that ``/metrics`` of any process says was refused."""
    lines: list[str] = []
    for url in (store.gateway_url, store.screen_url, f"http://127.0.0.1:{store.plan.ports.shelves}"):
        lines += httpx.get(f"{url}/metrics").text.splitlines()
    names = ("aisle_device_messages_refused_total", "aisle_samples_refused_total", "aisle_dead_letters_total")
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(names))


@pytest.mark.parametrize("kind", TOPICS)
def test_a_bad_message_on_a_topic_is_kept_for_the_manager_and_counted(store: RunningStore, kind: str) -> None:
    user, topic = TOPICS[kind]
    bad = list(BAD.values()) + ([] if kind in MAY_BE_EMPTY else [b""])
    kept, metered = letters(store), counted(store)
    speaker = Speaker(store, user)
    for body in bad:
        speaker.say(topic, body)
    speaker.close()
    eventually(lambda: letters(store) >= kept + len(bad))
    assert counted(store) >= metered + len(bad)
    assert not store.ended()
    assert store.manager is not None
    newest = store.manager.http.get("/api/manager/dead-letters").json()["newest"]
    about = [letter for letter in newest if letter["source"].endswith(topic)]
    assert {"malformed", "version", "oversized"} <= {letter["reason"] for letter in about}
    assert all(letter["detail"] for letter in about)


def test_a_device_that_says_far_too_much_is_not_hung_up_on_for_ever(store: RunningStore) -> None:
    speaker = Speaker(store, "counter-2")
    kept = letters(store)
    speaker.say(f"{ROOT}/dev/counter-2/count", b'{"people":1,"x":"%s"}' % (b"a" * 5_000_000))
    speaker.say(f"{ROOT}/dev/counter-2/count", b'{"people":"none"}')
    eventually(lambda: letters(store) >= kept + 2)
    speaker.close()


def test_the_next_good_sale_is_folded_after_each_of_them(store: RunningStore) -> None:
    till = Speaker(store, "till-1")
    for number, body in enumerate(BAD.values()):
        till.say(f"{ROOT}/dev/till-1/till", body)
        sale = {
            "event": "end",
            "transaction": f"good-{number}",
            "lines": [{"gtin": "00614141005013", "quantity": 1, "price_minor": 100}],
            "total_minor": 100,
        }
        till.say(f"{ROOT}/dev/till-1/till", json.dumps(sale).encode())

    def sold() -> int:
        with closing(sqlite3.connect(f"file:{store.plan.folder}/hq/hq.db?mode=ro", uri=True)) as hq:
            (count,) = hq.execute("SELECT count(*) FROM sales WHERE sale LIKE 'good-%'").fetchone()
        return int(count)

    eventually(lambda: sold() == len(BAD))
    till.close()


def test_what_a_node_without_the_date_says_belongs_to_today(store: RunningStore) -> None:
    def standing() -> tuple[str, str] | None:
        with closing(sqlite3.connect(f"file:{store.plan.folder}/hq/hq.db?mode=ro", uri=True)) as hq:
            found: tuple[str, str] | None = hq.execute(
                "SELECT epc, place FROM items WHERE store = ? AND present AND place LIKE 'B%'", (STORE,)
            ).fetchone()
        return found

    epc, shelf = eventually(standing)
    facts = [
        ItemTaken(t_ms=5000, epc=epc, shelf=shelf, p=0.9),
        SaleCompleted(t_ms=5000, sale="from-1970", till="till-1", lines=(), total_minor=100, currency="EUR"),
    ]
    speaker = Speaker(store, "shelves")
    body = b'{"epoch":"%s","first":1,"facts":[%s]}' % (new_epoch().encode(), b",".join(map(encode, facts)))
    speaker.say(f"{ROOT}/node/shelves/facts/ledger", body)
    speaker.close()

    def day() -> str | None:
        with closing(sqlite3.connect(f"file:{store.plan.folder}/hq/hq.db?mode=ro", uri=True)) as hq:
            row = hq.execute("SELECT day FROM sales WHERE sale = 'from-1970'").fetchone()
        return None if row is None else str(row[0])

    assert eventually(day) >= "2026"
    assert store.manager is not None
    history = store.manager.http.get(f"/api/items/{epc}").json()["history"]
    assert any(change["event"] == "lifted" and change["t_ms"] > 1_700_000_000_000 for change in history)


def test_a_node_that_can_write_nothing_says_so_and_loses_nothing_when_it_can_again(store: RunningStore) -> None:
    till, pid = Speaker(store, "till-2"), store.programs["checkouts"].pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    # As a full disk, without root: no file of the node may grow, nor be written beyond its first bytes.
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        till.say(
            f"{ROOT}/dev/till-2/till",
            b'{"event":"end","transaction":"when-full","id":"when-full","lines":[{"gtin":"00614141005013",'
            b'"quantity":1,"price_minor":100}],"total_minor":100}',
        )

        def subjects() -> set[str]:
            return {one["subject"] for one in httpx.get(f"{store.screen_url}/health").json()["problems"]}

        eventually(lambda: {"disk", "devices"} <= subjects())
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
    eventually(lambda: not {"disk", "devices"} & subjects())

    def told() -> int:
        with closing(sqlite3.connect(f"file:{store.plan.folder}/hq/hq.db?mode=ro", uri=True)) as hq:
            (count,) = hq.execute("SELECT count(*) FROM sales WHERE sale = 'when-full'").fetchone()
        return int(count)

    assert eventually(told) == 1
    till.close()


def test_people_are_in_no_log_database_or_message(store: RunningStore) -> None:
    assert store.manager is not None
    http, name, phone = store.manager.http, "Wilhelmina Uniquename", "+49 1575 7654321"
    http.post("/api/members", json={"name": name, "phone": phone}).raise_for_status()
    http.get("/api/members", params={"phone": phone}).raise_for_status()
    http.post("/api/members", json={"name": name, "phone": phone, "nonsense": float("1e300")})
    http.post("/api/members", content=b'{"name":"%s","phone":"%s"' % (name.encode(), phone.encode()))
    clerk = http.get("/api/session").json()["clerk"]["id"]
    for pin in ("86753091", store.clerk_pin):
        http.post("/api/session", json={"clerk": clerk, "pin": pin})
    time.sleep(2)
    secrets = [
        name,
        phone,
        phone.replace(" ", ""),
        "15757654321",
        "86753091",
        store.plan.hq_key,
        store.plan.other_key,
    ]
    secrets += store.plan.passwords.values()
    secrets += [cookie.value for cookie in http.cookies.jar if cookie.value]
    found = []
    for path in store.plan.folder.rglob("*"):
        # The settings hold passwords and keys, for their owner alone; the broker's configuration as well.
        if path.is_file() and path.suffix not in {".toml", ".conf"}:
            body = path.read_bytes()
            found += [f"{secret!r} in {path.name}" for secret in secrets if secret.encode() in body]
    assert not found


def test_every_process_ends_with_status_0_and_without_a_traceback(store: RunningStore) -> None:
    with httpx.stream("GET", f"{store.screen_url}/events", timeout=30) as page:
        chunks = page.iter_bytes()
        next(chunks)
        assert not store.stop()
        assert b"board" in b"".join(chunks) + b"board"  # a stream that breaks off raises
    for program in store.programs.values():
        assert "Traceback" not in program.log.read_text(encoding="utf-8", errors="replace"), program.name
