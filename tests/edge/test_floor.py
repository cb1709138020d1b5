"""What a node says of its floor, and what it does not say twice."""

from datetime import UTC, datetime

from edge.core.exit import DoorAntenna, Exits
from edge.core.floor import Decided, Floor
from edge.core.shelf.presence import Presence
from edge.core.shelf.settings import PresenceSettings
from edge.core.wait.board import LaneBoard
from edge.core.wait.waits import LaneSetup
from models.messages.facts import DoorMinute, Fact, ItemPlaced, ItemTaken, LaneMinute, ShelfReader
from models.messages.goods import ItemExited, ShelfCounted
from tests.edge.doorway import reads, walk

START = 1_763_769_600_000
"""A minute's beginning."""
EPC = "3034257BF7194E4000001A85"
OTHER = "3034257BF7194E4000001A86"
ANTENNAS = {"shelf-a:1": "A1"}


def identify(epc: str) -> tuple[str | None, str | None]:
    return "00614141000012", epc[-4:]


def day_of(t_ms: int) -> str:
    return datetime.fromtimestamp(t_ms / 1000, UTC).date().isoformat()


def floor(presence: Presence | None = None, now_ms: int = START) -> Floor:
    return Floor(
        presence=presence or Presence(PresenceSettings(), ANTENNAS),
        shelves=ANTENNAS,
        boards=[LaneBoard([LaneSetup(id="1")], mean_service={"staffed": 60.0})],
        doors=["main"],
        identify=identify,
        day_of=day_of,
        now_ms=now_ms,
    )


def stand(on: Floor, epcs: list[str], from_s: int, to_s: int) -> list[Fact]:
    """Items are read in each second; gives the facts that follow."""
    facts: list[Fact] = []
    for second in range(from_s, to_s):
        for epc in epcs:
            on.read(epc, "shelf-a:1", -55.0, START + second * 1000)
        facts += on.tick(START + second * 1000 + 500).facts
    return facts


def items(facts: list[Fact], kind: type[Fact]) -> list[Fact]:
    return [fact for fact in facts if isinstance(fact, kind)]


def test_an_item_is_placed_once_and_knows_its_product() -> None:
    (placed,) = items(stand(floor(), [EPC], 0, 60), ItemPlaced)
    assert isinstance(placed, ItemPlaced)
    assert (placed.epc, placed.shelf, placed.gtin, placed.serial) == (EPC, "A1", "00614141000012", "1A85")


def test_a_node_that_restarts_with_an_old_belief_says_nothing_twice() -> None:
    before = floor()
    old = before.kept()["presence"]
    assert items(stand(before, [EPC], 0, 60), ItemPlaced)
    after = floor(Presence.load(old, PresenceSettings(), ANTENNAS), START + 60_000)
    after.restore_said(EPC, "A1", taken=False)
    assert not items(stand(after, [EPC], 60, 240), ItemPlaced)


def test_what_left_while_the_node_was_dead_is_taken_and_what_stands_there_is_not() -> None:
    after = floor(now_ms=START)
    for epc in (EPC, OTHER):
        after.restore_said(epc, "A1", taken=False)
    facts = stand(after, [OTHER], 0, 200)
    assert [fact.epc for fact in items(facts, ItemTaken) if isinstance(fact, ItemTaken)] == [EPC]


def test_nothing_is_taken_after_a_restart_while_the_shelf_is_silent() -> None:
    after = floor(now_ms=START)
    after.restore_said(EPC, "A1", taken=False)
    assert not items(stand(after, [], 0, 300), ItemTaken)


def test_a_shelf_that_begins_to_read_says_so_once() -> None:
    states = [
        fact.state for fact in items(stand(floor(), [EPC], 0, 60), ShelfReader) if isinstance(fact, ShelfReader)
    ]
    assert states[-1] == "reading"
    assert len(states) <= 2


