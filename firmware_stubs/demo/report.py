"""What the demo prints at its end: what was said, what arrived, what people saw. All measured, nothing assumed."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import httpx
from rich.console import Console

from firmware_stubs.demo.books import Books, balance, read_truth, wait_until_settled
from firmware_stubs.demo.losses import Losses, losses, wait_until_judged
from firmware_stubs.demo.plan import CAMERA_LANE, DOOR, STORE
from firmware_stubs.demo.store import RunningStore
from firmware_stubs.demo.supervise import DemoError

SETTLE_S = 30.0
JUDGE_S = 45.0


@dataclass(frozen=True)
class Report:
    """The figures of one run."""

    books: Books
    lanes: list[dict[str, Any]]
    doors: list[dict[str, Any]]
    camera_people: float | None
    stock_pieces: int
    stock_products: int
    hq_store: dict[str, Any]
    losses: Losses
    tasks: list[dict[str, Any]]
    """Those that are done."""
    deliveries: list[dict[str, Any]]

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost or doubled, and headquarters has the store's stock and sales."""
        has_stock = self.stock_pieces > 0 and self.books.sales_true > 0
        return self.books.is_balanced and has_stock and self.losses.wrongly == 0

    def show(self, console: Console) -> None:
        """Print it, one line for each figure."""
        books = self.books
        sent, folded = (sum(getattr(hop, name) for hop in books.hops) for name in ("sent", "folded"))
        money = f"{books.total_hq_minor / 100:.2f} of {books.total_true_minor / 100:.2f} EUR"
        for name, figure in (
            ("Facts sent / folded", f"{sent} / {folded}, over every hop to headquarters"),
            ("Lost", f"{books.lost} of {books.sales_true} sales and {books.scans_true} scans"),
            ("Doubled", f"{books.doubled}"),
            ("Sales at headquarters", money),
            ("Items where they are", _items(books)),
            ("People in the footage", _people(self.camera_people) + _door(self.doors)),
            ("Waits shown", _waits(self.lanes)),
            ("Stock found", f"{self.stock_pieces} pieces of {self.stock_products} products, by a handheld"),
            ("Headquarters has", f"{self.hq_store.get('on_hand', '?')} pieces on hand in this store"),
            ("Stolen", _losses(self.losses)),
            ("Tasks done", _tasks(self.tasks)),
            ("Deliveries", _deliveries(self.deliveries)),
            ("Dropped, refused", f"{books.dropped}, {books.refused}"),
        ):
            console.print(f"  {name:<22} {figure}", soft_wrap=True, highlight=False)
        console.print("[green]Nothing lost, nothing doubled.[/]" if self.is_good else "[red]Something is wrong.[/]")


def collect(store: RunningStore, console: Console) -> Report:
    """Look at everything as people do, stop the devices, wait until all has arrived, and balance the books.

    Raises:
        DemoError: the streams did not settle.
    """
    if store.manager is None or store.staff is None:
        raise DemoError("the demo has not started")
    lanes = httpx.get(f"{store.screen_url}/api/lanes", timeout=10).json()["lanes"]
    doors = httpx.get(f"{store.gateway_url}/api/lanes", timeout=10).json()["doors"]
    console.print("Stopping the devices, and waiting until headquarters has everything …")
    store.programs["pretend"].stop(timeout_s=40)
    if not wait_until_settled(store.plan, SETTLE_S):
        raise DemoError(f"the streams did not settle within {SETTLE_S:.0f} s: see the logs in {store.plan.folder}")
    wait_until_judged(store.plan, JUDGE_S)
    products = store.manager.all_stock()
    overview = store.staff.get("/api/stores")
    camera = next((lane for lane in lanes if lane["lane"] == CAMERA_LANE), None)
    return Report(
        books=balance(store.plan),
        lanes=lanes,
        doors=[door for door in doors if door["door"] == DOOR],
        camera_people=None if camera is None else camera.get("people"),
        stock_pieces=sum(product["on_hand"] for product in products),
        stock_products=len(products),
        hq_store=next((one for one in overview["stores"] if one["store"] == STORE), {}),
        losses=losses(store.plan, read_truth(store.plan.truth)),
        tasks=store.manager.tasks_done(),
        deliveries=store.manager.deliveries(),
    )


def _items(books: Books) -> str:
    others = books.items_true - books.items_right - books.items_moving
    moving = f"{books.items_moving} were moved in the last minute, {others} are elsewhere"
    return f"{books.items_right} of {books.items_true}, as headquarters has them now; {moving}"


def _losses(losses: Losses) -> str:
    told = f"{losses.in_ledger} of {losses.stolen} pieces in the shrink ledger"
    told += f", {losses.at_door} still at the door" if losses.at_door else ""
    told += f", {losses.unseen} not noticed" if losses.unseen else ""
    return f"{told}; {losses.wrongly} that were paid for"


def _tasks(tasks: list[dict[str, Any]]) -> str:
    kinds = Counter(task["type"] for task in tasks)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "none"


def _deliveries(deliveries: list[dict[str, Any]]) -> str:
    states = Counter(one["state"] for one in deliveries)
    return ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "none"


def _people(people: float | None) -> str:
    return "no camera" if people is None else f"{people} in lane {CAMERA_LANE}"


def _door(doors: list[dict[str, Any]]) -> str:
    return "".join(f"; {door['in']} in, {door['out']} out by the {door['door']} door" for door in doors)


def _waits(lanes: list[dict[str, Any]]) -> str:
    return ", ".join(f"{lane['lane']}: {_wait(lane)}" for lane in lanes) or "none"


def _wait(lane: dict[str, Any]) -> str:
    if lane["state"] != "open" or lane["low_min"] is None:
        return str(lane["state"])
    return f"{lane['low_min']}–{lane['high_min']} min"
