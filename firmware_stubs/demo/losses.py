"""Compares who stole what with the shrink ledger: what was stolen is in it, what was paid for is not."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from firmware_stubs.demo.plan import Plan
from firmware_stubs.store.happening import Happening

AT_THE_DOOR_S = 15.0
"""So long a walk through the door takes until its node has weighed it."""


@dataclass(frozen=True)
class Losses:
    """Tagged pieces. ``at_door`` went too late to be judged; ``wrongly`` were paid for and are in the ledger.

    ``unseen`` went out without the door's reader or the gateway being sure of it.
    """

    stolen: int
    in_ledger: int
    at_door: int
    wrongly: int

    @property
    def unseen(self) -> int:
        """Stolen pieces of which the ledger knows nothing."""
        return self.stolen - self.in_ledger - self.at_door


def losses(plan: Plan, truth: Sequence[Happening]) -> Losses:
    """Compare, when every passage has been judged (``wait_until_judged``)."""
    end_s = truth[-1].t_s if truth else 0.0
    stolen = {epc: one.t_s for one in truth if one.kind == "stolen" for epc in one.epcs}
    paid = {epc for one in truth if one.kind == "sold" for epc in one.epcs}
    with _reading(plan) as connection:
        ledger = {row[0] for row in connection.execute("SELECT epc FROM shrink WHERE found_ms IS NULL")}
    late = {epc for epc, t_s in stolen.items() if (end_s - t_s) / plan.speed < AT_THE_DOOR_S} - ledger
    return Losses(len(stolen), len(stolen.keys() & ledger), len(late), len(paid & ledger))


def wait_until_judged(plan: Plan, timeout_s: float) -> bool:
    """Wait until no passage waits for a till any more."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        with _reading(plan) as connection:
            (waiting,) = connection.execute("SELECT count(*) FROM exits").fetchone()
        if not waiting:
            return True
        time.sleep(0.3)
    return False


def _reading(plan: Plan) -> closing[sqlite3.Connection]:
    path = plan.folder / "gateway" / "gateway.db"
    return closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10))
