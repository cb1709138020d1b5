"""One bin of time: beliefs go on as items do (predict), then meet what was read and what was not (weigh).

A Bayesian filter over six explanations per tag (``Tags``), after the idea of SMURF (Jeffery, Garofalakis and
Franklin, VLDB 2006) that a missing read counts for as much as this tag's own read rate makes it worth. Instead of a
window it keeps the posterior itself, and divides the rate by what the antenna's other tags say of this moment.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from edge.core.shelf.antennas import Antennas
from edge.core.shelf.habits import LONGEST_S, Rates
from edge.core.shelf.tags import EXPLANATIONS, Tags

Array = npt.NDArray[Any]

HIDDEN_RATE: Final = 0.1
STRAY_RATE: Final = 0.003
_FLOOR: Final = np.float32(1e-9)
_HIDE, _SHOW = 1 / 240_000, 1 / 400
_REPLACED = 1 / 500_000
_PASS, _SEEN_IN_HAND, _UNSEEN_IN_HAND, _IN_HAND_S = 1 / 1_500, 1 / 30, 1 / 30, 35.0
_LONG_IN_HAND_S, _LEAVES_SIGHT = 25.0, 0.1
_HAND_RATE, _HAND_BELOW_DB, _HAND_DB = 0.2, 6.0, 4.0
_PUT_DOWN, _PUT_DOWN_UNSEEN, _PICKED_AGAIN = 0.03, 1 / 1_000, 1 / 600
_BODY_DB, _DRIFT = 3.0, 1.0
_BROAD_DB, _BROAD_BELOW_DB = 9.0, 5.0
_CROSS_BELOW_DB, _CROSS_RATE = 8.0, 0.1


def predict(tags: Tags, rates: Rates, shade: tuple[Array, Array, Array, Array], now: int, seconds: float) -> None:
    """Let ``seconds`` pass: items are lifted, come back, are hidden, pass by, are put down elsewhere.

    ``shade``: see ``Antennas.shading``.
    """
    second = np.minimum(tags.age, LONGEST_S - 1).astype(np.int32)
    back = rates.returns[second] * (tags.home >= 0) * np.float32(seconds)
    lift = rates.lift * seconds
    hide, show, replaced = _HIDE * seconds, _SHOW * seconds, _REPLACED * seconds
    coming, leaving, share, since = (np.append(part, 0.0).astype(np.float32)[tags.home] for part in shade)
    shaded, lit = coming * seconds, leaving * seconds
    # Who carries something past stays for seconds; the longer a tag stays, the more likely it has been put down.
    in_hand = (tags.age < _IN_HAND_S) & (tags.home >= 0)
    leaves_sight = np.where(tags.age < _LONG_IN_HAND_S, _UNSEEN_IN_HAND, _LEAVES_SIGHT) * seconds
    passed = np.where(in_hand, leaves_sight, np.minimum(0.6, (0.1 + 0.02 * tags.stay) * seconds))
    put_down = _PUT_DOWN * np.exp(-tags.stay / 8) * seconds
    # Out of sight for long means out of the shop: it is not put down on a shelf of ours any more.
    unseen = _PUT_DOWN_UNSEEN * seconds / (1.0 + (tags.age / 60.0) ** 2)
    # What was lifted just now is still before the shelf; later it only passes by.
    passing = np.where(tags.age < _IN_HAND_S, _SEEN_IN_HAND, _PASS) * seconds
    picked = _PICKED_AGAIN * seconds
    # A body is noticed seconds after it came; what was held against its tags meanwhile is looked at again.
    lately = ((now - tags.last) * seconds <= since) & (tags.age < _IN_HAND_S)
    forgiven = np.where(lately, 0.5 * share / (share + since * rates.lift + _FLOOR), 0)
    # What comes back while a body stands there comes back behind it, in proportion to what is behind it.
    behind = np.minimum(share, 0.9)
    put_anew = tags.stands * replaced + tags.carried * put_down + tags.gone * unseen
    away, lifted = tags.away, tags.at_home * lift
    after = (
        tags.stands * (1 - lift - hide - replaced - shaded)
        + tags.hidden * show
        + tags.shaded * lit
        + away * back * (1 - behind),
        tags.hidden * (1 - lift - show) + tags.stands * hide,
        tags.shaded * (1 - lift - lit) + tags.stands * shaded + away * (forgiven + back * behind),
        tags.gone * (1 - back - passing - unseen - forgiven)
        + 0.5 * lifted
        + tags.carried * passed
        + tags.new * picked,
        tags.carried * np.maximum(0.0, 1 - back - passed - put_down - forgiven) + 0.5 * lifted + tags.gone * passing,
        tags.new * (1 - picked) + put_anew * np.exp(tags.claim),
    )
    tags.age[:] = (tags.age + seconds) * away / (away + lifted + _FLOOR)
    for name, chance in zip(EXPLANATIONS, after, strict=True):
        getattr(tags, name)[:] = chance


def read_rates(tags: Tags) -> Array:
    """The usual read rate of each tag on each remembered antenna, shape (n, slots)."""
    return np.asarray((tags.hits + np.float32(0.01)) / (tags.tries + np.float32(0.2)))


def dim_rates(rates: Array, share: Array | float, cycles: int) -> Array:
    """What is left of the read ``rates`` of a bin if each of its ``cycles`` reads only a ``share`` as often."""
    if cycles == 1:
        return np.asarray(rates * share)
    a_cycle = 1 - (1 - np.minimum(rates, 0.999)) ** (1 / cycles)
    return np.asarray(1 - (1 - a_cycle * share) ** cycles)


class Air(NamedTuple):
    """Per antenna: by how many dB it is louder than usual in this bin, and the dark antenna beside it or -1.

    ``cycles``: how often the reader goes through all tags in a bin.
    """

    shift: Array
    beyond: Array
    cycles: int


class Seen:
    """What one bin showed: ``read`` (n, slots) of 0 and 1, ``rssi`` (n, slots), and the antennas' part in it.

    ``factor`` (n, slots) is the antennas' share of the usual read rate, judged by the *other* tags.
    """

    def __init__(self, tags: Tags, antennas: Antennas, reads: tuple[Array, Array], factor: Array, air: "Air") -> None:
        read, rssi = reads
        shift, self.beyond, self.cycles = air
        self.read = read > 0
        self.factor = factor
        self.level = np.append(antennas.level, np.nan).astype(np.float32)[tags.antenna]
        self.rssi = rssi - np.append(shift, 0.0).astype(np.float32)[tags.antenna]
        self.spread = float(antennas.spread) + _DRIFT
        self.behind = np.append(antennas.dimmed, 1.0).astype(np.float32)[tags.home][:, None]
        self.dulled = np.append(antennas.dulled, 0.0).astype(np.float32)[tags.home][:, None]
        off = (self.rssi - self.level + _BROAD_BELOW_DB) / _BROAD_DB
        self.broad = 0.5 * off * off + np.float32(np.log(_BROAD_DB))

    def likeness(self, mean: Array, variance: Array | float) -> Array:
        """How much better than «from anywhere» the RSSI fits ``mean``, shape (n, slots); 1 where nothing was read."""
        off = self.rssi - mean
        fit = self.broad - 0.5 * off * off / variance - 0.5 * np.log(variance)
        ratio = 0.01 + 0.99 * np.exp(np.clip(fit, -5.0, 3.0))
        return np.where(self.read & np.isfinite(ratio), ratio, np.float32(1.0))

    def chance(self, rate: Array, likeness: Array | float = 1.0) -> Array:
        """Probability of the bin given the usual ``rate`` per slot and the RSSIs' ``likeness``, shape (n,)."""
        rate = np.clip(rate * self.factor, STRAY_RATE, 0.995)
        return np.asarray(np.where(self.read, rate * likeness, 1.0 - rate).prod(axis=1))


