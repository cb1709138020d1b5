"""What a node makes of baskets: from its tills and their scanners, and from the gateway's sample."""

from dataclasses import replace

from edge.adapters.store_baskets import StoreBaskets
from edge.core.floor import Floor
from edge.core.wait.board import LaneBoard
from edge.core.wait.waits import LaneSetup
from models.messages.codec import encode
from models.messages.devices import Code, PeopleCount, Till
from models.messages.samples import BasketLevel, BasketsSample, StandingBasket
from tests.edge.conftest import NOW_MS, Desk


def two_lanes() -> Floor:
    board = LaneBoard([LaneSetup("1"), LaneSetup("2")], pos=True, mean_service={"staffed": 80.0})
    return Floor(
        presence=None,
        shelves={},
        boards=[board],
        doors=[],
        identify=lambda _epc: (None, None),
        day_of=lambda _t_ms: "2026-11-22",
        now_ms=NOW_MS,
    )


def hand_over(desk: Desk, floor: Floor) -> None:
    """Let the floor take what the desk's devices said."""
    for signal in desk.signals:
        signal(floor)
    desk.signals.clear()


def wait_s(floor: Floor, lane: str, t_ms: int) -> float:
    (sample,) = [one for one in floor.tick(t_ms).lanes if one.lane == lane]
    assert sample.wait_s is not None
    return sample.wait_s


def till_says(desk: Desk, **said: object) -> None:
    desk.devices.take("aisle/v1/demo/dev/till-1/till", encode(Till(**said)))  # type: ignore[arg-type] # its fields


def counted(desk: Desk, people: int) -> None:
    desk.devices.take("aisle/v1/demo/dev/counter-1/count", encode(PeopleCount(people=people)))


def test_a_till_that_knows_a_big_basket_at_the_start_makes_the_wait_longer(desk: Desk) -> None:
    found = []
    for items in (2, 70):
        floor = two_lanes()
        till_says(desk, event="start", transaction="t-1", items=items)
        counted(desk, 2)
        hand_over(desk, floor)
        found.append(wait_s(floor, "1", NOW_MS + 1000))
    assert found[1] > found[0] + 25.0


def test_a_scanner_that_is_the_till_tells_each_piece_and_a_pause_is_the_payment(desk: Desk) -> None:
    plan = desk.devices._plan
    desk.devices._plan = replace(plan, scanners=frozenset({"till-1"}))
    found = []
    for last_s in (60, 30):
        floor = two_lanes()
        till_says(desk, event="start", transaction="t-1")
        for second in range(1, 61):
            desk.clock.advance(1.0)
            counted(desk, 2)
            if second % 3 == 0 and second <= last_s:
                code = Code(text="4006381333931", symbology="EAN-13", id=f"{last_s}-{second}")
                desk.devices.take("aisle/v1/demo/dev/till-1/code", encode(code))
            hand_over(desk, floor)
        found.append(wait_s(floor, "1", desk.clock.now_ms()))
    assert found[1] < found[0] - 5.0


def sample(desk: Desk, *standing: StandingBasket, believed_ms: int = 60_000) -> bytes:
    now_ms = desk.clock.now_ms()
    levels = (BasketLevel(source="shelves", items=2.5),)
    return encode(
        BasketsSample(t_ms=now_ms, believed_until_ms=now_ms + believed_ms, levels=levels, standing=standing)
    )


def after(desk: Desk, *samples: bytes) -> tuple[float, float]:
    """The waits of two lanes of four people each after these samples."""
    floor, baskets = two_lanes(), StoreBaskets(desk.clock, desk.signals.append)
    for lane in ("1", "2"):
        floor.people(lane, 4, NOW_MS)
    for one in samples:
        baskets.take("", one)
    hand_over(desk, floor)
    return wait_s(floor, "1", NOW_MS + 1000), wait_s(floor, "2", NOW_MS + 1000)


def test_a_basket_in_line_counts_once_however_often_it_is_told_and_where_it_is_said_to_stand(desk: Desk) -> None:
    mine = StandingBasket(lane="2", items=60, since_ms=NOW_MS - 2000)
    elsewhere = StandingBasket(lane="9", items=60, since_ms=NOW_MS - 2000)
    nothing, once = after(desk), after(desk, sample(desk, mine))
    assert once[0] == nothing[0]
    assert once[1] > nothing[1] + 20.0
    assert after(desk, *[sample(desk, mine, elsewhere)] * 3) == once


def test_what_is_old_when_it_is_first_heard_or_cannot_be_read_says_nothing(desk: Desk) -> None:
    big = StandingBasket(lane="1", items=60, since_ms=NOW_MS)
    old = StandingBasket(lane="1", items=60, since_ms=NOW_MS - 120_000)
    assert after(desk, b"not json", sample(desk, big, believed_ms=-1), sample(desk, old)) == after(desk)


def test_a_lane_alone_without_gateway_goes_on_telling_its_wait(desk: Desk) -> None:
    floor = two_lanes()
    till_says(desk, event="start", transaction="t-1")
    counted(desk, 3)
    hand_over(desk, floor)
    assert wait_s(floor, "1", NOW_MS + 1000) > 60.0
