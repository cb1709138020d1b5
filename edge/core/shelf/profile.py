"""What is learned of a tag while it stands: how often, and how loud, each antenna reads it."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from edge.core.shelf.antennas import Antennas
from edge.core.shelf.filter import Seen
from edge.core.shelf.tags import Tags

Array = npt.NDArray[Any]

_MEMORY: Final = 1 - 1 / 400
_LATELY: Final = 0.87
_LOUDNESS_GAIN: Final = 1 / 40
_NEW_TRIES: Final = 1.0
_PAUSE_BINS: Final = 8
_SURE: Final = 0.9
_ENOUGH_HITS: Final = 2.5
_OWN_HITS: Final = 6.0
_MARGIN: Final = 2.0
_SURELY_OWN: Final = 2.0
_RARE_SPELLS, _RARE_BINS = 5, 60


def find_slots(tags: Tags, rows: Array, antennas: Array) -> tuple[Array, Array]:
    """Find, or make, the slot of each read's antenna. ``rows``, ``antennas``: (r,), each pair once, sorted.

    Returns slots (r,) and whether there is one (r,): a fifth antenna finds none while all four are in use.
    """
    match = tags.antenna[rows] == antennas[:, None]
    found = match.any(axis=1)
    slots = match.argmax(axis=1)
    missing = np.flatnonzero(~found)
    while len(missing):
        _, once = np.unique(rows[missing], return_index=True)
        chosen = missing[once]
        slot, free = _weakest(tags, rows[chosen])
        made = chosen[free]
        _clear_slot(tags, rows[made], slot[free], antennas[made])
        slots[made], found[made] = slot[free], True
        missing = np.delete(missing, once)
    return slots, found


def _weakest(tags: Tags, rows: Array) -> tuple[Array, Array]:
    """The slot of each row that is remembered least, and whether it may be given away."""
    known = tags.antenna[rows]
    held = (known == tags.home[rows][:, None]) | (known == tags.anchor[rows][:, None])
    score = np.where(known < 0, -1.0, tags.now_hits[rows] + 5 * tags.hits[rows] / (tags.tries[rows] + 1))
    score = np.where(held & (known >= 0), np.inf, score)
    slot = score.argmin(axis=1)
    return slot, score[np.arange(len(rows)), slot] < 1.0


def _clear_slot(tags: Tags, rows: Array, slots: Array, antennas: Array) -> None:
    tags.antenna[rows, slots] = antennas
    tags.tries[rows, slots] = _NEW_TRIES
    for name in ("hits", "rssi", "now_hits", "now_tries", "now_rssi"):
        getattr(tags, name)[rows, slots] = 0.0


def learn(tags: Tags, seen: Seen, stood: Array) -> None:
    """Let the profiles follow what was seen: the usual one as far as the tag stands, the recent one always.

    ``stood``: how likely it stood there before this bin was heard, (n,). What is believed after a read is more, and
    after a miss less, which would make every rate look better than it is.
    """
    read = seen.read.astype(np.float32)
    # Close to one the factor is noise; taking it at its word would let rates and factor drift together.
    tries = np.where(np.abs(seen.factor - 1.0) < 0.15, np.float32(1.0), seen.factor)
    weight = np.where(tags.home >= 0, stood, np.float32(1.0))[:, None]
    heard = weight * read
    tags.hits[:] = tags.hits * _MEMORY + heard
    tags.tries[:] = tags.tries * _MEMORY + weight * tries
    rssi = np.where(seen.read & np.isfinite(seen.rssi), seen.rssi, tags.rssi)
    tags.rssi += (rssi - tags.rssi) * heard * np.maximum(1 / np.maximum(tags.hits, 1.0), _LOUDNESS_GAIN)
    tags.now_hits[:] = tags.now_hits * _LATELY + read
    tags.now_tries[:] = tags.now_tries * _LATELY + tries
    rssi = np.where(seen.read & np.isfinite(seen.rssi), seen.rssi, tags.now_rssi)
    tags.now_rssi += (rssi - tags.now_rssi) * read / np.maximum(tags.now_hits, 1.0)


def _score(rssi: Array, level: Array, rate: Array) -> Array:
    """How much an antenna looks like a tag's own, in nats: loud and often. Seen from afar is quieter and rarer."""
    return np.asarray(0.4 * np.nan_to_num(rssi - level) + 1.5 * np.log(rate + 0.02))


