"""The hours a lane keeps every day: before it closes nobody is sent there who would not be served in time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

DAY_MIN: Final = 24 * 60
LOOK_S: Final = 3600.0
"""Only so long before it closes it is asked how long its queue takes."""

Phase = Literal["within", "ending", "outside"]


@dataclass(frozen=True)
class Hours:
    """From `opens` to `closes`, in minutes of the store's day; over midnight where `closes` is the earlier."""

    opens: int
    closes: int

    def left_s(self, minute: float) -> float:
        """Seconds until it closes; 0 outside of its hours."""
        open_min = (self.closes - self.opens) % DAY_MIN or DAY_MIN
        since_min = (minute - self.opens) % DAY_MIN
        return max(open_min - since_min, 0.0) * 60.0


class Timetable:
    """What one lane's hours say. A person or a till that says otherwise after it is right until the next change."""

    def __init__(self, hours: Hours) -> None:
        self._hours = hours
        self._phase: Phase | None = None
        self._left_s = 0.0

    def says(
        self, minute: float, needs_s: Callable[[], float], *, has_till: bool
    ) -> Literal["opens", "closes"] | None:
        """What happens at `minute` of the day; one who joins now is served within `needs_s()`, nearly for sure.

        Only a till knows whether somebody sits there in the morning: a lane that has one is not opened by its hours.
        """
        left_s = self._hours.left_s(minute)
        before, left_before_s = self._phase, self._left_s
        self._left_s = left_s
        is_ending = left_s < LOOK_S and left_s < needs_s()
        self._phase = "outside" if left_s <= 0.0 else "ending" if is_ending else "within"
        if before == "ending" and self._phase == "within" and left_s <= left_before_s:
            self._phase = before  # its queue grew shorter; it closes all the same
        if before == self._phase:
            return None
        if self._phase == "within":
            return None if has_till else "opens"
        return "closes" if before in {None, "within"} else None
