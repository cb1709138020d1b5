"""Members register, are found, and earn points; nobody else learns who they are."""

import sqlite3
from functools import partial

import httpx
import pytest

from gateway.store import members
from models.codes.member import member_code, new_member_id
from models.messages.facts import (
    CodeScanned,
    MemberChanged,
    MemberRegistered,
    PointsEntered,
    PriceChanged,
    SaleCompleted,
    SaleLine,
)
from tests.gateway.conftest import MILK, NOW_MS, TEA, Store

WHO = {"name": "会员甲 Member A", "phone": "0170 123-4567"}


@pytest.fixture
def clerk(store: Store) -> httpx.Client:
    return store.manager()


def sale(name: str, member: str | None, total: int = 1299) -> SaleCompleted:
    line = SaleLine(gtin=TEA, quantity=1, price_minor=total)
    return SaleCompleted(
        t_ms=NOW_MS, sale=name, till="till-1", lines=(line,), total_minor=total, currency="EUR", member=member
    )


def test_a_member_is_found_by_phone_however_it_is_typed_and_by_code(clerk: httpx.Client) -> None:
    made = clerk.post("/api/members", json=WHO).raise_for_status().json()
    assert made == {
        "member": made["member"],
        "name": "会员甲 Member A",
        "phone_masked": "•••• 567",
        "tier": "basic",
        "points": 0,
    }
    for phone in ("01701234567", "+49 170 1234567", "0049 (0)170/1234567", "０１７０１２３４５６７"):
        assert clerk.get("/api/members", params={"phone": phone}).json() == made
    for code in (member_code(made["member"]), made["member"].lower()):
        assert clerk.get("/api/members", params={"code": code}).json() == made


def test_the_same_phone_gives_the_member_that_exists(clerk: httpx.Client) -> None:
    made = clerk.post("/api/members", json=WHO).json()
    again = clerk.post("/api/members", json={"name": "Somebody else", "phone": "+491701234567"})
    assert again.status_code == 409
    assert again.json()["error"]["code"] == "member_exists"
    assert again.json()["member"] == made


def test_a_printed_card_becomes_the_members_and_nobody_elses(clerk: httpx.Client) -> None:
    card = new_member_id()
    made = clerk.post("/api/members", json={**WHO, "member": member_code(card)}).raise_for_status().json()
    assert made["member"] == card
    taken = clerk.post("/api/members", json={"name": "Member B", "phone": "0171 7654321", "member": card})
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "card_taken")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "Member B", "phone": "12a45"}, "bad_phone"),
        ({"name": "   ", "phone": "01701234567"}, "bad_name"),
        ({"name": "a\u0000b", "phone": "01701234567"}, "bad_name"),
        ({"name": "Member B", "phone": "01701234567", "member": "ABCDEFGHIJK"}, "bad_code"),
    ],
)
def test_what_cannot_be_is_refused_with_a_hint(clerk: httpx.Client, body: dict[str, str], code: str) -> None:
    refused = clerk.post("/api/members", json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, code)


def test_neither_name_nor_phone_is_stored_or_sent_in_the_clear(
    store: Store, clerk: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    clerk.post("/api/members", json=WHO).raise_for_status()
    clerk.get("/api/members", params={"phone": WHO["phone"]}).raise_for_status()
    wal = store.settings.database.with_name("gateway.db-wal")
    said = capfd.readouterr()
    places = [store.settings.database.read_bytes() + wal.read_bytes(), (said.out + said.err).encode()]
    for text in ("会员甲", "1701234567", "Member A\x00"):
        assert not [place for place in places if text.encode() in place], text


def test_a_sealed_field_does_not_open_as_another_members(store: Store, clerk: httpx.Client) -> None:
    one = clerk.post("/api/members", json=WHO).json()["member"]
    two = clerk.post("/api/members", json={"name": "Member B", "phone": "0171 7654321"}).json()["member"]
    store.desk.writer.run(
        lambda c: (
            c.execute(
                """UPDATE members SET name_sealed = (SELECT name_sealed FROM members WHERE member = ?)
                   WHERE member = ?""",
                (one, two),
            ).rowcount
        )
    )
    refused = clerk.get("/api/members", params={"code": two})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "other_key")