def test_each_minute_has_one_fact_for_each_lane_and_door() -> None:
    on = floor()
    facts: list[Fact] = []
    for second in range(181):
        on.people("1", 3, START + second * 1000)
        on.crossed("main", 1 if second % 10 == 0 else 0, 0, START + second * 1000)
        facts += on.tick(START + second * 1000).facts
    assert [fact.people_mean for fact in facts if isinstance(fact, LaneMinute)] == [3.0] * 3
    doors = [fact.entered for fact in facts if isinstance(fact, DoorMinute)]
    assert sum(doors) == 19 - (0 if doors[-1] else 1)
    assert len(doors) == 3


def test_a_minute_that_nobody_saw_is_no_empty_lane_and_no_quiet_door() -> None:
    on = floor()
    facts: list[Fact] = []
    for second in range(241):
        if second < 60 or second >= 185:
            on.people("1", 3, START + second * 1000)
            on.crossed("main", 0, 0, START + second * 1000)
        elif second == 60:
            on.blind(["1"], ["main"])
        facts += on.tick(START + second * 1000).facts
    seen = [bool(fact.seen_s) for fact in facts if isinstance(fact, LaneMinute)]
    assert seen == [True, False, False, True]
    assert len([fact for fact in facts if isinstance(fact, DoorMinute)]) == 2


def test_a_door_counts_on_after_a_restart_and_begins_anew_on_the_next_day() -> None:
    on = floor()
    on.crossed("main", 5, 2, START)
    on.tick(START + 1000)
    after = floor(now_ms=START + 2000)
    after.restore_doors(on.kept()["doors"])
    assert door(after.tick(START + 3000)) == (5, 2, 3)
    tomorrow = START + 86_400_000
    after.tick(tomorrow)
    assert door(after.tick(tomorrow + 1000)) == (0, 0, 0)


def door(decided: Decided) -> tuple[int, int, int | None]:
    (sample,) = decided.doors
    return sample.entered, sample.left, sample.inside


def test_a_door_that_no_camera_sees_is_not_believed() -> None:
    (sample,) = floor().tick(START + 1000).doors
    assert sample.believed_until_ms < START


GATE = {"gate:1": DoorAntenna("main")}


def carry_out(on: Floor, from_s: int) -> list[Decided]:
    """An item is carried through the door in ten seconds; what each of twenty seconds decides."""
    waiting = list(reads(walk(), 10, {"gate:1": 0.0}, seed=1, epc=OTHER))
    decided = []
    for second in range(20):
        while waiting and waiting[0][3] <= START + second * 1000:
            epc, antenna, dbm, t_ms = waiting.pop(0)
            on.read(epc, antenna, dbm, t_ms + from_s * 1000)
        decided.append(on.tick(START + (from_s + second) * 1000))
    return decided


def test_an_item_that_passes_the_door_leaves_once_with_its_product_and_stands_nowhere() -> None:
    on = floor()
    on.exits = Exits(GATE)
    facts = [fact for decided in carry_out(on, 0) for fact in decided.facts]
    (exited,) = items(facts, ItemExited)
    assert isinstance(exited, ItemExited)
    assert (exited.epc, exited.door, exited.gtin, exited.serial) == (OTHER, "main", "00614141000012", OTHER[-4:])
    assert not items(facts, ItemPlaced)


def test_who_left_is_kept_with_the_fact_that_says_so_and_a_node_that_dies_then_does_not_say_it_again() -> None:
    on = floor()
    on.exits = Exits(GATE)
    (told,) = [decided for decided in carry_out(on, 0) if items(decided.facts, ItemExited)]
    after = floor()
    after.exits = Exits(GATE)
    after.exits.restore(told.kept["exits"])
    again = [fact for decided in carry_out(after, 25) for fact in decided.facts]
    assert not items(again, ItemExited)


def test_a_shelf_says_its_count_when_it_has_settled() -> None:
    counted = items(stand(floor(), [EPC, OTHER], 0, 90), ShelfCounted)
    last = counted[-1]
    assert isinstance(last, ShelfCounted)
    assert (last.shelf, last.gtin, last.quantity, last.unknown) == ("A1", "00614141000012", 2, 0)
    assert last.p > 0.9
    assert len(counted) <= 3
