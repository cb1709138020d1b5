"""Everything that is believed after one bin, and the step to the next: a pure function of the bins' reads."""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from edge.core.shelf.antennas import Antennas
from edge.core.shelf.bodies import PULSE, Bodies
from edge.core.shelf.filter import Air, Seen, Usual, dim_rates, predict, read_rates, weigh
from edge.core.shelf.habits import NEWCOMER, Habits, Rates
from edge.core.shelf.profile import choose_anchor, choose_home, find_slots, learn, settle
from edge.core.shelf.sums import by_antenna, total
from edge.core.shelf.tags import SLOTS, Tags

Array = npt.NDArray[Any]

_CHUNK: Final = 4096
"""Rows that are worked on at once: their arrays fit a Pi's second-level cache."""
_HABITS_EVERY: Final = 60
_TRUST_READS: Final = 4.0
_START_BINS, _START_STAYS = 30, 0.67
_SPREAD_GAIN: Final = 0.02
_CROSS_RATE, _CROSS_TAGS = 0.02, 3
_CLEAR_S: Final = 15.0


@dataclass(frozen=True)
class Reads:
    """The reads of one bin, sorted: each pair of tag (row) and antenna (number) once, its loudest RSSI in dBm."""

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
    beside: Array
    """Which antennas are known to stand beside each other, (antennas, antennas)."""

    @classmethod
    def blank(cls, antennas: int, now: int, beside: Array | None = None) -> Self:
        """Nothing is known yet."""
        habits = Habits()
        beside = np.zeros((antennas, antennas), np.bool_) if beside is None else beside
        return cls(Tags.blank(64), Antennas(antennas), habits, habits.rates(), Usual(beside), now, now, beside)

    def copy(self, capacity: int) -> "State":
        """An independent copy with ``capacity`` rows."""
        tags = self.tags.resized(max(capacity, len(self.tags)))
        antennas, habits = self.antennas.copy(), self.habits.copy()
        return State(tags, antennas, habits, self.rates, self.usual, self.bin, self.begun, self.beside)


def advance(state: State, reads: Reads, shelf: Array, seconds: float, cycles: int = 1) -> None:
    """Go on by one bin of ``seconds`` and so many reader's ``cycles``, in place.

    ``shelf``: number of the shelf of each antenna, (antennas,).
    """
    state.bin += 1
    tags, antennas = state.tags, state.antennas
    read, rssi = _lay_out(state, reads)
    _learn_levels(state, reads)
    sums, bodies = _Sums(len(antennas)), Bodies(len(antennas))
    for chunk in _chunks(tags):
        predict(tags.rows(*chunk), state.rates, antennas.shading(), state.bin, seconds)
        sums.add(
            tags.rows(*chunk), _visible(tags.rows(*chunk), antennas, cycles), read[slice(*chunk)], rssi[slice(*chunk)]
        )
    heard = np.bincount(reads.antennas, minlength=len(antennas))
    trust = _TRUST_READS * antennas.expect()
    fell = antennas.listen(heard, sums.expected, sums.audible, seconds)
    for numbers, connected in reads.connected:
        antennas.connect(list(numbers), connected=connected)
    dark = np.append(antennas.dark, False)
    antennas.window = PULSE * antennas.window + ~antennas.dark
    antennas.watched = np.where(antennas.dark, 0, antennas.watched << 1 | 1).astype(np.uint16)
    air = Air(sums.shift(), antennas.beyond(state.usual.beside), cycles)
    for chunk in _chunks(tags):
        part = tags.rows(*chunk)
        visible = _visible(part, antennas, cycles)
        factor = np.where(dark[part.antenna], 0, _factors(part, visible, read[slice(*chunk)], sums, trust))
        seen = Seen(part, antennas, (read[slice(*chunk)], rssi[slice(*chunk)]), factor, air)
        stood = part.stands.copy()
        weigh(part, seen, state.usual)
        _learn_spread(state, part, seen, sums)
        learn(part, seen, stood)
        choose_anchor(part, antennas.level, state.bin, seconds)
        settle(part, antennas, shelf, air.beyond, state.bin)
        choose_home(part, antennas)
        bodies.look(part, antennas, seen, state.bin)
    antennas.share(sums.seen, sums.expected)
    antennas.notice_bodies(bodies.came, bodies.stays, bodies.left, seconds)
    antennas.learn_dulling(sums.quieter, sums.behind)
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
        rows = reads.rows[np.append(True, reads.rows[1:] != reads.rows[:-1])]
        fresh = rows[tags.first[rows] < 0]
        # A row that waited for its tag has aged; a row that was made for it has not. Both begin alike.
        tags.erase(fresh)
        tags.first[fresh] = state.bin
        # At the start everything that is seen has stood there all along; later, most of what is new passes by.
        is_start = state.bin - state.begun < _START_BINS
        stands = 0.9 * (_START_STAYS if is_start else state.rates.stays)
        tags.gone[fresh], tags.carried[fresh], tags.new[fresh] = 0.1, 0.9 - stands, stands
        tags.outing[fresh] = 0 if is_start else NEWCOMER
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
        self.expected, self.seen, self.audible, self.off, self.off_weight = (np.zeros(antennas) for _ in range(5))
        self.quieter, self.behind = np.zeros(antennas), np.zeros(antennas)
        self.squares = self.square_weight = 0.0

    def add(self, tags: Tags, visible: Array, read: Array, rssi: Array) -> None:
        """Add the rows of a chunk. ``visible``: see ``_visible``."""
        stands = tags.stands[:, None]
        self.expected += by_antenna(tags.antenna, visible, self.count)
        self.seen += by_antenna(tags.antenna, (tags.stands + tags.shaded)[:, None] * read, self.count)
        self.audible += by_antenna(tags.antenna, np.where(read_rates(tags) > 0.2, stands, 0), self.count)
        off = rssi - tags.rssi
        known = (read > 0) & (tags.hits > 3) & np.isfinite(off)
        weight = np.where(known, stands, 0)
        self.off += by_antenna(tags.antenna, np.where(known, np.clip(off, -15, 15), 0) * weight, self.count)
        self.off_weight += by_antenna(tags.antenna, weight, self.count)
        behind = np.where(known & (tags.antenna == tags.home[:, None]), tags.shaded[:, None], 0)
        self.quieter -= by_antenna(tags.antenna, np.where(known, np.clip(off, -20, 20), 0) * behind, self.count)
        self.behind += by_antenna(tags.antenna, behind, self.count)

    def shift(self) -> Array:
        """By how many dB each antenna is louder than usual in this bin."""
        return self.off / (self.off_weight + 4.0)

    def spread(self) -> float:
        """The variance of an RSSI around its tag's mean, with a floor where everything is alike."""
        return (self.squares + 9.0 * 5) / (self.square_weight + 5)


