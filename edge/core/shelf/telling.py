"""From beliefs to words: what is said of each item, and when a belief is firm enough to become a fact."""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from edge.core.shelf.filter import read_rates
from edge.core.shelf.habits import LONGEST_S
from edge.core.shelf.profile import whereabouts
from edge.core.shelf.settings import PresenceSettings
from edge.core.shelf.state import State
from edge.core.shelf.tags import Tags
from models.messages.facts import Evidence, ItemMoved, ItemPlaced, ItemReturned, ItemTaken

Array = npt.NDArray[Any]
ShelfFact = ItemPlaced | ItemMoved | ItemTaken | ItemReturned

NEVER, STANDS, TAKEN = 0, 1, 2
_ARRIVED_S, _ARRIVED_FAINTLY_S = 22.0, 45.0
_START_BINS: Final = 60
_PAUSES: Final = 0.2


class Place(NamedTuple):
    """Per tag, shape (n,): number of the likeliest shelf (-1: none), its probability, whether it cannot be seen."""

    shelf: Array
    p: Array
    dark: Array


class Told:
    """What has been said of each tag: ``state`` is NEVER, STANDS or TAKEN, ``shelf`` the number of its shelf."""

    def __init__(self, capacity: int) -> None:
        self.state = np.zeros(capacity, np.int8)
        self.shelf = np.full(capacity, -1, np.int16)

    def resized(self, capacity: int) -> "Told":
        """A copy with ``capacity`` rows."""
        other = Told(capacity)
        kept = min(capacity, len(self.state))
        other.state[:kept], other.shelf[:kept] = self.state[:kept], self.shelf[:kept]
        return other


def place(state: State, shelf: Array) -> Place:
    """Where each tag stands. ``shelf``: number of the shelf of each antenna, (antennas,)."""
    tags = state.tags
    shelf_of = np.append(shelf, -1)
    stood_anew = whereabouts(tags, state.antennas.beyond(state.usual.beside))
    home, anchor = shelf_of[tags.home], shelf_of[stood_anew]
    at_home = tags.at_home + np.where(home == anchor, tags.new, 0)
    anew = np.where(home == anchor, 0, tags.new)
    best = np.where(anew > at_home, anchor, home)
    unseen = _unseen(tags, state, shelf_of, home)
    unseen = np.where(anew > at_home, np.append(state.antennas.dark, False)[stood_anew], unseen)
    return Place(best, np.maximum(anew, at_home), unseen)


def _unseen(tags: Tags, state: State, shelf_of: Array, home: Array) -> Array:
    """Tags whose home antenna is dark, unless another antenna of the same shelf reads them well."""
    dark = np.append(state.antennas.dark, False)
    unseen = dark[tags.home] & (tags.home >= 0)
    if not unseen.any():
        return unseen
    same = (shelf_of[tags.antenna] == home[:, None]) & (tags.antenna >= 0) & ~dark[tags.antenna]
    return np.asarray(unseen & ~(same & (read_rates(tags) > 0.3)).any(axis=1))


def gone_for_good(state: State) -> Array:
    """The probability that a tag has left its shelf and is not just being looked at, shape (n,)."""
    tags = state.tags
    second = np.minimum(tags.age, LONGEST_S - 1).astype(np.int32)
    return np.asarray(tags.away * state.rates.gone[second])


class Decision(NamedTuple):
    """Rows of the tags of which something is to be said now, and the probabilities behind it."""

    placed: Array
    moved: Array
    returned: Array
    taken: Array
    where: Place
    gone: Array


