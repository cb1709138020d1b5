"""Everything that is believed after one bin, and the step to the next: a pure function of the bins' reads."""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from edge.core.shelf.antennas import Antennas
from edge.core.shelf.filter import Seen, Usual, predict, read_rates, weigh
from edge.core.shelf.habits import Habits, Rates
from edge.core.shelf.profile import choose_anchor, choose_home, find_slots, learn, settle
from edge.core.shelf.sums import by_antenna, total
from edge.core.shelf.tags import SLOTS, Tags

Array = npt.NDArray[Any]

_CHUNK: Final = 4096
"""Rows that are worked on at once: their arrays fit a Pi's second-level cache."""
_HABITS_EVERY: Final = 60
_TRUST_READS: Final = 4.0
_START_BINS: Final = 30
_SPREAD_GAIN: Final = 0.02
_PAUSE_CHANCE: Final = 0.02
_PAUSE_BINS: Final = 45
_CLEAR_S: Final = 15.0


@dataclass(frozen=True)
class Reads:
    """The reads of one bin: each pair of tag (row) and antenna (number) once, with its loudest RSSI in dBm."""

    rows: Array
    antennas: Array
    rssi: Array
    connected: tuple[tuple[tuple[int, ...], bool], ...] = ()
    """What the reader said of its antennas in this bin: their numbers, and whether they are connected."""


@dataclass
class State:
    """The belief after bin ``bin``."""

    tags: Tags
    antennas: Antennas
    habits: Habits
    rates: Rates
    usual: Usual
    bin: int
    begun: int

    @classmethod
    def blank(cls, antennas: int, now: int) -> Self:
        """Nothing is known yet."""
        habits = Habits()
        return cls(Tags.blank(64), Antennas(antennas), habits, habits.rates(), Usual(), now, now)

    def copy(self, capacity: int) -> "State":
        """An independent copy with ``capacity`` rows."""
        tags = self.tags.resized(max(capacity, len(self.tags)))
        return State(tags, self.antennas.copy(), self.habits.copy(), self.rates, self.usual, self.bin, self.begun)


def advance(state: State, reads: Reads, shelf: Array, seconds: float) -> None:
    """Go on by one bin of ``seconds``, in place. ``shelf``: number of the shelf of each antenna, (antennas,)."""
    state.bin += 1
    tags, antennas = state.tags, state.antennas
    read, rssi = _lay_out(state, reads)
    _learn_levels(state, reads)
    sums = _Sums(len(antennas))
    for chunk in _chunks(tags):
        predict(tags.rows(*chunk), state.rates, antennas.shading(), seconds)
        sums.add(tags.rows(*chunk), read[slice(*chunk)], rssi[slice(*chunk)])
    heard = np.bincount(reads.antennas, minlength=len(antennas))
    trust = _TRUST_READS * antennas.expect()
    fell = antennas.listen(heard, sums.expected, sums.audible, seconds)
    for numbers, connected in reads.connected:
        antennas.connect(list(numbers), connected=connected)
    dark = np.append(antennas.dark, False)
    shift = sums.shift()
    for chunk in _chunks(tags):
        part = tags.rows(*chunk)
        factor = _factors(part, read[slice(*chunk)], sums, trust, dark)
        seen = Seen(part, antennas, (read[slice(*chunk)], rssi[slice(*chunk)]), factor, shift)
        weigh(part, seen, state.usual)
        _learn_spread(state, part, seen, sums)
        learn(part, seen)
        choose_anchor(part, antennas.level, state.bin, seconds)
        settle(part, antennas, shelf, state.bin)
        choose_home(part, antennas)
        sums.pause(part, factor, state.bin)
    antennas.share(sums.seen, sums.expected)
    antennas.notice_bodies(sums.missing, sums.standing, _PAUSE_CHANCE, seconds)
    antennas.learn_behind(sums.behind_seen, sums.behind_expected)
    antennas.spread += _SPREAD_GAIN * (sums.spread() - antennas.spread)
    if fell.any():
        _forgive(tags, fell, antennas, state.bin, seconds)
    _learn_habits(state, seconds)


