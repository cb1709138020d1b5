"""One bin of time: beliefs go on as items do (predict), then meet what was read and what was not (weigh).

A Bayesian filter over five explanations per tag (``Tags``), after the idea of SMURF (Jeffery, Garofalakis and
Franklin, VLDB 2006) that a missing read counts for as much as this tag's own read rate makes it worth. Instead of a
window it keeps the posterior itself, and divides the rate by what the antenna's other tags say of this moment.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from edge.core.shelf.antennas import Antennas
from edge.core.shelf.habits import LONGEST_S, Rates
from edge.core.shelf.tags import Tags

Array = npt.NDArray[Any]

HIDDEN_RATE: Final = 0.1
STRAY_RATE: Final = 0.003
_FLOOR: Final = np.float32(1e-9)
_HIDE, _SHOW = 1 / 72_000, 1 / 400
_REPLACED = 1 / 500_000
_PASS, _PASSED = 1 / 1_500, 1 / 6
_PUT_DOWN, _PUT_DOWN_UNSEEN, _PICKED_AGAIN = 1 / 25, 1 / 400, 1 / 600
_BROAD_DB, _BROAD_BELOW_DB = 9.0, 5.0
_OWN_BELOW_DB, _CROSS_BELOW_DB = 0.0, 8.0


def predict(tags: Tags, rates: Rates, seconds: float) -> None:
    """Let ``seconds`` pass: items are lifted, come back, are hidden, pass by, are put down elsewhere."""
    has_home = tags.home >= 0
    second = np.minimum(tags.age, LONGEST_S - 1).astype(np.int32)
    back = rates.returns[second] * has_home * np.float32(seconds)
    lift = rates.lift * seconds
    hide, show, replaced = _HIDE * seconds, _SHOW * seconds, _REPLACED * seconds
    passing, passed = _PASS * seconds, 1.0 - (1.0 - _PASSED) ** seconds
    put_down, unseen, picked = _PUT_DOWN * seconds, _PUT_DOWN_UNSEEN * seconds, _PICKED_AGAIN * seconds
    # Out of sight for long means out of the shop: it is not put down on a shelf of ours any more.
    elsewhere = unseen / (1.0 + (tags.age / 60.0) ** 2)
    lifted = (tags.stands + tags.hidden) * lift
    away = tags.gone + tags.carried
    stands = tags.stands * (1 - lift - hide - replaced) + tags.hidden * show + away * back
    hidden = tags.hidden * (1 - lift - show) + tags.stands * hide
    gone = tags.gone * (1 - back - passing - elsewhere) + 0.7 * lifted + tags.carried * passed + tags.new * picked
    carried = tags.carried * np.maximum(0.0, 1 - back - passed - put_down) + 0.3 * lifted + tags.gone * passing
    new = tags.new * (1 - picked) + tags.stands * replaced + tags.carried * put_down + tags.gone * elsewhere
    tags.age[:] = (tags.age + seconds) * away / (away + lifted + _FLOOR)
    tags.stands[:], tags.hidden[:], tags.gone[:], tags.carried[:], tags.new[:] = stands, hidden, gone, carried, new


def read_rates(tags: Tags) -> Array:
    """The usual read rate of each tag on each remembered antenna, shape (n, slots)."""
    return np.asarray((tags.hits + np.float32(0.01)) / (tags.tries + np.float32(0.2)))


class Seen:
    """What one bin showed: ``read`` (n, slots) of 0 and 1, ``rssi`` (n, slots), and the antennas' part in it.

    ``factor`` (n, slots) is the antennas' share of the usual read rate, judged by the *other* tags.
    """

    def __init__(
        self, tags: Tags, antennas: Antennas, reads: tuple[Array, Array], factor: Array, shift: Array
    ) -> None:
        read, rssi = reads
        self.read = read > 0
        self.factor = factor
        self.level = np.append(antennas.level, np.nan).astype(np.float32)[tags.antenna]
        self.rssi = rssi - np.append(shift, 0.0).astype(np.float32)[tags.antenna]
        self.spread = np.float32(antennas.spread)
        off = (self.rssi - self.level + _BROAD_BELOW_DB) / _BROAD_DB
        self.broad = 0.5 * off * off + np.float32(np.log(_BROAD_DB))

    def likeness(self, mean: Array, variance: Array) -> Array:
        """How much better than «from anywhere» the RSSI fits ``mean``, shape (n, slots); 1 where nothing was read."""
        off = self.rssi - mean
        fit = self.broad - 0.5 * off * off / variance - 0.5 * np.log(variance)
        ratio = 0.03 + 0.97 * np.exp(np.clip(fit, -5.0, 3.0))
        return np.where(self.read & np.isfinite(ratio), ratio, np.float32(1.0))

    def chance(self, rate: Array, likeness: Array | float = 1.0) -> Array:
        """Probability of the bin given the usual ``rate`` per slot and the RSSIs' ``likeness``, shape (n,)."""
        rate = np.clip(rate * self.factor, STRAY_RATE, 0.995)
        return np.asarray(np.where(self.read, rate * likeness, 1.0 - rate).prod(axis=1))


def weigh(tags: Tags, seen: Seen) -> None:
    """Let each explanation answer for what was read, and divide the belief anew."""
    usual = read_rates(tags)
    spread = seen.spread
    at_home = seen.likeness(tags.rssi, spread * (1 + 1 / (tags.hits + 0.5)))
    is_anchor = tags.antenna == tags.anchor[:, None]
    own = seen.level - np.where(is_anchor, np.float32(_OWN_BELOW_DB), np.float32(_CROSS_BELOW_DB))
    mean = (tags.now_hits * tags.now_rssi + np.float32(0.3) * np.nan_to_num(own)) / (tags.now_hits + np.float32(0.3))
    elsewhere = seen.likeness(mean, spread * (1 + 1 / (tags.now_hits + 0.3)))
    prior = np.where(is_anchor, np.float32(1.4), np.float32(0.2))
    lately = (tags.now_hits + prior) / (tags.now_tries + 2)
    near = np.where((tags.antenna == tags.home[:, None]) | is_anchor, np.float32(0.3), np.float32(0.08))
    tags.stands *= seen.chance(usual, at_home)
    tags.hidden *= seen.chance(usual * HIDDEN_RATE, at_home)
    tags.gone *= seen.chance(np.zeros_like(usual))
    tags.carried *= seen.chance(near)
    tags.new *= seen.chance(lately, elsewhere)
    for name in ("stands", "hidden", "gone", "carried", "new"):
        np.maximum(getattr(tags, name), _FLOOR, out=getattr(tags, name))
    tags.stands[tags.home < 0] = 0
    tags.hidden[tags.home < 0] = 0
    whole = tags.stands + tags.hidden + tags.gone + tags.carried + tags.new
    for name in ("stands", "hidden", "gone", "carried", "new"):
        getattr(tags, name)[:] /= whole
