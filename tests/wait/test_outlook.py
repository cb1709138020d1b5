"""The load of the tills ahead: what is usual then, who came in, how it is now; each weighed by how well it did."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.outlook import backtest
from edge.core.wait.outlook import AHEAD_MIN, MINUTE_MS, SLOT_MIN, SLOTS, Outlook

WEEK_MIN = 7 * 24 * 60


def outlook() -> Outlook:
    return Outlook(lambda t_ms: t_ms // MINUTE_MS % WEEK_MIN // SLOT_MIN % SLOTS)


def test_a_load_that_never_changes_stays_as_it_is() -> None:
    store = outlook()
    for minute in range(300):
        store.entered(2)
        store.observe(minute * MINUTE_MS, 2.5)
    for minutes in AHEAD_MIN:
        ahead = store.ahead(300 * MINUTE_MS, minutes)
        assert abs(ahead.load - 2.5) < 0.1
        assert ahead.reason == "load"


def test_who_came_in_a_moment_ago_will_stand_at_the_tills_later() -> None:
    """Twenty minutes after people came in they pay; a coach arrives and the tills are still calm."""
    store = outlook()
    came = [2 + 6 * (minute % 97 in range(10)) for minute in range(1200)]
    for minute in range(1200):
        store.entered(came[minute])
        store.observe(minute * MINUTE_MS, sum(came[max(minute - 25, 0) : max(minute - 15, 0)]) / 10)
    begin = 1200
    for minute in range(begin, begin + 12):
        store.entered(12)
        store.observe(minute * MINUTE_MS, 2.0)
    ahead = store.ahead((begin + 12) * MINUTE_MS, 15)
    assert ahead.load > 3.5
    assert ahead.reason == "visitors"
    assert ahead.amount is not None
    assert ahead.amount >= 100


def test_what_was_so_at_this_time_in_earlier_weeks_is_expected_again() -> None:
    store = outlook()

    def load(minute: int) -> float:
        return 6.0 if minute % WEEK_MIN in range(3000, 3090) else 1.0

    for minute in range(3 * WEEK_MIN + 2980):
        store.observe(minute * MINUTE_MS, load(minute))
    ahead = store.ahead((3 * WEEK_MIN + 2980) * MINUTE_MS, 30)
    assert ahead.load > 2.5
    assert ahead.reason == "usual"
    assert store.ahead((3 * WEEK_MIN + 2980) * MINUTE_MS, 15).load < 1.5


def test_hardly_anybody_at_the_tills_is_said_so() -> None:
    store = outlook()
    for minute in range(60):
        store.observe(minute * MINUTE_MS, 0.1)
    assert store.ahead(60 * MINUTE_MS, 15).reason == "quiet"


def test_what_was_learnt_outlives_a_restart_and_what_cannot_be_read_costs_nothing_else() -> None:
    store = outlook()
    for minute in range(WEEK_MIN):
        store.entered(minute % 5)
        store.observe(minute * MINUTE_MS, 1.0 + minute % 700 / 200)
    again = outlook()
    again.load(store.dump())
    for minute in range(WEEK_MIN, WEEK_MIN + 120):
        for one in (store, again):
            one.entered(minute % 5)
            one.observe(minute * MINUTE_MS, 2.0)
    now_ms = (WEEK_MIN + 120) * MINUTE_MS
    assert abs(store.ahead(now_ms, 30).load - again.ahead(now_ms, 30).load) < 0.2
    again.load(b"{")
    again.load(b'{"usual":[1.0],"seen":[1.0]}')
    assert abs(store.ahead(now_ms, 30).load - again.ahead(now_ms, 30).load) < 0.2


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 500), st.floats(0, 50)), max_size=120),
    st.sampled_from(AHEAD_MIN),
)
@settings(deadline=None)
def test_whatever_comes_a_forecast_is_a_load(seen: list[tuple[int, int, float]], minutes: int) -> None:
    store, t_ms = outlook(), 0
    for gap_min, came, load in seen:
        t_ms += gap_min * MINUTE_MS
        store.entered(came)
        store.observe(t_ms, load)
    ahead = store.ahead(t_ms, minutes)
    assert math.isfinite(ahead.load)
    assert 0.0 <= ahead.load <= 3 * 50


def test_over_a_simulated_fortnight_it_errs_less_than_as_now_and_as_last_week() -> None:
    errors = backtest(2, 11, doors=True)
    for minutes in AHEAD_MIN:
        mine = errors[f"outlook, {minutes} min: lanes"]
        assert mine < errors[f"as now, {minutes} min: lanes"]
        assert mine < errors[f"as last week, {minutes} min: lanes"]
