"""The pure rules: sureness, counted ledgers, points, phones, PIN pauses, baskets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.basket import Scan, lines, total
from gateway.core.phone import BadPhone, masked, normalise
from gateway.core.pin import Throttle, is_good
from gateway.core.points import LIMIT, earned, tier_of
from gateway.core.stock import Floor, Standing, Watch, balance, judge, on_hand, places

FLOOR = Floor("backroom", "counter", {"A1": Watch("reading", 5000), "A2": Watch("offline", 5000)})
ENTRIES = st.lists(st.tuples(st.integers(0, 10**12), st.integers(-100, 100)), max_size=8)


@given(counts=ENTRIES, deltas=ENTRIES, data=st.data())
def test_a_counted_ledger_comes_to_the_same_in_every_order(
    counts: list[tuple[int, int]], deltas: list[tuple[int, int]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(counts)), data.draw(st.permutations(deltas))
    assert balance(*shuffled) == balance(counts, deltas)


@given(
    st.lists(
        st.builds(Scan, st.integers(1, 500), st.sampled_from(["a", "b"]), st.sampled_from([100, 250])), max_size=30
    )
)
def test_a_baskets_lines_cost_what_its_scans_cost(scans: list[Scan]) -> None:
    gathered = lines(scans)
    assert total(gathered) == sum(scan.price_minor for scan in scans)
    assert sum(line.quantity for line in gathered) == len(scans)


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6), st.sampled_from(["basic", "silver", "gold"]))
def test_a_return_takes_back_what_the_sale_earned(total_minor: int, per_point: int, tier: str) -> None:
    points = earned(total_minor, per_point, tier)  # type: ignore[arg-type]
    assert points == -earned(-total_minor, per_point, tier)  # type: ignore[arg-type]
    assert abs(points) <= LIMIT


def test_a_tier_is_the_record_or_what_the_balance_reached() -> None:
    assert tier_of("basic", 999) == "basic"
    assert tier_of("basic", 5000) == "gold"
    assert tier_of("silver", -10) == "silver"


def test_readers_are_right_where_both_speak_and_the_back_room_comes_last() -> None:
    found = places(
        [Standing("A1", 2, 1000, 0.95)],
        [Standing("A1", 9, 900), Standing("backroom", 50, 900), Standing("counter", 1, 900)],
        FLOOR,
        2000,
    )
    assert [(place.place, place.quantity, place.kind) for place in found] == [
        ("A1", 2, "shelf"),
        ("counter", 1, "counter"),
        ("backroom", 50, "backroom"),
    ]
    assert on_hand(found) == 53


def test_a_shelf_that_nobody_watches_is_unknown_and_keeps_its_items() -> None:
    found = judge(Standing("A2", 3, 1000, 0.99), FLOOR, 2000)
    assert (found.quantity, found.state, found.last_seen_ms) == (3, "unknown", 1000)


def test_a_ledger_below_zero_shows_none_and_is_unsure() -> None:
    found = judge(Standing("A3", -4, 1000), FLOOR, 2000)
    assert (found.quantity, found.state) == (0, "unsure")


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("0170 1234567", "+491701234567"),
        ("170-1234567", "+491701234567"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("0086 138 0013 8000", "+8613800138000"),
        ("＋４９ １７０ １２３４５６７", "+491701234567"),
    ],
)
def test_a_phone_number_has_one_spelling(typed: str, spelled: str) -> None:
    assert normalise(typed, "49") == spelled


@pytest.mark.parametrize("typed", ["", "+", "call me", "+0123456", "1" * 20, "+49 170 x", "٠١٧٠١٢٣٤٥٦٧"])
def test_what_is_no_phone_number_is_refused(typed: str) -> None:
    with pytest.raises(BadPhone):
        normalise(typed, "86")


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        spelled = normalise(text, "49")
    except BadPhone:
        return
    assert normalise(spelled, "1") == spelled
    assert spelled[:-3] not in masked(spelled)


def test_guesses_are_counted_when_they_begin_and_forgotten_when_right() -> None:
    throttle = Throttle(tries=3, pause_s=60)
    assert [throttle.begin("a", 0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 60.0]
    assert throttle.begin("b", 0.0) == 0.0
    assert throttle.begin("a", 59.0) == pytest.approx(1.0)
    assert throttle.begin("a", 60.0) == 0.0
    throttle.succeeded("a")
    assert [throttle.begin("a", 61.0) for _ in range(3)] == [0.0, 0.0, 0.0]


def test_guesses_of_long_ago_are_forgotten() -> None:
    throttle = Throttle(tries=3, pause_s=60, forget_s=300)
    assert [throttle.begin("a", now_s) for now_s in (0.0, 1.0, 400.0, 401.0)] == [0.0] * 4
    assert throttle.begin("a", 402.0) == 0.0
    assert throttle.begin("a", 403.0) == 59.0


def test_inventing_keys_fills_no_memory() -> None:
    throttle = Throttle(limit=100)
    for number in range(1000):
        throttle.begin(str(number), 0.0)
    assert len(throttle._guesses) == 100


def test_good_pins_are_not_the_first_that_are_guessed() -> None:
    assert is_good("482913")
    assert not any(map(is_good, ["0000", "1234", "4321", "12", "1a34", "４８２９"]))
