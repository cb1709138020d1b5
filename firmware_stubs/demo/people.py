"""What people do on the demo's first day, over the same addresses that people use: catalogue, counts, members."""

import csv
import io
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from firmware_stubs.demo.supervise import DemoError
from firmware_stubs.store.catalogue import CATALOGUE
from firmware_stubs.store.goods import Goods
from models.messages.codec import encode
from models.messages.envelopes import FactBatch
from models.messages.facts import StockCounted
from models.messages.ids import new_epoch

DEMO_MEMBERS = (
    ("Demo member 1", "+49 1555 0000001"),
    ("演示会员 2", "+49 1555 0000002"),
    ("Demo member 3", "+49 1555 0000003"),
)


def checked(answer: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    """The JSON of an answer.

    Raises:
        DemoError: it is not a success.
    """
    if not answer.is_success:
        raise DemoError(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:300]}")
    return answer.json() if answer.content else None


class Staff:
    """Somebody at headquarters, signed in."""

    def __init__(self, url: str, name: str, password: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=20, headers={"origin": url})
        checked(self._http.post("/api/session", json={"name": name, "password": password}))

    def enter_catalogue(self) -> int:
        """Import the pretend store's catalogue as the CSV file that it would be; gives how many products."""
        sheet = io.StringIO()
        lines = csv.writer(sheet)
        lines.writerow(["gtin", "name_en", "name_zh", "category", "tagged", "price_minor", "currency"])
        for one in CATALOGUE:
            lines.writerow(
                [one.gtin, one.name_en, one.name_zh, one.category, int(one.tagged), one.price_minor, "EUR"]
            )
        body = sheet.getvalue().encode()
        started = checked(self._http.post("/api/imports", content=body, headers={"content-type": "text/csv"}))
        progress = started
        while progress["state"] == "running":
            time.sleep(0.05)
            progress = checked(self._http.get(f"/api/imports/{started['import']}"))
        if progress["wrong"]:
            raise DemoError(f"headquarters did not take the catalogue: {progress['errors'][:3]}")
        return int(progress["entered"])

    def close(self) -> None:
        """Leave."""
        self._http.close()

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Ask headquarters."""
        return checked(self._http.get(path))


class OtherStore:
    """Another store, of which only its stream to headquarters is pretended: what it has, and that it is there."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=20, headers={"authorization": f"Bearer {key}"})
        self._epoch = new_epoch()
        self._said = 0

    def close(self) -> None:
        """Leave."""
        self._http.close()

    def count(self, now_ms: int) -> None:
        """Say how many of each product are in the back room."""
        self._say(
            [
                StockCounted(
                    t_ms=now_ms, gtin=one.gtin, place="backroom", quantity=(one.reference * 7) % 23, by="demo"
                )
                for one in CATALOGUE
            ]
        )

    def is_here(self) -> None:
        """Ask how far headquarters is, as a gateway does when it has nothing to say."""
        self._say([])

    def _say(self, facts: list[StockCounted]) -> None:
        batch = FactBatch(
            epoch=self._epoch, first=self._said + 1, facts=tuple(msgspec.Raw(encode(fact)) for fact in facts)
        )
        checked(self._http.post("/v1/streams/gateway/ledger", content=encode(batch)))
        self._said += len(facts)


@dataclass(frozen=True)
class FirstManager:
    """What `aisle gateway enrol` printed."""

    code: str
    name: str
    pin: str


def read_enrolment(printed: str) -> FirstManager:
    """Take the code and the PIN from what `aisle gateway enrol` printed.

    Raises:
        DemoError: it printed something else.
    """
    code = re.search(r"#enrol=([A-Za-z0-9_-]+)", printed)
    signed = re.search(r"Sign in as (.+) with PIN ([0-9]+)", printed)
    if code is None or signed is None:
        raise DemoError(f"the gateway printed no enrolment:\n{printed}")
    return FirstManager(code[1], signed[1], signed[2])


