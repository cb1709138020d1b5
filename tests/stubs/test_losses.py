"""Who stole what, held against the ledger."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from firmware_stubs.demo.losses import Losses, losses, wait_until_judged
from firmware_stubs.demo.plan import Plan
from firmware_stubs.store.happening import Happening

TRUTH = [
    Happening(t_s=10.0, kind="sold", epcs=("P1", "P2")),
    Happening(t_s=20.0, kind="stolen", epcs=("S1", "S2")),
    Happening(t_s=95.0, kind="stolen", epcs=("S3",)),
    Happening(t_s=100.0, kind="left"),
]


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A store's plan whose gateway has an empty ledger."""
    (tmp_path / "gateway").mkdir()
    with closing(sqlite3.connect(tmp_path / "gateway" / "gateway.db")) as connection:
        connection.execute("CREATE TABLE shrink(epc TEXT, found_ms INTEGER)")
        connection.execute("CREATE TABLE exits(epc TEXT)")
    return Plan(tmp_path, None, seed=1, arrivals_per_minute=9.0, speed=1.0)


def enter(plan: Plan, lines: Sequence[tuple[str, int | None]]) -> None:
    with closing(sqlite3.connect(plan.folder / "gateway" / "gateway.db")) as connection, connection:
        connection.executemany("INSERT INTO shrink VALUES (?,?)", lines)


def test_what_was_stolen_and_is_in_the_ledger_counts_as_noticed(plan: Plan) -> None:
    enter(plan, [("S1", None), ("S2", None), ("S3", None)])
    assert losses(plan, TRUTH) == Losses(stolen=3, in_ledger=3, at_door=0, wrongly=0)


def test_who_left_a_moment_ago_is_still_at_the_door_and_who_was_not_noticed_is_said(plan: Plan) -> None:
    enter(plan, [("S1", None)])
    found = losses(plan, TRUTH)
    assert (found.in_ledger, found.at_door, found.unseen) == (1, 1, 1)


def test_a_piece_that_was_paid_for_is_wrongly_in_the_ledger_until_it_is_found(plan: Plan) -> None:
    enter(plan, [("P1", None), ("P2", 5000)])
    assert losses(plan, TRUTH).wrongly == 1


def test_passages_that_wait_for_a_till_are_waited_for(plan: Plan) -> None:
    assert wait_until_judged(plan, 1.0)
    with closing(sqlite3.connect(plan.folder / "gateway" / "gateway.db")) as connection, connection:
        connection.execute("INSERT INTO exits VALUES ('S1')")
    assert not wait_until_judged(plan, 0.1)
