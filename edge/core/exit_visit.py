"""What one tag does at one door: moments in which it was read, cut into visits, and how it stood there before."""

from typing import Final, NamedTuple

import msgspec

MOMENT_MS: Final = 100
GAP_MS: Final = 1_500
"""A visit is over when its tag was not read for so long."""
STANDS_GAP_MS: Final = 10_000
"""The same of a tag that stands at the door: somebody before it hides it for a while."""
DISORDER_MS: Final = 2_000
STAYS_MS: Final = 30_000
TAIL_MS: Final = 20_000
"""A passage takes less; what came before in the same visit is how the tag stood."""
NO_RSSI: Final = -10_000
_MOST_LEVELS: Final = 6_000


class Moment(NamedTuple):
    """A tenth of a second in which the tag was read: its number, strongest read in tenths of a dBm, side."""

    at: int
    rssi: int
    side: str


class Visits(msgspec.Struct):
    """One tag at one door. Moments are a set with a maximum: neither order nor doubles of reads change them."""

    moments: dict[str, dict[int, int]] = {}
    """Side → moment → strongest read (``NO_RSSI`` where the reader says none)."""
    began: int = -1
    """The first moment of the visit that goes on, where it was put away already."""
    until: int = -1
    """Moments up to here were put away; later reads of them come too late."""
    stayed_ms: int = 0
    level_sum: int = 0
    level_count: int = 0
    last_ms: int = 0
    due_ms: int = 0
    """Before this, no visit can be over."""
    exited_ms: int = -(10**12)

    def add(self, side: str, t_ms: int, tenths: int) -> bool:
        """A read. False where it comes too late."""
        at = t_ms // MOMENT_MS
        if at <= self.until:
            return False
        if not self.moments:
            self.due_ms = t_ms + GAP_MS + DISORDER_MS
        seen = self.moments.setdefault(side, {})
        seen[at] = max(seen.get(at, NO_RSSI), tenths)
        self.last_ms = max(self.last_ms, t_ms)
        return True

    @property
    def stands(self) -> bool:
        """Whether it has been at the door for so long that it stands there (Intel RSP's exit rule: 30 s)."""
        here = self.until - self.began if self.began >= 0 else 0
        return self.stayed_ms + here * MOMENT_MS >= STAYS_MS

    @property
    def level(self) -> float | None:
        """How strongly it is read where it stands, dBm."""
        return self.level_sum / self.level_count / 10 if self.level_count else None

    def take(self, t_ms: int) -> "Visit | None":
        """The earliest visit that is over: there is a gap behind it that no late read can fill any more."""
        if not self.moments or t_ms < self.due_ms:
            return None
        moments = sorted(Moment(at, rssi, side) for side, seen in self.moments.items() for at, rssi in seen.items())
        gap_ms = STANDS_GAP_MS if self.stands else GAP_MS
        size = _visit_size(moments, gap_ms // MOMENT_MS)
        self.due_ms = (moments[size - 1].at + 1) * MOMENT_MS + gap_ms + DISORDER_MS
        if t_ms < self.due_ms:
            self._put_away(moments, t_ms - TAIL_MS - gap_ms - DISORDER_MS - MOMENT_MS)
            return None
        return self._close(moments[:size])

    def _close(self, moments: list[Moment]) -> "Visit":
        """End the visit of these moments; it becomes part of how the tag stood."""
        last = moments[-1].at
        tail = [moment for moment in moments if last - moment.at < TAIL_MS // MOMENT_MS]
        self._put_away(moments, (tail[0].at - 1) * MOMENT_MS)
        began = tail[0].at if self.began < 0 else self.began
        stood_at = self.level if self.stands else None
        visit = Visit(tail, began * MOMENT_MS, (last - began) * MOMENT_MS, stood_at, stands=self.stands)
        self._put_away(moments, last * MOMENT_MS)
        self.stayed_ms += (last - began) * MOMENT_MS
        self.began = -1
        return visit

    def _put_away(self, moments: list[Moment], before_ms: int) -> None:
        """Keep of the moments up to ``before_ms`` only how strong they were."""
        old = [moment for moment in moments if moment.at * MOMENT_MS <= before_ms]
        if not old:
            return
        if self.began < 0:
            self.began = old[0].at
            # A tag that answers seldom was there in between.
            pause_ms = (self.began - self.until) * MOMENT_MS
            self.stayed_ms += pause_ms if self.until >= 0 and pause_ms <= STANDS_GAP_MS else 0
        self.until = max(self.until, old[-1].at)
        heard = [moment.rssi for moment in old if moment.rssi != NO_RSSI]
        self.level_sum += sum(heard)
        self.level_count += len(heard)
        if self.level_count > _MOST_LEVELS:
            # What stands here for days is not held to how it stood on the first.
            self.level_sum, self.level_count = self.level_sum // 2, self.level_count // 2
        kept = {
            side: {at: rssi for at, rssi in seen.items() if at > self.until} for side, seen in self.moments.items()
        }
        self.moments = {side: seen for side, seen in kept.items() if seen}


class Visit(NamedTuple):
    """A visit that is over: its last twenty seconds, and how the tag stood before, in dBm, where it stood."""

    tail: list[Moment]
    began_ms: int
    lasted_ms: int
    stood_at: float | None
    stands: bool


def _visit_size(moments: list[Moment], gap: int) -> int:
    for number in range(1, len(moments)):
        if moments[number].at - moments[number - 1].at > gap:
            return number
    return len(moments)