def weigh(tags: Tags, seen: Seen, usual: "Usual") -> None:
    """Let each explanation answer for what was read, and divide the belief anew."""
    rates = read_rates(tags)
    usual_rssi = _loudness(tags.hits, tags.rssi, tags.antenna == tags.home[:, None], seen)
    at_home = seen.likeness(usual_rssi, seen.spread * (1 + 1 / (tags.hits + 0.5)))
    is_anchor = tags.antenna == tags.anchor[:, None]
    mean = _loudness(tags.now_hits, tags.now_rssi, is_anchor, seen)
    elsewhere = seen.likeness(mean, seen.spread * (1 + 1 / (tags.now_hits + 0.3)))
    lately = (tags.now_hits + np.where(is_anchor, np.float32(1.0), np.float32(0.2))) / (tags.now_tries + 2)
    tags.stands *= seen.chance(rates, at_home)
    tags.hidden *= seen.chance(dim_rates(rates, HIDDEN_RATE, seen.cycles), at_home)
    dulled = seen.likeness(usual_rssi - seen.dulled, seen.spread + _BODY_DB**2)
    tags.shaded *= seen.chance(dim_rates(rates, seen.behind, seen.cycles), dulled)
    tags.gone *= seen.chance(np.zeros_like(rates))
    somewhere = seen.chance(lately, elsewhere)
    in_hand = (tags.age < _IN_HAND_S) & (tags.home >= 0)
    loudness = seen.likeness(usual_rssi - _HAND_BELOW_DB, seen.spread + _HAND_DB**2)
    in_its_hand = 0.7 * seen.chance(dim_rates(rates, _HAND_RATE, seen.cycles), loudness) + 0.3 * somewhere
    tags.carried *= np.where(in_hand, in_its_hand, somewhere)
    tags.new *= somewhere * np.exp(_claim_more(tags, seen, usual))
    tags.stands[tags.home < 0] = 0
    for name in EXPLANATIONS:
        np.maximum(getattr(tags, name), np.where(tags.home < 0, 0, _FLOOR), out=getattr(tags, name))
    whole = tags.at_home + tags.away + tags.new
    for name in EXPLANATIONS:
        getattr(tags, name)[:] /= np.maximum(whole, _FLOOR)


