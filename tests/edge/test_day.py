"""A door's day ends when the store closes: in the evening, at midnight, in the small hours, in the store's time."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.compose import day_in

BERLIN = ZoneInfo("Europe/Berlin")


def at(day: int, hour: int, minute: int = 0) -> int:
    return round(datetime(2026, 11, day, hour, minute, tzinfo=BERLIN).timestamp() * 1000)


@pytest.mark.parametrize(
    ("closing", "before", "after"),
    [
        ("00:00", at(22, 23, 59), at(23, 0)),
        ("21:30", at(22, 21, 29), at(22, 21, 30)),
        ("02:00", at(23, 1, 59), at(23, 2)),
    ],
)
def test_the_day_ends_when_the_store_closes(closing: str, before: int, after: int) -> None:
    day_of = day_in("Europe/Berlin", closing)
    assert (day_of(before), day_of(after)) == ("2026-11-22", "2026-11-23")
    assert day_of(at(22, 12)) == "2026-11-22"


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 366 * 24))
def test_noon_is_always_the_day_that_the_calendar_says(hour: int, minute: int, later_h: int) -> None:
    closing = f"{hour:02d}:{minute:02d}"
    if 11 <= hour <= 12:
        return  # a store that closes at noon has to take one of its two dates
    t_ms = at(1, 12) + later_h // 24 * 86_400_000
    noon = datetime.fromtimestamp(t_ms / 1000, BERLIN)
    assert day_in("Europe/Berlin", closing)(t_ms) == noon.date().isoformat()