def decide(state: State, told: Told, shelf: Array, settings: PresenceSettings) -> Decision:
    """Find where the belief has become firm and differs from what was said."""
    where = place(state, shelf)
    gone = gone_for_good(state)
    tags = state.tags
    stands = (where.p >= settings.place_threshold) & ~where.dark & (tags.home >= 0)
    hushed = np.append(state.antennas.hushed, False)[tags.home]
    # A basket may stand before a shelf for as long as somebody chooses; at the start nothing has just arrived.
    read_for = tags.stay - (state.bin - tags.last) * settings.bin_ms / 1000
    looks_so = np.where(tags.claim > 0, _ARRIVED_S, _ARRIVED_FAINTLY_S)
    stays = stands & ((read_for >= looks_so) | (state.bin - state.begun < _START_BINS))
    enough = state.rates.enough(settings.false_takes_per_1000_h)
    # What its own shelf still reads has not been carried away yet, whatever else speaks for it.
    taken = (told.state == STANDS) & (gone >= enough) & (tags.pulse < _PAUSES) & ~where.dark & ~hushed
    return Decision(
        placed=np.flatnonzero(stays & (told.state == NEVER)),
        moved=np.flatnonzero(stands & (told.state == STANDS) & (where.shelf != told.shelf)),
        returned=np.flatnonzero(stays & (told.state == TAKEN)),
        taken=np.flatnonzero(taken),
        where=where,
        gone=gone,
    )


class Teller:
    """Turns a decision into facts and remembers what was said."""

    def __init__(self, shelves: list[str], epcs: list[str]) -> None:
        self._shelves = shelves
        self._epcs = epcs

    def tell(self, decision: Decision, told: Told, state: State, t_ms: int, bin_to_ms: Array) -> list[ShelfFact]:
        """The facts of this moment, by EPC so that their order is the same however reads were mixed."""
        facts: list[ShelfFact] = []
        rows = np.concatenate([decision.placed, decision.moved, decision.returned, decision.taken])
        evidence = dict(zip(rows.tolist(), self._evidence(state.tags, rows, bin_to_ms), strict=True))
        for kind, chosen in ((ItemPlaced, decision.placed), (ItemReturned, decision.returned)):
            for row in chosen.tolist():
                said = self._said(row, t_ms, decision.where, evidence[row])
                facts.append(kind(**said))
        for row in decision.moved.tolist():
            said = self._said(row, t_ms, decision.where, evidence[row])
            facts.append(ItemMoved(from_shelf=self._shelves[told.shelf[row]], **said))
        for row in decision.taken.tolist():
            said = self._said(row, t_ms, decision.where, evidence[row])
            said |= {"shelf": self._shelves[told.shelf[row]], "p": _rounded(decision.gone[row])}
            facts.append(ItemTaken(**said))
        stands = np.concatenate([decision.placed, decision.moved, decision.returned])
        told.state[stands], told.shelf[stands] = STANDS, decision.where.shelf[stands]
        told.state[decision.taken] = TAKEN
        facts.sort(key=lambda fact: fact.epc)
        return facts

    def _said(self, row: int, t_ms: int, where: Place, evidence: Evidence) -> dict[str, Any]:
        shelf = self._shelves[where.shelf[row]]
        return {
            "t_ms": t_ms,
            "epc": self._epcs[row],
            "shelf": shelf,
            "p": _rounded(where.p[row]),
            "evidence": evidence,
        }

    def _evidence(self, tags: Tags, rows: Array, bin_to_ms: Array) -> list[Evidence]:
        is_home = (tags.antenna[rows] == tags.home[rows][:, None]) & (tags.home[rows] >= 0)[:, None]
        rates, rssi = read_rates(tags)[rows], tags.rssi[rows]
        last_ms = tags.last[rows].astype(np.int64) * bin_to_ms[0] + bin_to_ms[1]
        found = []
        for at, (row, known) in enumerate(zip(rows.tolist(), is_home.any(axis=1).tolist(), strict=True)):
            slot = int(is_home[at].argmax())
            found.append(
                Evidence(
                    reads=int(tags.reads[row]),
                    rssi_dbm=round(float(rssi[at, slot]), 1) if known else None,
                    read_rate=round(min(1.0, float(rates[at, slot])), 3) if known else None,
                    last_read_ms=max(0, int(last_ms[at])),
                )
            )
        return found


def _rounded(p: float) -> float:
    return round(min(1.0, max(0.0, float(p))), 4)