def _chunks(tags: Tags) -> list[tuple[int, int]]:
    return [(low, min(low + _CHUNK, len(tags))) for low in range(0, len(tags), _CHUNK)]


def _lay_out(state: State, reads: Reads) -> tuple[Array, Array]:
    """Bring the reads into the tags' slots; note new tags. Returns read and RSSI, each (n, slots)."""
    tags = state.tags
    read = np.zeros((len(tags), SLOTS), np.float32)
    rssi = np.full((len(tags), SLOTS), np.nan, np.float32)
    if len(reads.rows):
        rows = np.unique(reads.rows)
        fresh = rows[tags.first[rows] < 0]
        # A row that waited for its tag has aged; a row that was made for it has not. Both begin alike.
        tags.erase(fresh)
        tags.first[fresh] = state.bin
        # At the start everything that is seen has stood there all along; later, most of what is new passes by.
        stands = 0.6 if state.bin - state.begun < _START_BINS else 0.2
        tags.gone[fresh], tags.carried[fresh], tags.new[fresh] = 0.1, 0.9 - stands, stands
        tags.reads[rows] += 1
        tags.spells[rows] += (state.bin - tags.last[rows] > 4) & (tags.spells[rows] < 30_000)
        tags.last[rows] = state.bin
        slots, found = find_slots(tags, reads.rows, reads.antennas)
        read[reads.rows[found], slots[found]] = 1.0
        rssi[reads.rows[found], slots[found]] = reads.rssi[found]
    return read, rssi


def _learn_levels(state: State, reads: Reads) -> None:
    """Follow each antenna's usual RSSI: that of what stands there, of anything until something does."""
    tags, antennas = state.tags, state.antennas
    loud = np.isfinite(reads.rssi)
    rows, numbers, rssi = reads.rows[loud], reads.antennas[loud], reads.rssi[loud].astype(np.float64)
    own = (tags.home[rows] == numbers) & (tags.stands[rows] > 0.9)
    for chosen, gain in ((np.ones_like(own), 0.0), (own, 0.02)):
        count = np.bincount(numbers[chosen], minlength=len(antennas))
        sums = by_antenna(numbers[chosen], rssi[chosen], len(antennas))
        mean = sums / np.maximum(count, 1)
        antennas.level = np.where(np.isnan(antennas.level) & (count > 0), mean, antennas.level)
        step = np.where(count > 0, gain * np.minimum(count, 20) / 20 * (mean - antennas.level), 0.0)
        antennas.level = antennas.level + step


class _Sums:
    """What the antennas' standing tags did together in one bin."""

    def __init__(self, antennas: int) -> None:
        self.count = antennas
        self.expected, self.seen, self.standing, self.audible, self.missing = (np.zeros(antennas) for _ in range(5))
        self.off, self.off_weight, self.behind_expected, self.behind_seen = (np.zeros(antennas) for _ in range(4))
        self.squares = self.square_weight = 0.0

    def add(self, tags: Tags, read: Array, rssi: Array) -> None:
        """Add the rows of a chunk."""
        stands = tags.stands[:, None]
        self.expected += by_antenna(tags.antenna, stands * read_rates(tags), self.count)
        self.seen += by_antenna(tags.antenna, stands * read, self.count)
        self.standing += by_antenna(tags.home, tags.stands, self.count)
        self.audible += by_antenna(tags.antenna, np.where(read_rates(tags) > 0.2, stands, 0), self.count)
        behind = np.where(tags.antenna == tags.home[:, None], tags.shaded[:, None], 0)
        self.behind_expected += by_antenna(tags.antenna, behind * read_rates(tags), self.count)
        self.behind_seen += by_antenna(tags.antenna, behind * read, self.count)
        off = rssi - tags.rssi
        known = (read > 0) & (tags.hits > 3) & np.isfinite(off)
        weight = np.where(known, stands, 0)
        self.off += by_antenna(tags.antenna, np.where(known, np.clip(off, -15, 15), 0) * weight, self.count)
        self.off_weight += by_antenna(tags.antenna, weight, self.count)

    def pause(self, tags: Tags, factor: Array, now: int) -> None:
        """Count tags that pause for longer than their read rate makes likely."""
        is_home = tags.antenna == tags.home[:, None]
        rate = np.where(is_home & (factor > 0), read_rates(tags), 0).sum(axis=1)
        chance = (1 - np.minimum(rate, 0.98)) ** np.maximum(now - tags.last, 0)
        # Who paused long ago is gone or hidden, and says nothing of a body that stands there now.
        pauses = (chance < _PAUSE_CHANCE) & (tags.home >= 0) & (now - tags.last < _PAUSE_BINS)
        self.missing += np.bincount(tags.home[pauses], minlength=self.count)

    def shift(self) -> Array:
        """By how many dB each antenna is louder than usual in this bin."""
        return self.off / (self.off_weight + 4.0)

    def spread(self) -> float:
        """The variance of an RSSI around its tag's mean, with a floor where everything is alike."""
        return (self.squares + 9.0 * 5) / (self.square_weight + 5)


