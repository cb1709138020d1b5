"""Compares what really happened with what arrived: the truth's file against the databases, facts against numbers."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from firmware_stubs.demo.plan import STORE, Plan
from firmware_stubs.store.catalogue import CATALOGUE
from firmware_stubs.store.happening import Happening
from firmware_stubs.store.world import World

MOVING_S = 60.0
NODES = ("shelves", "checkouts")


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as connection:
        yield connection


@dataclass(frozen=True)
class Hop:
    """One stream's hop: how many facts were numbered at its sender, and up to which its receiver folded."""

    name: str
    sent: int
    folded: int


@dataclass(frozen=True)
class Books:
    """The comparison. ``lost`` and ``doubled`` count sales and scans, of which the truth knows each one."""

    hops: tuple[Hop, ...]
    sales_true: int
    scans_true: int
    lost: int
    doubled: int
    total_true_minor: int
    total_hq_minor: int
    items_true: int
    items_right: int
    items_moving: int
    """Of the others: in the last minute somebody took or moved them, and readers wait before they say so."""
    dropped: int
    refused: int

    @property
    def is_balanced(self) -> bool:
        """Whether nothing was lost and nothing doubled, on any hop."""
        return (
            self.lost == self.doubled == 0
            and self.total_true_minor == self.total_hq_minor
            and all(hop.sent == hop.folded for hop in self.hops)
        )


def read_truth(path: Path) -> list[Happening]:
    """Everything that happened, in order."""
    return [msgspec.json.decode(line, type=Happening) for line in path.read_bytes().splitlines() if line]


def _facts_recorded(path: Path, kind: str) -> int:
    """How many facts of a kind a node ever numbered; what was acknowledged stays in its outbox for days."""
    with _reading(path) as connection:
        chunks = connection.execute("SELECT body FROM outbox WHERE class = 'ledger'").fetchall()
    return sum(bytes(chunk[0]).count(b'"kind":"%s"' % kind.encode()) for chunk in chunks)


def hops(plan: Plan) -> tuple[Hop, ...]:
    """Every stream towards headquarters, as sender and receiver have it in their files."""
    found = []
    gateway, hq = plan.folder / "gateway" / "gateway.db", plan.folder / "hq" / "hq.db"
    for sender, receiver, path, into in (
        *((node, node, plan.folder / node / "edge.db", gateway) for node in NODES),
        ("gateway", f"{STORE}/gateway", gateway, hq),
    ):
        with _reading(path) as connection:
            heads = connection.execute("SELECT class, epoch, next_seq - 1 FROM outbox_heads").fetchall()
        with _reading(into) as connection:
            for stream, epoch, last in heads:
                row = connection.execute(
                    "SELECT upto FROM inbox WHERE node = ? AND class = ? AND epoch = ?", (receiver, stream, epoch)
                ).fetchone()
                found.append(Hop(f"{sender} {stream}", last, row[0] if row else 0))
    return tuple(found)


def wait_until_settled(plan: Plan, timeout_s: float) -> bool:
    """Wait until every hop has folded what was sent, and stays so for a moment."""
    deadline = time.monotonic() + timeout_s
    calm_since = None
    while time.monotonic() < deadline:
        now = hops(plan)
        if all(hop.sent == hop.folded for hop in now):
            calm_since = calm_since or time.monotonic()
            if time.monotonic() - calm_since > 1.5:
                return True
        else:
            calm_since = None
        time.sleep(0.2)
    return False


def _hops_caught_up(plan: Plan, timeout_s: float = 10.0) -> tuple[Hop, ...]:
    """The hops when nothing is under way: a node tells of silent antennas long after the devices stopped."""
    deadline = time.monotonic() + timeout_s
    while True:
        now = hops(plan)
        if all(hop.sent == hop.folded for hop in now) or time.monotonic() > deadline:
            return now
        time.sleep(0.1)


def balance(plan: Plan) -> Books:
    """Compare, when everything has settled."""
    truth = read_truth(plan.truth)
    sold = {str(one.transaction) for one in truth if one.kind == "sold"}
    scans = sum(one.kind == "scanned" for one in truth)
    world = World(plan.seed)
    for one in truth:
        world.apply(one)
    with _reading(plan.folder / "hq" / "hq.db") as hq:
        at_hq = {row[0] for row in hq.execute("SELECT sale FROM sales WHERE store = ?", (STORE,))}
        counted, total = hq.execute(
            "SELECT coalesce(sum(sales), 0), coalesce(sum(total_minor), 0) FROM sales_days WHERE store = ?", (STORE,)
        ).fetchone()
        items = dict(hq.execute("SELECT epc, place FROM items WHERE store = ? AND present", (STORE,)).fetchall())
        (dropped,) = hq.execute("SELECT coalesce(sum(count), 0) FROM dropped").fetchone()
        (refused,) = hq.execute("SELECT count(*) FROM dead_letters").fetchone()
    scanned = _facts_recorded(plan.folder / "shelves" / "edge.db", "code.scanned")
    wrong = {epc for epc in world.gtins if items.get(epc) != world.standing.get(epc)}
    since_s = truth[-1].t_s - MOVING_S * plan.speed if truth else 0.0
    moving = wrong & {one.epc for one in truth if one.t_s >= since_s}
    return Books(
        hops=_hops_caught_up(plan),
        sales_true=len(sold),
        scans_true=scans,
        lost=len(sold - at_hq) + max(0, scans - scanned),
        doubled=counted - len(at_hq) + len(at_hq - sold) + max(0, scanned - scans),
        total_true_minor=total_of(truth),
        total_hq_minor=total,
        items_true=len(world.gtins),
        items_right=len(world.gtins) - len(wrong),
        items_moving=len(moving),
        dropped=dropped,
        refused=refused,
    )


def total_of(truth: list[Happening]) -> int:
    """What all sales come to."""
    prices = {product.gtin: product.price_minor for product in CATALOGUE}
    return sum(prices[gtin] for one in truth if one.kind == "sold" for gtin in one.gtins)
