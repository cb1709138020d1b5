"""A node with five readers over real LLRP, one of which dies: what it records of shelves, door and strangers."""

import asyncio
import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from prometheus_client import generate_latest

from cloud_sync.stream.chunks import split_facts
from edge.migrations import migrate
from edge.node import Node
from edge.record import DATABASE
from edge.settings import EdgeSettings
from firmware_stubs.llrp.answers import GENERIC, IMPINJ_R420, ZEBRA_FX9600
from firmware_stubs.llrp.reader import PretendReader
from models.messages.codec import decode_fact
from models.messages.facts import Fact, ItemPlaced, ItemTaken, ShelfReader
from models.messages.goods import ItemExited, ReaderInput
from models.messages.samples import ReaderState
from tests.edge.doorway import START, reads, walk
from tests.llrp.listening import eventually

SGTIN = "3034257BF7194E4000001A85"
STRANGE = "E28068940000501234567890"
"""A tag whose maker's number nobody replaced: no EPC scheme has this header."""
SSCC = "3134257BF4499602D2000000"
OTHERS = "E2003412AABBCCDD00112233"
DYING = "3034257BF7194E4000001B01"
LEAVES = "3034257BF7194E4000009999"
SHELVES = {"a": SGTIN, "b": STRANGE, "c": SSCC, "d": DYING}


@dataclass
class Day:
    """What came of it."""

    facts: list[Fact] = field(default_factory=list)
    states: dict[str, ReaderState] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    metrics: str = ""

    def of(self, kind: type[Fact]) -> list[Fact]:
        return [fact for fact in self.facts if isinstance(fact, kind)]


def settings(folder: Path, ports: dict[str, int], gate: int) -> EdgeSettings:
    quick = {"host": "127.0.0.1", "cycle_ms": 200, "retry_s": 0.1, "retry_max_s": 0.2, "keepalive_s": 0.5}
    readers = [
        {"name": name, "port": port, "antennas": {1: name.upper()}, "ignore_epcs": ["E2003412"], **quick}
        for name, port in ports.items()
    ]
    door = {"behaviour": "exit", "door": "main", "antennas": {1: "inside", 2: "outside"}, "inputs": [1]}
    readers.append({"name": "gate", "port": gate, **quick, **door})
    return EdgeSettings.model_validate(
        {
            "store": "demo",
            "node": "pi-1",
            "data_dir": folder,
            "mqtt": {"hosts": ["127.0.0.1:1"]},
            "screen": {"port": 0},
            "shelves": {"cycle_ms": 200},
            "reader": readers,
        }
    )


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """Twelve seconds of a node."""
    folder = tmp_path_factory.mktemp("node")
    migrate(folder / DATABASE)
    return asyncio.run(_live(folder))


async def _live(folder: Path) -> Day:
    day = Day()
    async with AsyncExitStack() as stack:
        makes = (GENERIC, IMPINJ_R420, ZEBRA_FX9600, GENERIC)
        shelves = {
            name: await stack.enter_async_context(PretendReader(make=make))
            for name, make in zip(SHELVES, makes, strict=True)
        }
        gate = await stack.enter_async_context(PretendReader(make=IMPINJ_R420))
        node = Node(settings(folder, {name: one.port for name, one in shelves.items()}, gate.port))
        node.start()
        stack.callback(node.stop)
        for reader in node.readers:
            await stack.enter_async_context(reader)
        await eventually(lambda: all(pretend.is_active for pretend in (*shelves.values(), gate)))
        await asyncio.gather(_stand(shelves), _walk(gate))
        day.states = {reader.name: reader.state() for reader in node.readers}
        day.problems = {problem.subject: problem.code for problem in node.health.problems()}
        day.metrics = generate_latest(node.registry).decode()
        with node._writer.reading() as connection:
            rows = connection.execute("SELECT body FROM outbox ORDER BY class, seq").fetchall()
        day.facts = [decode_fact(raw) for row in rows for raw in split_facts(row["body"])]
    return day


