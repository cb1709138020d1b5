"""Clerk B: does tasks of the floor with a handheld of their own, over the gateway's API, as a person would."""

import asyncio
from typing import Any, Protocol

import httpx

from firmware_stubs.store.goods import Goods
from firmware_stubs.store.settings import PretendClerk

_LOOK_EVERY_S = 4.0
_WALK_S = 12.0
_PATIENCE_S = {"replenish": 75.0, "tidy": 150.0, "count": 300.0}
"""How long a task waits for somebody else first, so that a person finds some to do."""
_SHELF_SEES_S = 45.0
_ASKS_EVERY_S = 3.0
_RECEIVES_AFTER_S = 150.0

Json = dict[str, Any]


class Floor(Protocol):
    """The pretend store as a clerk touches it."""

    @property
    def goods(self) -> Goods:
        """What stands where."""

    def acted(self) -> None:
        """Goods were moved: let it have happened."""

    def now_s(self) -> float:
        """Pretended seconds since the day began."""


class Clerk:
    """Looks for tasks, claims the oldest that nobody took, does it, says so; waits for a gateway that is away.

    Times are the store's: with ``speed``, so many pretended seconds pass in one.
    """

    def __init__(self, settings: PretendClerk, floor: Floor, speed: float) -> None:
        self._settings, self._floor, self._speed = settings, floor, speed
        self.done = 0
        self._carried: dict[str, int] = {}
        """Task → pieces that were carried to the shelf for it, and of which the gateway may not know yet."""

    async def work(self) -> None:
        """Work until cancelled."""
        url = self._settings.gateway
        async with httpx.AsyncClient(base_url=url, timeout=10, headers={"origin": url}) as http:
            http.cookies.set("aisle_device", self._settings.device)
            while True:
                await self._pause(_LOOK_EVERY_S)
                try:
                    await self._look(http)
                except (httpx.HTTPError, ValueError, KeyError):
                    continue

    async def _look(self, http: httpx.AsyncClient) -> None:
        answer = await http.get("/api/tasks", params={"state": "open"})
        if answer.status_code in {401, 403}:
            body = {"clerk": self._settings.clerk, "pin": self._settings.pin}
            await http.post("/api/session", json=body)
            return
        found = answer.raise_for_status().json()
        now_ms = int(found["as_of_ms"])
        # What was claimed before the gateway, or the network, went away comes first; goods in the way come next.
        mine = [task for task in found["tasks"] if task["mine"]]
        if not mine and await self._receive(http, now_ms):
            return
        left = [task for task in found["tasks"] if task["state"] == "open" and self._is_left(task, now_ms)]
        if mine or left:
            await self._do(http, min(mine or left, key=lambda task: int(task["since_ms"])))

    def _is_left(self, task: Json, now_ms: int) -> bool:
        waited_s = (now_ms - int(task["since_ms"])) / 1000 * self._speed
        return waited_s >= _PATIENCE_S[str(task["type"])]

    async def _do(self, http: httpx.AsyncClient, task: Json) -> None:
        url = f"/api/tasks/{task['task']}"
        if (await http.post(f"{url}/claim")).status_code != 200:
            return
        await self._pause(_WALK_S)
        match task["type"]:
            case "replenish":
                await self._replenish(http, url, task)
            case "tidy":
                self._floor.goods.tidy(self._floor.now_s(), task["epcs"])
                self._floor.acted()
                await self._until_seen(http, url, {})
            case _:
                await self._count(http, task)

    async def _replenish(self, http: httpx.AsyncClient, url: str, task: Json) -> None:
        name = str(task["task"])
        if name not in self._carried:
            gtin, quantity = str(task["gtin"]), int(task["quantity"])
            self._carried[name] = self._floor.goods.bring(self._floor.now_s(), gtin, quantity)
            self._floor.acted()
        if self._carried[name]:
            await self._until_seen(http, url, {"quantity": self._carried[name]})
        else:
            await http.post(f"{url}/release")
        del self._carried[name]

    async def _until_seen(self, http: httpx.AsyncClient, url: str, body: Json) -> None:
        """Say that it is done as soon as the shelf agrees; give the task back when it does not.

        Shelves take their time, however fast the day goes.
        """
        for _ in range(int(_SHELF_SEES_S / _ASKS_EVERY_S)):
            await asyncio.sleep(_ASKS_EVERY_S)
            answer = await http.post(f"{url}/done", json=body)
            if answer.status_code == 200 or "done" in answer.text[:40]:
                self.done += 1
                return
        await http.post(f"{url}/release")

    async def _count(self, http: httpx.AsyncClient, task: Json) -> None:
        gtin, place = str(task["gtin"]), str(task["shelf"])
        quantity = self._floor.goods.quantity(place, gtin)
        # Said again after a gateway that went away it counts once.
        body = {"gtin": gtin, "place": place, "quantity": quantity, "count": f"b-{task['task']}"}
        if (await http.post("/api/stock/counts", json=body)).is_success:
            self.done += 1

    async def _receive(self, http: httpx.AsyncClient, now_ms: int) -> bool:
        """Close a delivery that came and that nobody looked after: what has no tag is counted by hand.

        Gives whether there was one.
        """
        answer = (await http.get("/api/deliveries")).raise_for_status()
        for one in answer.json()["deliveries"]:
            waited_s = (now_ms - int(one["due_ms"])) / 1000 * self._speed
            if one["state"] not in {"expected", "open"} or waited_s < _RECEIVES_AFTER_S:
                continue
            url = f"/api/deliveries/{one['delivery']}"
            await http.post(f"{url}/open")
            detail = (await http.get(url)).raise_for_status().json()
            lines = [line for unit in detail["units_list"] if unit["sscc"] is None for line in unit["lines"]]
            for line in lines:
                missing = int(line["expected"]) - int(line["received"])
                if missing > 0:
                    await http.post(f"{url}/seen", json={"code": line["gtin"], "quantity": missing})
            await http.post(f"{url}/received")
            self.done += 1
            return True
        return False

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)