def _factors(tags: Tags, read: Array, sums: _Sums, trust: Array, dark: Array) -> Array:
    """The antennas' factor for each tag and slot, by what all *other* tags show; 0 where the antenna is dark."""
    stands = tags.stands[:, None]
    expected = np.append(sums.expected, 0.0)[tags.antenna] - stands * read_rates(tags)
    seen = np.append(sums.seen, 0.0)[tags.antenna] - stands * read
    factor = (np.append(trust, _TRUST_READS)[tags.antenna] + seen) / (_TRUST_READS + np.maximum(expected, 0.0))
    factor = np.where(dark[tags.antenna], 0.0, np.clip(factor, 0.0, 1.3))
    return np.asarray(factor.astype(np.float32))


def _learn_spread(state: State, tags: Tags, seen: Seen, sums: _Sums) -> None:
    """Gather how far RSSIs lie from the means of tags that surely stand."""
    sure = seen.read & (tags.hits > 8) & (tags.stands[:, None] > 0.98) & np.isfinite(seen.rssi)
    off = np.where(sure, seen.rssi - tags.rssi, 0.0)
    limit = 3.5 * np.sqrt(state.antennas.spread)
    sums.squares += total(np.clip(off, -limit, limit) ** 2)
    sums.square_weight += float(np.count_nonzero(sure))


def _forgive(tags: Tags, fell: Array, antennas: Antennas, now: int, seconds: float) -> None:
    """Take back what was held against tags of an antenna before its silence was recognised."""
    quiet_bins = np.append(antennas.quiet_s, 0.0)[tags.home] / seconds
    lost = np.append(fell, False)[tags.home] & (now - tags.last < quiet_bins + 4) & (tags.home >= 0)
    tags.stands += np.where(lost, 0.97 * tags.away, 0.0)
    tags.gone *= np.where(lost, np.float32(0.03), 1)
    tags.carried *= np.where(lost, np.float32(0.03), 1)


def _learn_habits(state: State, seconds: float) -> None:
    """Learn from tags in plain view: a body makes looks seem longer than they are, and so does the start."""
    state.antennas.watch(seconds)
    if state.bin - state.begun > 2 * _HABITS_EVERY:
        clear = np.append(state.antennas.clear_s > _CLEAR_S, False)
        state.habits.learn(state.tags, seconds, learn_from=clear[state.tags.home])
    if state.bin % _HABITS_EVERY == 0:
        state.rates = state.habits.rates()
        state.usual = _learn_usual(state)


def _learn_usual(state: State) -> Usual:
    """How standing tags are read in this shop, from all that have stood for a minute."""
    tags, usual = state.tags, Usual()
    row, slot = np.nonzero((tags.antenna == tags.home[:, None]) & (tags.home >= 0)[:, None] & (tags.tries > 30))
    rate = read_rates(tags)[row, slot].astype(np.float64)
    off = np.nan_to_num(tags.rssi[row, slot] - state.antennas.level[tags.home[row]], nan=0.0).clip(-20, 20)
    weight, count = 20.0, len(row) + 20.0
    usual.rate = (total(rate) + weight * 0.7) / count
    usual.rate_spread = float(np.sqrt((total((rate - usual.rate) ** 2) + weight * 0.04) / count))
    usual.level_spread = float(np.sqrt((total(off**2) + weight * 25.0) / count))
    return usual