async def _stand(shelves: dict[str, PretendReader]) -> None:
    """Each reader sees its item and, now and then, what is not ours; the last one dies in the middle."""
    draw, began = random.Random(1), time.monotonic()
    while (passed := time.monotonic() - began) < 12:
        for name, epc in SHELVES.items():
            shelves[name].see(epc, 1, -55 + draw.gauss(0, 2))
            shelves[name].see(OTHERS, 1, -60.0)
        if passed > 6 and shelves["d"].has_client:
            await shelves["d"].__aexit__(None, None, None)
        await asyncio.sleep(0.1)


async def _walk(gate: PretendReader) -> None:
    """A contact opens, and an item is carried out through the door, in real time."""
    gate.input(1, is_high=True)
    began = time.monotonic()
    places = {"gate:1": 1, "gate:2": 2}
    passage = reads(walk(), 10, {"gate:1": -1.0, "gate:2": 1.0}, seed=3, epc=LEAVES)
    for epc, antenna, dbm, t_ms in sorted(passage, key=lambda read: read[3]):
        await asyncio.sleep(max(0.0, began + (t_ms - START) / 1000 - 3.0 - time.monotonic()))
        gate.see(epc, places[antenna], dbm)


def placed(day: Day, epc: str) -> ItemPlaced:
    (fact,) = [fact for fact in day.of(ItemPlaced) if isinstance(fact, ItemPlaced) and fact.epc == epc]
    return fact


def test_each_item_is_placed_once_on_its_readers_shelf(day: Day) -> None:
    assert {epc: placed(day, epc).shelf for epc in SHELVES.values()} == {
        epc: name.upper() for name, epc in SHELVES.items()
    }
    assert placed(day, SGTIN).gtin is not None


def test_a_tag_of_no_scheme_and_one_that_is_no_product_are_kept_as_unknown_items(day: Day) -> None:
    for epc in (STRANGE, SSCC):
        fact = placed(day, epc)
        assert fact.gtin is None
        assert msgspec.json.decode(msgspec.json.encode(fact)).get("gtin") is None


def test_tags_of_others_are_nowhere_but_in_the_counts(day: Day) -> None:
    assert OTHERS not in {getattr(fact, "epc", "") for fact in day.facts}
    assert all(day.states[name].ignored > 3 for name in SHELVES)
    assert 'aisle_reader_ignored_total{reader="a"}' in day.metrics
    assert "aisle_door_passed_by" in day.metrics


def test_the_reader_that_died_is_a_problem_its_shelf_unknown_and_nothing_of_it_taken(day: Day) -> None:
    assert day.problems["reader.d"] in {"unreachable", "hung_up"}
    assert [name for name, state in day.states.items() if state.state == "lost"] == ["d"]
    last = {fact.shelf: fact.state for fact in day.of(ShelfReader) if isinstance(fact, ShelfReader)}
    assert last == {"A": "reading", "B": "reading", "C": "reading", "D": "silent"}
    assert day.of(ItemTaken) == []


def test_each_reader_was_taken_for_what_it_is(day: Day) -> None:
    assert [day.states[name].profile for name in ("a", "b", "c", "gate")] == [
        "any LLRP reader", "Impinj Speedway", "Zebra FX9600", "Impinj Speedway",
    ]  # fmt: skip


def test_what_went_through_the_door_left_once_and_stands_on_no_shelf(day: Day) -> None:
    (fact,) = day.of(ItemExited)
    assert isinstance(fact, ItemExited)
    assert (fact.epc, fact.door) == (LEAVES, "main")
    assert fact.gtin is not None
    assert fact.p > 0.8
    assert LEAVES not in {fact.epc for fact in day.of(ItemPlaced) if isinstance(fact, ItemPlaced)}


def test_the_contact_at_the_door_is_a_fact(day: Day) -> None:
    inputs = [(fact.device, fact.port, fact.high) for fact in day.of(ReaderInput) if isinstance(fact, ReaderInput)]
    assert inputs[-1] == ("gate", 1, True)
