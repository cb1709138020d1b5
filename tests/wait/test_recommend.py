"""Which lane a shopper is sent to."""

from edge.core.wait.recommend import recommend
from models.messages.samples import LaneSample, LaneState

NOW_MS = 1_700_000_000_000


def lane(name: str, wait_s: float | None, state: LaneState = "open", fresh_ms: int = 10_000) -> LaneSample:
    return LaneSample(
        lane=name, t_ms=NOW_MS, believed_until_ms=NOW_MS + fresh_ms, state=state, wait_s=wait_s, wait_high_s=wait_s
    )


def test_the_shortest_expected_wait_is_recommended() -> None:
    assert recommend([lane("1", 200.0), lane("2", 100.0)], NOW_MS) == "2"


def test_closed_stopped_unknown_and_out_of_date_lanes_are_never_recommended() -> None:
    samples = [
        lane("1", 0.0, "closed"),
        lane("2", 0.0, "stopped"),
        lane("3", 0.0, "unknown"),
        lane("4", 0.0, "opening"),
        lane("5", 0.0, fresh_ms=-1),
        lane("6", None),
        lane("7", 900.0),
    ]
    assert recommend(samples, NOW_MS, previous="1") == "7"
    assert recommend(samples[:-1], NOW_MS) is None


def test_a_nearly_equal_lane_does_not_take_the_sign_away() -> None:
    assert recommend([lane("1", 110.0), lane("2", 100.0)], NOW_MS, previous="1") == "1"


def test_a_clearly_better_lane_takes_the_sign() -> None:
    assert recommend([lane("1", 160.0), lane("2", 100.0)], NOW_MS, previous="1") == "2"
