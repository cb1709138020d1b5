"""What the gateway's own fold broke on: a manager sees it; it is folded after an update or when asked, in order."""

from collections.abc import Callable
from typing import Any

import pytest

from gateway import app as composition
from gateway.app import create_gateway
from gateway.store import baskets, catalogue, minutes, pace
from models.messages.facts import CodeScanned, LaneMinute, PriceChanged, SaleCompleted, SaleLine

Store = Any
TEA = "06901234567892"


def minute(store: Store, n: int) -> LaneMinute:
    t_ms = store.clock.now_ms() - 3_600_000 + n * 60_000
    return LaneMinute(t_ms=t_ms, lane="1", people_mean=float(n), people_max=n, open_s=60.0)


def breaks(*_values: object, **_named: object) -> None:
    raise KeyError("a bug")


def people(store: Store) -> list[float]:
    with store.desk.reading() as connection:
        return [row[0] for row in connection.execute("SELECT people_mean FROM lane_minutes ORDER BY t_ms")]


def aside(manager: Any) -> dict[str, Any]:  # noqa: ANN401 - an httpx client
    found: dict[str, Any] = manager.get("/api/manager/dead-letters").raise_for_status().json()["set_aside"]
    return found


def test_a_manager_sees_what_waits_and_is_told_why_it_cannot_be_folded_yet(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = store.manager()
    with monkeypatch.context() as broken:
        broken.setattr(minutes, "fold_lanes", breaks)
        store.fold(minute(store, 1), minute(store, 2))
        assert aside(manager)["facts"] == 2
        assert aside(manager)["detail"] == "KeyError: 'a bug'"
        answer = manager.post("/api/manager/set-aside/retry")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "fold")
        assert "Update" in answer.json()["error"]["hint"]
        assert any(one.subject == "set-aside" for one in store.desk.health.problems())
    store.fold(minute(store, 3))
    again = manager.post("/api/manager/set-aside/retry").raise_for_status().json()
    assert (again["folded"], again["left"]) == (2, 0)
    assert people(store) == [1.0, 2.0, 3.0]
    assert aside(manager)["facts"] == 0
    assert not any(one.subject == "set-aside" for one in store.desk.health.problems())
    assert manager.post("/api/manager/set-aside/retry").json()["folded"] == 0


def test_only_a_manager_may_try_again(store: Store) -> None:
    assert store.client().post("/api/manager/set-aside/retry").status_code == 401


def test_the_next_version_folds_it_at_its_start_and_headquarters_hears_of_it_then(
    start_store: Callable[..., Store], serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    hq = {"url": "http://127.0.0.1:9", "key": "k" * 32}
    store = start_store(hq=hq)
    with monkeypatch.context() as broken:
        broken.setattr(minutes, "fold_lanes", breaks)
        store.fold(minute(store, 1))
    store.fold(minute(store, 2))
    assert [fact["people_mean"] for fact in store.outgoing()] == [2.0]
    for version, heard in (("0", [2.0]), ("99", [2.0, 1.0]), ("99", [2.0, 1.0])):
        monkeypatch.setattr(composition, "_version", lambda version=version: version)
        if version == "0":
            with monkeypatch.context() as still:
                still.setattr(minutes, "fold_lanes", breaks)
                serve(create_gateway(store.settings, clock=store.clock)).stop()
        else:
            serve(create_gateway(store.settings, clock=store.clock)).stop()
        assert [fact["people_mean"] for fact in store.outgoing()] == heard
    assert people(store) == [1.0, 2.0]


def test_a_scan_that_is_long_over_goes_into_nobodys_basket(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    now = store.clock.now_ms()
    with monkeypatch.context() as broken:
        broken.setattr(baskets, "at_device", breaks)
        store.fold(CodeScanned(t_ms=now, device="till-1", symbology="EAN-13", text=TEA[1:], gtin=TEA))
    assert store.manager().post("/api/manager/set-aside/retry").json()["folded"] == 1
    with store.desk.reading() as connection:
        assert connection.execute("SELECT count(*) FROM baskets").fetchone()[0] == 0


def test_a_late_sale_counts_and_leaves_the_basket_alone_that_stands_at_its_till_now(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = store.clock.now_ms()
    line = SaleLine(gtin=TEA, quantity=1, price_minor=349)
    sale = SaleCompleted(t_ms=now, sale="s-1", till="till-1", lines=(line,), total_minor=349, currency="EUR")
    with monkeypatch.context() as broken:
        broken.setattr(pace, "note", breaks)
        store.fold(sale)
    store.fold(CodeScanned(t_ms=now + 1, device="till-1", symbology="EAN-13", text=TEA[1:], gtin=TEA))
    assert store.manager().post("/api/manager/set-aside/retry").json()["folded"] == 1
    with store.desk.reading() as connection:
        assert connection.execute("SELECT count(*) FROM sales").fetchone()[0] == 1
        assert connection.execute("SELECT count(*) FROM baskets WHERE closed_ms IS NULL").fetchone()[0] == 1


def test_what_headquarters_said_is_asked_for_again_so_that_no_old_price_stands_above_a_new_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = store.clock.now_ms()
    with monkeypatch.context() as broken:
        broken.setattr(catalogue, "fold_prices", breaks)
        store.fold(PriceChanged(t_ms=now, gtin=TEA, price_minor=1, currency="EUR", from_ms=5), node="hq")
    store.fold(PriceChanged(t_ms=now, gtin=TEA, price_minor=2, currency="EUR", from_ms=5), node="hq")
    manager = store.manager()
    assert manager.post("/api/manager/set-aside/retry").json()["folded"] == 1
    with store.desk.reading() as connection:
        price = "SELECT price_minor FROM prices WHERE gtin = ? AND from_ms = 5"
        assert [row[0] for row in connection.execute(price, (TEA,))] == [2]
        assert connection.execute("SELECT count(*) FROM inbox WHERE node = 'hq'").fetchone()[0] == 0
