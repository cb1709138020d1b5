"""What the antennas hear of the truth in one cycle."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from firmware_stubs.shelf_simulator.shop import Shop

Array = npt.NDArray[Any]


class Heard(NamedTuple):
    """The reads of one cycle, in the order of their times: tag numbers, antenna numbers, dBm, seconds."""

    tags: Array
    antennas: Array
    rssi: Array
    t_s: Array


class Chances(NamedTuple):
    """How likely each standing tag is read by its own, left and right antenna, shape (tags, 3); 0 where none stands.

    This is what an oracle may know: rates, shadows and faults, but not whether the tag stands.
    """

    antennas: Array
    rates: Array


def neighbours(antennas: int, place: Array) -> Array:
    """Own, left and right antenna of each place, shape (tags, 3), in a ring."""
    return np.stack([place, (place - 1) % antennas, (place + 1) % antennas], axis=1)


def factors(shop: Shop, place: Array) -> tuple[Array, Array]:
    """What shadows and interference make of each tag's rate and RSSI at ``place``: factor and dB, shape (tags,)."""
    factor, quieter = np.ones(shop.size), np.zeros(shop.size)
    for antenna, bodies in enumerate(shop.shadow):
        for start, end, share, db in bodies.values():
            behind = (place == antenna) & (shop.at >= start) & (shop.at <= end)
            factor[behind] *= share
            quieter[behind] += db
    return factor, quieter


def chances(shop: Shop, place: Array) -> Chances:
    """Read rates now of tags if they stood at ``place`` (-1: nowhere)."""
    antennas = neighbours(shop.settings.antennas, np.maximum(place, 0))
    factor, _ = factors(shop, place)
    rates = np.stack([np.ones(shop.size), shop.left, shop.right], axis=1) * (shop.rate * factor)[:, None]
    works = np.prod(list(shop.noise.values()), axis=0) if shop.noise else np.ones(shop.settings.antennas)
    works = np.where(shop.silent, 0.0, works)
    rates *= works[antennas]
    rates[place < 0] = 0.0
    return Chances(antennas, rates)


def hear(shop: Shop, t_s: float) -> Heard:
    """One cycle that begins at ``t_s``, while everything stands still."""
    rng, settings = shop.rng, shop.settings
    standing = chances(shop, shop.place)
    _, quieter = factors(shop, shop.place)
    own = np.column_stack([np.zeros(shop.size), shop.cross_db])
    hit = rng.random(standing.rates.shape) < standing.rates * shop.hidden[:, None]
    tag, side = np.nonzero(hit)
    rssi = shop.rssi[tag] - own[tag, side] - quieter[tag]
    passing = np.flatnonzero((shop.near >= 0) & (rng.random(shop.size) < shop.near_rate))
    passing = passing[~shop.silent[shop.near[passing]]]
    tags = np.concatenate([tag, passing])
    antennas = np.concatenate([standing.antennas[tag, side], shop.near[passing]])
    loud = np.concatenate([rssi, shop.near_db[passing] + rng.normal(0, 3, len(passing))])
    loud = np.round((loud + rng.normal(0, settings.own_rssi[2], len(loud))) * 2) / 2
    t = t_s + np.sort(rng.random(len(tags))) * settings.cycle_ms / 1000
    order = rng.permutation(len(tags))
    return Heard(tags[order], antennas[order], loud[order], t)