class Manager:
    """The store's manager on an enrolled device."""

    def __init__(self, url: str, first: FirstManager) -> None:
        self.http = httpx.Client(base_url=url, timeout=20, headers={"origin": url})
        session = checked(self.http.post("/api/devices/enrol", json={"code": first.code}))
        clerk = next(one["id"] for one in session["clerks"] if one["name"] == first.name)
        checked(self.http.post("/api/session", json={"clerk": clerk, "pin": first.pin}))

    def close(self) -> None:
        """Leave."""
        self.http.close()

    def new_enrolment(self, name: str) -> str:
        """A one-time link for one more device."""
        return str(checked(self.http.post("/api/manager/enrolments", json={"name": name}))["url"])

    def add_clerk(self, name: str) -> str:
        """A clerk; gives their PIN."""
        pin = f"{secrets.randbelow(9000) + 1000}"
        body = {"name": name, "pin": pin, "role": "clerk"}
        answer = checked(self.http.post("/api/manager/clerks", json=body))
        return str(answer.get("pin") or pin)

    def plan_shelves(self, goods: Goods) -> int:
        """Say what belongs where, as the CSV file that it would be; gives how many rows."""
        sheet = io.StringIO()
        lines = csv.writer(sheet)
        lines.writerow(["shelf", "gtin", "facings", "capacity", "low"])
        settings = goods.settings
        for one in CATALOGUE:
            room = settings.items_per_product if one.tagged else settings.loose_per_product
            lines.writerow([goods.homes[one.gtin], one.gtin, 3, room, room // 2 - 1])
        headers = {"content-type": "text/csv"}
        body = sheet.getvalue().encode()
        answer = checked(self.http.post("/api/planogram/import", content=body, headers=headers))
        if answer["refused"]:
            raise DemoError(f"the gateway did not take the planogram: {answer['refused'][:3]}")
        return int(answer["rows"])

    def count_stock(self, goods: Goods) -> None:
        """Count what carries no tag, on its shelf and in the back room; the rest is read."""
        for place, pieces in goods.loose.items():
            for gtin, quantity in pieces.items():
                body = {"gtin": gtin, "place": place, "quantity": quantity, "count": f"demo-{place}-{gtin}"}
                checked(self.http.post("/api/stock/counts", json=body))

    def tasks_done(self) -> list[dict[str, Any]]:
        """Tasks that were done in the last day."""
        tasks: list[dict[str, Any]] = checked(self.http.get("/api/tasks", params={"state": "done"}))["tasks"]
        return tasks

    def deliveries(self) -> list[dict[str, Any]]:
        """What was announced, and what became of it."""
        deliveries: list[dict[str, Any]] = checked(self.http.get("/api/deliveries"))["deliveries"]
        return deliveries

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Ask the gateway.

        Raises:
            DemoError: it refused; the text has its answer.
        """
        return checked(self.http.get(path))

    def announce(self, notice: dict[str, Any]) -> None:
        """Enter a shipping notice."""
        checked(self.http.post("/api/deliveries", json=notice))

    def equip(self, name: str) -> dict[str, str]:
        """A clerk with a handheld of their own; gives how they sign in, as ``PretendClerk`` wants it."""
        pin = self.add_clerk(name)
        code = self.new_enrolment(f"{name}'s handheld").rpartition("#enrol=")[2]
        url = str(self.http.base_url)
        with httpx.Client(base_url=url, timeout=20, headers={"origin": url.rstrip("/")}) as handheld:
            session = checked(handheld.post("/api/devices/enrol", json={"code": code}))
            device = str(handheld.cookies["aisle_device"])
        clerk = next(str(one["id"]) for one in session["clerks"] if one["name"] == name)
        return {"gateway": url.rstrip("/"), "device": device, "clerk": clerk, "pin": pin}

    def register_members(self) -> list[str]:
        """Register the demo's members; gives their numbers."""
        return [
            str(checked(self.http.post("/api/members", json={"name": name, "phone": phone}))["member"])
            for name, phone in DEMO_MEMBERS
        ]

    def find(self, words: str) -> list[dict[str, Any]]:
        """Look stock up as a clerk does."""
        products: list[dict[str, Any]] = checked(self.http.get("/api/stock", params={"q": words}))["products"]
        return products

    def all_stock(self) -> list[dict[str, Any]]:
        """What a handheld keeps for when the network is gone: every product."""
        products: list[dict[str, Any]] = checked(self.http.get("/api/stock/snapshot"))["products"]
        return products

    def basket(self, device: str) -> dict[str, Any]:
        """The basket that a fixed scanner fills."""
        basket: dict[str, Any] = checked(self.http.get(f"/api/devices/{device}/basket"))
        return basket

    def status(self) -> dict[str, Any]:
        """What the manager's page shows."""
        status: dict[str, Any] = checked(self.http.get("/api/manager/status"))
        return status