def _loudness(hits: Array, rssi: Array, is_own: Array, seen: Seen) -> Array:
    """The RSSI to expect per slot: as it was in ``hits`` reads, or as usual for its own or a neighbour's antenna."""
    expected = np.nan_to_num(seen.level - np.where(is_own, np.float32(0), np.float32(_CROSS_BELOW_DB)))
    return np.asarray((hits * rssi + np.float32(0.3) * expected) / (hits + np.float32(0.3)))


class Usual:
    """How standing tags of this shop are read, to tell them from carried ones. All learned."""

    def __init__(self, beside: Array) -> None:
        self.rate, self.rate_spread = 0.7, 0.2
        self.beside = beside
        self.level_spread = 5.0


def _claim_more(tags: Tags, seen: Seen, usual: Usual) -> Array:
    """By how much the claim to stand at the anchor has grown with this bin, in nats, shape (n,).

    Both a standing and a carried tag may be read steadily for a while, so the steadiness alone decides little. What
    differs is how loud and how often: a tag that stands there is read as those are that stand there.
    """
    slot = (tags.antenna == tags.anchor[:, None]).argmax(axis=1)
    row = np.arange(len(tags))
    hits, tries = tags.now_hits[row, slot], tags.now_tries[row, slot]
    off = np.nan_to_num(tags.now_rssi[row, slot] - seen.level[row, slot])
    own, noise = usual.level_spread**2, seen.spread / np.maximum(hits, 0.5)
    rate, doubt = hits / np.maximum(tries, 1.0), 0.25 / np.maximum(tries, 1.0)
    here = _log_normal(off, 0.0, own + noise) + _log_normal(rate, usual.rate, usual.rate_spread**2 + doubt)
    carried = _log_normal(off, -_CROSS_BELOW_DB, 64.0 + noise) + _log_normal(rate, 0.3, 0.0625 + doubt)
    afar = _log_normal(off, -_CROSS_BELOW_DB, own + 9.0 + noise) + _log_normal(rate, _CROSS_RATE, 0.006 + doubt)
    afar = np.where(np.append(seen.beyond, -1)[tags.anchor] >= 0, afar, -np.inf)
    heard = (hits > 0.5) & (tags.anchor >= 0)
    claim = np.where(heard, np.clip(np.maximum(here, afar) - carried, -10.0, 5.0), tags.claim)
    more = claim - tags.claim
    tags.claim[:] = claim
    tags.afar[:] = np.where(heard, afar > here, tags.afar)
    return np.asarray(more)


def _log_normal(value: Array, mean: float, variance: Array | float) -> Array:
    return np.asarray(-0.5 * (value - mean) ** 2 / variance - 0.5 * np.log(variance))