def choose_home(tags: Tags, antennas: Antennas) -> None:
    """Where another antenna has long read a tag better than its home, that one is its home.

    It was placed while its own antenna was shadowed or silent, and only the neighbours saw it.
    """
    level = np.append(antennas.level, 0.0).astype(np.float32)[tags.antenna]
    score = _score(tags.rssi, level, tags.hits / (tags.tries + 1))
    dark = np.append(antennas.dark, True)
    score = np.where((tags.hits > _OWN_HITS) & ~dark[tags.antenna], score, -np.inf)
    at_home = tags.antenna == tags.home[:, None]
    known = np.where(at_home, score, -np.inf).max(axis=1)
    best = score.argmax(axis=1)
    rows = np.arange(len(tags))
    better = (score[rows, best] > known + _MARGIN) & np.isfinite(known) & (tags.stands > _SURE) & (tags.home >= 0)
    tags.home[better] = tags.antenna[rows, best][better]


def choose_anchor(tags: Tags, level: Array, now: int, seconds: float) -> None:
    """Say where a tag stands if it stands anew: the antenna that lately reads it loudest and most often."""
    level = np.append(level, 0.0).astype(np.float32)[tags.antenna]
    score = _score(tags.now_rssi, level, tags.now_hits / (tags.now_tries + 1))
    score = np.where((tags.antenna >= 0) & (tags.now_hits > 0.2), score, -np.inf)
    best = score.argmax(axis=1)
    rows = np.arange(len(tags))
    some = np.isfinite(score[rows, best])
    anchor = np.where(some, tags.antenna[rows, best], tags.anchor)
    stays = (anchor == tags.anchor) & (now - tags.last <= _PAUSE_BINS)
    # It cannot stand anew at one antenna while another reads it best, nor where nothing reads it.
    unread, carried = now - tags.last > _PAUSE_BINS, (anchor != tags.anchor) & (tags.anchor >= 0)
    tags.gone += np.where(unread, tags.new, 0)
    tags.carried += np.where(carried & ~unread, tags.new, 0)
    tags.new[unread | carried] = 0
    tags.stay[:] = np.where(stays, tags.stay + np.float32(seconds), 0)
    tags.anchor[:] = anchor


def whereabouts(tags: Tags, beyond: Array) -> Array:
    """The antenna at which a tag stands if it stands anew, -1 none, (n,): its anchor or the dark one beside that."""
    dark = np.append(beyond, -1)[tags.anchor]
    return np.where((tags.afar > 0) & (dark >= 0), dark, tags.anchor)


def settle(tags: Tags, antennas: Antennas, shelf: Array, beyond: Array, now: int) -> None:
    """Where a tag surely stands anew, make that its home and its recent profile the usual one.

    ``shelf``: number of the shelf of each antenna, ``beyond``: the dark antenna beside it, both (antennas,).
    ``now``: the bin.
    """
    where = whereabouts(tags, beyond)
    at_anchor = (tags.antenna == tags.anchor[:, None]) & (tags.anchor >= 0)[:, None]
    anchored = np.where(at_anchor, tags.now_hits, 0).sum(axis=1)
    same = (tags.home >= 0) & (tags.anchor >= 0) & (shelf[tags.home] == shelf[where])
    sure = (tags.anchor >= 0) & (tags.new + np.where(same, tags.stands, 0) > _SURE) & (tags.new > 0.5)
    sure &= anchored >= _ENOUGH_HITS
    # While its own antenna is dark only the neighbours read it; that alone is no move.
    sure &= ~np.append(antennas.dark, False)[tags.home] | (tags.claim > _SURELY_OWN)
    tags.stands[:] = np.where(sure, tags.new + np.where(same, tags.stands, 0), tags.stands)
    tags.new[sure] = 0
    tags.home[sure] = where[sure]
    for usual, recent in (("hits", "now_hits"), ("tries", "now_tries"), ("rssi", "now_rssi")):
        getattr(tags, usual)[sure] = getattr(tags, recent)[sure]
    tags.hits[sure] += np.where(tags.antenna[sure] == tags.home[sure][:, None], np.float32(1.4), np.float32(0.1))
    tags.tries[sure] += np.float32(2.0)
    _settle_rare(tags, beyond, now)


def _settle_rare(tags: Tags, beyond: Array, now: int) -> None:
    """A tag that is read now and then, for minutes, by one antenna at one loudness, stands there hidden.

    Or it stands at the antenna beside it that is dark, and is seen from afar.
    """
    since = now - tags.first
    rare = (tags.home < 0) & (tags.last == now) & (tags.spells >= _RARE_SPELLS)
    rows = np.flatnonzero(rare & (since >= _RARE_BINS) & (since <= _RARE_BINS * tags.spells))
    if not len(rows):
        return
    best = tags.hits[rows].argmax(axis=1)
    main = tags.hits[rows, best] >= 0.6 * _RARE_SPELLS
    rows, best = rows[main], best[main]
    main, dark = tags.antenna[rows, best], beyond[tags.antenna[rows, best]]
    tags.home[rows] = np.where(dark >= 0, dark, main)
    tags.stands[rows] = 0.9
    tags.hidden[rows] = tags.shaded[rows] = tags.new[rows] = 0.0
    tags.gone[rows] = tags.carried[rows] = 0.05
