"""The pace in layers, and the bound's level."""

import math

from hypothesis import given
from hypothesis import strategies as st

from edge.core.wait.conformal import HIGHEST, LOWER_UNHEARD, LOWEST, TARGET, AdaptiveLevel, Empties
from edge.core.wait.layers import CASHIER_SPREAD, PaceLayers
from edge.core.wait.pace import LanePace, StorePace


def test_what_one_lane_tells_moves_the_others_as_far_as_it_is_the_hours() -> None:
    store = StorePace(80.0)
    slow, other = LanePace(store), LanePace(store)
    for service in range(20):
        slow.served(90.0 * service, 130.0)
    assert slow.mean > other.mean > 85.0
    assert other.factor == 1.0


def test_another_cashier_is_as_uncertain_as_any_and_keeps_the_hour() -> None:
    store = StorePace(80.0)
    pace = LanePace(store)
    for service in range(20):
        pace.served(90.0 * service, 130.0)
    hour = store.mean
    pace.reset()
    assert math.isclose(pace.mean, hour)
    assert math.isclose(pace.uncertainty, store.uncertainty + CASHIER_SPREAD**2)


def test_a_stop_is_not_how_fast_the_cashier_is() -> None:
    quick, stopped = LanePace(StorePace(80.0)), LanePace(StorePace(80.0))
    for service in range(10):
        quick.served(90.0 * service, 80.0)
        stopped.served(90.0 * service, 80.0 if service != 5 else 1200.0)
    assert stopped.mean < 1.1 * quick.mean


def test_a_cashier_who_changes_without_a_word_is_found_by_the_till() -> None:
    pace = LanePace(StorePace(80.0))
    for service in range(30):
        pace.served(80.0 * service, 70.0)
    before = pace.mean
    for service in range(8):
        pace.served(2400.0 + 120.0 * service, 120.0)
    assert pace.mean > 1.2 * before


def test_without_word_of_a_lane_its_uncertainty_grows_back() -> None:
    pace = LanePace(StorePace(80.0))
    for service in range(20):
        pace.served(90.0 * service, 80.0)
    sure = pace.uncertainty
    pace.inferred(6 * 3600.0, 0.0, 0.0)
    assert pace.uncertainty > 2.0 * sure


@given(
    st.lists(
        st.tuples(st.floats(0.0, 300.0), st.integers(1, 3), st.floats(-3.0, 3.0), st.floats(-1.0, 3.0)), max_size=40
    )
)
def test_whatever_the_evidence_the_covariance_stays_one(
    evidence: list[tuple[float, int, float, float]],
) -> None:
    layers = PaceLayers()
    for _ in range(3):
        layers.lane()
    t = 0.0
    for step, place, slope, curvature in evidence:
        t += step
        layers.weigh(t, place, slope, curvature, at=0.0)
        assert (layers.spread > 0.0).all()
        assert all(math.isfinite(one) for one in layers.log_pace)


def test_empty_lanes_count_so_that_all_bounds_together_hold_nine_times_in_ten() -> None:
    empties = Empties()
    for _ in range(500):
        empties.told(empty=True, holds=1.0)
        empties.told(empty=False)
    assert math.isclose(0.5 + 0.5 * empties.target, TARGET, abs_tol=0.01)


def test_the_level_rises_when_bounds_break_and_sinks_little_where_departures_are_inferred() -> None:
    broken, heard, inferred = AdaptiveLevel(), AdaptiveLevel(), AdaptiveLevel()
    began = broken.level
    for _ in range(200):
        broken.settle(held=False)
        heard.settle(held=True)
        inferred.settle(held=True, lower=LOWER_UNHEARD)
    assert began < broken.level <= HIGHEST
    assert LOWEST <= heard.level < inferred.level
    assert began - inferred.level < LOWER_UNHEARD + 0.001