def test_a_sale_earns_points_once_however_many_nodes_tell_it(store: Store, clerk: httpx.Client) -> None:
    member = clerk.post("/api/members", json=WHO).json()["member"]
    store.fold(sale("t-1", member))
    store.fold(sale("t-1", member), node="till-2")
    store.fold(sale("t-2", member, total=-400))
    points = clerk.get(f"/api/members/{member}/points").raise_for_status().json()
    assert points["balance"] == 12 - 4
    assert [(entry["points"], entry["sale"]) for entry in points["entries"]] == [(-4, "t-2"), (12, "t-1")]


def test_a_card_shown_at_the_tills_scanner_earns_points(store: Store, clerk: httpx.Client) -> None:
    member = clerk.post("/api/members", json=WHO).json()["member"]
    store.fold(
        CodeScanned(t_ms=NOW_MS, device="till-1", symbology="QRCode", text="x", member=member), sale("t-9", None)
    )
    assert clerk.get(f"/api/members/{member}/points").json()["balance"] == 12


def _execute(change: str, connection: sqlite3.Connection) -> None:
    connection.execute(change)


def test_the_points_ledger_refuses_to_be_changed(store: Store) -> None:
    store.fold(sale("t-1", "ABCDEFGH2345"))
    for change in ("UPDATE points SET points = 1000", "DELETE FROM points"):
        with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
            store.desk.writer.run(partial(_execute, change))


def test_a_higher_tier_earns_more_and_a_balance_reaches_it(store: Store, clerk: httpx.Client) -> None:
    member = clerk.post("/api/members", json=WHO).json()["member"]
    store.fold(sale("t-1", member, total=100_000))
    assert clerk.get("/api/members", params={"code": member}).json()["tier"] == "silver"
    with store.desk.reading() as connection:
        row = connection.execute("SELECT * FROM members WHERE member = ?", (member,)).fetchone()
    store.clock.advance(1)
    fact = MemberChanged(
        t_ms=store.clock.now_ms(),
        member=member,
        name_sealed=row["name_sealed"],
        phone_sealed=row["phone_sealed"],
        phone_hash=row["phone_hash"],
        tier="gold",
        points=1000,
    )
    store.fold(fact, node="hq")
    store.fold(sale("t-2", member, total=1000))
    found = clerk.get("/api/members", params={"code": member}).json()
    assert (found["tier"], found["points"]) == ("gold", 1015)


def test_points_from_other_stores_come_from_headquarters_and_ours_are_added_to_them(store: Store) -> None:
    changed = MemberChanged(
        t_ms=NOW_MS, member="ABCDEFGH2345", name_sealed="-", phone_sealed="-", phone_hash="0" * 64, points=500
    )
    store.fold(sale("t-1", "ABCDEFGH2345"))
    store.fold(changed, node="hq")
    store.fold(sale("t-2", "ABCDEFGH2345"))
    with store.desk.reading() as connection:
        assert members.balance(connection, "ABCDEFGH2345") == 512


def test_a_node_cannot_say_points_prices_or_members(store: Store, clerk: httpx.Client) -> None:
    store.fold(
        PointsEntered(t_ms=NOW_MS, entry="e", member="ABCDEFGH2345", points=10**6, reason="welcome"),
        MemberRegistered(t_ms=NOW_MS, member="ABCDEFGH2345", name_sealed="-", phone_sealed="-", phone_hash="0" * 64),
        PriceChanged(t_ms=NOW_MS, gtin=MILK, price_minor=1, currency="EUR"),
    )
    assert clerk.get(f"/api/stock/{MILK}").json()["price_minor"] == 129
    letters = clerk.get("/api/manager/dead-letters").json()
    assert letters["counts"] == {"malformed": 3}
    assert "not for a node to say" in letters["newest"][0]["detail"]
