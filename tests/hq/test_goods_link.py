"""A real store and a real headquarters over HTTP: what either says of a plan or a delivery, the other knows."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cloud_sync.hq.app import create_headquarters, open_headquarters
from gateway.app import create_gateway
from gateway.enrolment import enrol
from models.process.clock import SystemClock
from tests.conftest import Serve
from tests.gateway.conftest import store_settings
from tests.hq.conftest import PASSWORD, key_of, settings_for

TEA = "06901234567892"
CARTON = "106141412345678908"


def until(found: Callable[[], Any], what: str) -> Any:  # noqa: ANN401 - whatever is waited for
    deadline_s = time.monotonic() + 15
    while not (answer := found()):
        assert time.monotonic() < deadline_s, f"waited for {what}"
        time.sleep(0.05)
    return answer


@pytest.fixture
def both(tmp_path: Path, serve: Serve) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Somebody who works at headquarters, and a manager of the store."""
    hq_url = serve(create_headquarters(open_headquarters(settings_for(tmp_path, "harbour")), poll_s=2.0)).url
    settings = store_settings(
        tmp_path, store={"id": "harbour", "name": "Harbour"}, hq={"url": hq_url, "key": key_of("harbour")}
    )
    store_url = serve(create_gateway(settings)).url
    made = enrol(settings, device="Handheld 1", manager="Clerk A", clock=SystemClock())
    with httpx.Client(base_url=hq_url) as staff, httpx.Client(base_url=store_url) as manager:
        staff.post("/api/session", json={"name": "desk-1", "password": PASSWORD}).raise_for_status()
        session = manager.post("/api/devices/enrol", json={"code": made.code}).raise_for_status().json()
        sign_in = {"clerk": session["clerks"][0]["id"], "pin": made.pin}
        manager.post("/api/session", json=sign_in).raise_for_status()
        staff.put(f"/api/products/{TEA}", json={"name_en": "Tea", "name_zh": "茶"}).raise_for_status()
        until(lambda: manager.get(f"/api/stock/{TEA}").status_code == 200, "the product")
        yield staff, manager


def test_a_plan_and_a_delivery_go_down_and_what_became_of_them_comes_up(
    both: tuple[httpx.Client, httpx.Client],
) -> None:
    staff, manager = both
    plan = "/api/stores/harbour/planogram"
    staff.post(plan, content=f"shelf,gtin,facings,capacity,low\nC3,{TEA},2,10,3\n").raise_for_status()
    until(lambda: manager.get("/api/planogram").json()["shelves"], "the plan in the store")
    slot = {"facings": 1, "capacity": 6, "low": 2}
    manager.put(f"/api/planogram/C3/{TEA}", json=slot).raise_for_status()
    until(lambda: staff.get(plan).json()["slots"][0]["capacity"] == 6, "the correction at headquarters")

    units = [{"sscc": CARTON, "lines": [{"gtin": TEA, "quantity": 24}]}]
    notice = {"delivery": "asn-1", "supplier": "Depot", "due_ms": 0, "units": units}
    staff.post("/api/stores/harbour/deliveries", json=notice).raise_for_status()
    until(lambda: manager.get("/api/deliveries").json()["deliveries"], "the notice in the store")
    manager.post("/api/deliveries/asn-1/seen", json={"code": f"(00){CARTON}"}).raise_for_status()
    manager.post("/api/deliveries/asn-1/received").raise_for_status()

    def came() -> bool:
        (one,) = staff.get("/api/deliveries").json()["deliveries"]
        return bool(one["state"] == "received" and one["received"] == 24)

    until(came, "what came at headquarters")
    until(lambda: staff.get(f"/api/products/{TEA}").json()["on_hand"] == 24, "the stock at headquarters")
