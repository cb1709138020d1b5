"""The simulator's truth is consistent, and presence over its reads knows it better than a fixed window does."""

from dataclasses import replace

import numpy as np

from benchmarks.shelf_day import Contender, OurPresence, run_day
from benchmarks.shelf_oracle import Oracle
from benchmarks.shelf_rivals import rivals
from benchmarks.shelf_score import score
from firmware_stubs.shelf_simulator.air import hear
from firmware_stubs.shelf_simulator.recording import lines
from firmware_stubs.shelf_simulator.settings import SMALL
from firmware_stubs.shelf_simulator.shop import Shop

BUSY = replace(SMALL, tags=200, hours=0.2, looks_per_tag=1.0, takes_per_tag=0.5, silences_per_antenna=3.0)


def test_the_same_seed_gives_the_same_day() -> None:
    short = replace(BUSY, hours=0.01)
    assert list(lines(short, 5)) == list(lines(short, 5))
    assert list(lines(short, 5)) != list(lines(short, 6))


def test_a_silent_antenna_is_not_heard_and_what_stands_is() -> None:
    shop = Shop(BUSY, 1)
    shop.silent[2] = True
    heard = hear(shop, 0.0)
    assert 2 not in heard.antennas
    assert set(shop.place[heard.tags]) == {0, 1, 2, 3}
    assert np.all(np.diff(heard.t_s) >= 0)


def test_every_lift_ends_with_the_item_put_somewhere_or_taken() -> None:
    shop = Shop(BUSY, 3)
    shop.to(720.0)
    open_lifts: dict[int, int] = {}
    for event in shop.events:
        if event.kind == "lifted":
            assert event.tag not in open_lifts
            open_lifts[event.tag] = event.place
        elif event.kind in ("looked", "moved", "returned", "taken"):
            open_lifts.pop(event.tag, None)
    assert len(open_lifts) < 10


def test_presence_has_more_counts_right_than_any_rule_in_use() -> None:
    shop = Shop(BUSY, 7)
    contenders: dict[str, Contender] = {"Aisle": OurPresence(shop), "oracle": Oracle(shop), **rivals(shop)}
    day = run_day(shop, contenders)
    table = {name: score(day, name, "Aisle") for name in contenders}
    ours = table.pop("Aisle")
    best_rule = max(figures["counts_right"] for name, figures in table.items() if name != "oracle")
    assert best_rule < ours["counts_right"] <= table["oracle"]["counts_right"] + 0.01
    assert ours["false_taken_silent"] == 0
    assert ours["ece"] < 0.02