def _visible(tags: Tags, antennas: Antennas, cycles: int) -> Array:
    """The reads that can be expected of tags that stand, maybe behind a body, (n, slots)."""
    dimmed = np.append(antennas.dimmed, 1.0).astype(np.float32)[tags.home][:, None]
    rates = read_rates(tags)
    return np.asarray(tags.stands[:, None] * rates + tags.shaded[:, None] * dim_rates(rates, dimmed, cycles))


def _factors(tags: Tags, visible: Array, read: Array, sums: _Sums, trust: Array) -> Array:
    """The antennas' factor for each tag and slot, by what all *other* tags show. ``visible``: see ``_visible``."""
    expected = np.append(sums.expected, 0.0)[tags.antenna] - visible
    seen = np.append(sums.seen, 0.0)[tags.antenna] - (tags.stands + tags.shaded)[:, None] * read
    factor = (np.append(trust, _TRUST_READS)[tags.antenna] + seen) / (_TRUST_READS + np.maximum(expected, 0.0))
    return np.asarray(np.clip(factor, 0.0, 1.3).astype(np.float32))


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
    state.habits.meet(state.tags, state.bin, seconds)
    if state.bin - state.begun > 2 * _HABITS_EVERY:
        clear = np.append(state.antennas.clear_s > _CLEAR_S, False)
        state.habits.learn(state.tags, seconds, learn_from=clear[state.tags.home])
    if state.bin % _HABITS_EVERY == 0:
        state.rates = state.habits.rates()
        state.usual = _learn_usual(state)


def _learn_usual(state: State) -> Usual:
    """How standing tags are read in this shop, from all that have stood for a minute."""
    tags, usual = state.tags, Usual(state.beside | _reading_each_other(state))
    row, slot = np.nonzero((tags.antenna == tags.home[:, None]) & (tags.home >= 0)[:, None] & (tags.tries > 30))
    rate = read_rates(tags)[row, slot].astype(np.float64)
    off = np.nan_to_num(tags.rssi[row, slot] - state.antennas.level[tags.home[row]], nan=0.0).clip(-20, 20)
    weight, count = 20.0, len(row) + 20.0
    usual.rate = (total(rate) + weight * 0.7) / count
    usual.rate_spread = float(np.sqrt((total((rate - usual.rate) ** 2) + weight * 0.04) / count))
    usual.level_spread = float(np.sqrt((total(off**2) + weight * 25.0) / count))
    return usual


def _reading_each_other(state: State) -> Array:
    """Which antennas read what stands at another, (antennas, antennas), from all that have stood for a minute."""
    tags, count = state.tags, len(state.antennas)
    crosses = (tags.hits > _CROSS_RATE * tags.tries) & (tags.tries > 30) & (tags.home >= 0)[:, None]
    row, slot = np.nonzero(crosses & (tags.antenna >= 0) & (tags.antenna != tags.home[:, None]))
    pairs = tags.home[row].astype(np.int64) * count + tags.antenna[row, slot]
    return np.asarray(np.bincount(pairs, minlength=count * count).reshape(count, count) >= _CROSS_TAGS)
