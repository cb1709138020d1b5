"""`aisle drill`: kills parts of a running store at random (SIGKILL) under load, and balances the books afterwards."""

import random
import time
from collections import Counter
from pathlib import Path

from rich.console import Console

from firmware_stubs.demo.books import Books, balance, wait_until_settled
from firmware_stubs.demo.folder import emptied
from firmware_stubs.demo.plan import Plan
from firmware_stubs.demo.store import RunningStore
from firmware_stubs.demo.supervise import DemoError

VICTIMS = ("checkouts", "shelves", "broker", "gateway", "hq")
LOAD_ARRIVALS_PER_MINUTE = 120.0
LOAD_SPEED = 10.0
DOWN_S = (0.0, 3.0)
SETTLE_S = 120.0


def _settle(store: RunningStore, console: Console) -> Books:
    if ended := store.ended():
        raise DemoError(f"{ended[0]} ended by itself:\n{store.programs[ended[0]].tail()}")
    for program in store.programs.values():
        program.wait_until_ready()
    console.print("Stopping the devices, and waiting until headquarters has everything …")
    store.programs["pretend"].stop(timeout_s=60)
    if not wait_until_settled(store.plan, SETTLE_S):
        raise DemoError(f"the streams did not settle within {SETTLE_S:.0f} s: see the logs in {store.plan.folder}")
    return balance(store.plan)


def run_drill(folder: Path, *, kills: int, seed: int, every_s: float) -> int:
    """Run a store under load and kill ``kills`` times; 0 when nothing was lost or doubled, else 1."""
    console = Console()
    try:
        with emptied(folder.absolute()):
            return _drill(folder.absolute(), console, kills=kills, seed=seed, every_s=every_s)
    except (DemoError, KeyboardInterrupt) as error:
        console.print(f"[red]{error}[/]", highlight=False)
        return 1


def _drill(folder: Path, console: Console, *, kills: int, seed: int, every_s: float) -> int:
    chance = random.Random(seed)
    plan = Plan(
        folder, None, seed=seed, arrivals_per_minute=LOAD_ARRIVALS_PER_MINUTE, speed=LOAD_SPEED, has_clerk=False
    )
    store = RunningStore(plan)
    killed: Counter[str] = Counter()
    try:
        store.start(lambda step: console.print(f"  [green]✓[/] {step}"))
        for number in range(1, kills + 1):
            time.sleep(chance.expovariate(1 / every_s))
            # Each part at least once, the rest as chance has it.
            victim = VICTIMS[number - 1] if number <= len(VICTIMS) else chance.choice(VICTIMS)
            down_s = chance.uniform(*DOWN_S)
            console.print(f"  kill {number:2d}: {victim}, down for {down_s:.1f} s")
            store.programs[victim].kill()
            killed[victim] += 1
            time.sleep(down_s)
            store.restart(victim)
        books = _settle(store, console)
    finally:
        store.stop()
    for hop in books.hops:
        console.print(f"  {hop.name}: {hop.sent} sent, {hop.folded} folded")
    console.print(f"Killed {dict(killed)}; {books.sales_true} sales and {books.scans_true} scans were said.")
    console.print(f"Lost {books.lost}, doubled {books.doubled}.", style="green" if books.is_balanced else "red")
    return 0 if books.is_balanced else 1
