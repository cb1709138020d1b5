"""What an installer should do, from the figures of a walk: plain sentences, the most urgent first."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from edge.core.survey.airwaves import Airwaves, AntennaFigures

NEIGHBOUR_RATE: Final = 0.01
"""An antenna that reads another shelf's items in one cycle of a hundred hears that shelf."""
LOW_RATE: Final = 0.5
LOUD_SHARE: Final = 0.5
LOUD_WITHIN_DB: Final = 4.0
MANY: Final = 0.2
STEP_DB: Final = 2.0
_MOST_NAMED: Final = 8


class Advice(NamedTuple):
    """One thing to do. ``kind`` names the finding; ``about`` is a shelf, an antenna or an item."""

    kind: str
    about: str
    text: str


class Names(NamedTuple):
    """How to call things: antenna → its power in dBm where it was set; item → its label."""

    power_dbm: Mapping[str, float | None]
    labels: Mapping[str, str]


def advise(air: Airwaves, never_read: Mapping[str, str], names: Names) -> list[Advice]:
    """All advice. ``never_read``: item → shelf on which it stood without any antenna reading it once."""
    swapped = _swapped(air)
    return [
        *_deaf(air),
        *(
            Advice("swapped", f"{one}, {other}", f"{one} and {other} hear each other's items better than their own: "
                   "their cables, or their numbers in edge.toml, are exchanged.")
            for one, other in swapped
        ),
        *_shelves(air, never_read, names),
        *_loud(air, names, {shelf for pair in swapped for shelf in pair}),
        *_unread(never_read, names),
        *_items(air, names, {shelf for pair in swapped for shelf in pair}),
    ]  # fmt: skip


def power_hints(air: Airwaves, power_dbm: Mapping[str, float | None]) -> dict[str, str]:
    """Antenna → what to do with its power; antennas that are well are left out."""
    hints = {}
    for one in air.antennas:
        quiet, loud = _is_quiet(one), _is_loud(air, one)
        if quiet and loud:
            hints[one.antenna] = "move it nearer to its own shelf: more power would reach the neighbours, too"
        elif quiet:
            hints[one.antenna] = f"more power{_power(power_dbm.get(one.antenna), STEP_DB)}"
        elif loud:
            hints[one.antenna] = f"less power{_power(power_dbm.get(one.antenna), -STEP_DB)}"
    return hints


def _power(now_dbm: float | None, step_db: float) -> str:
    if now_dbm is None:
        return f" (set power_dbm, {abs(step_db):g} dB {'above' if step_db > 0 else 'below'} the reader's own)"
    return f" (power_dbm {now_dbm:g} → {now_dbm + step_db:g})"


def _is_quiet(antenna: AntennaFigures) -> bool:
    return antenna.rate is not None and antenna.rate < LOW_RATE


def _is_loud(air: Airwaves, antenna: AntennaFigures) -> bool:
    """Whether it hears another shelf's items nearly as often and as loud as their own antennas do."""
    return any(True for _ in _overheard(air, antenna))


def _overheard(air: Airwaves, antenna: AntennaFigures) -> Iterator[str]:
    for shelf in air.shelves:
        there = air.crossing(shelf, antenna.antenna)
        own = air.between(shelf, shelf)
        if shelf == antenna.shelf or there is None or not own or there.rate < LOUD_SHARE * own:
            continue
        at_home = max(
            (one.rssi_dbm for one in air.antennas if one.shelf == shelf and one.rssi_dbm is not None), default=None
        )
        if there.rssi_dbm is None or at_home is None or there.rssi_dbm >= at_home - LOUD_WITHIN_DB:
            yield shelf


def _deaf(air: Airwaves) -> Iterator[Advice]:
    for one in air.antennas:
        if one.reads == 0:
            text = f"Antenna {one.antenna} ({one.shelf}) read nothing at all: check its cable, and its number."
            yield Advice("deaf", one.antenna, text)


def _swapped(air: Airwaves) -> list[tuple[str, str]]:
    pairs = [(one, other) for at, one in enumerate(air.shelves) for other in air.shelves[at + 1 :]]
    return [
        (one, other)
        for one, other in pairs
        if air.between(other, one) > 2 * air.between(one, one)
        and air.between(one, other) > 2 * air.between(other, other)
    ]


def _shelves(air: Airwaves, never_read: Mapping[str, str], names: Names) -> Iterator[Advice]:
    """Where many items of a shelf are hardly read, it is the antenna, not the tags."""
    for one in air.antennas:
        silent = sum(shelf == one.shelf for shelf in never_read.values())
        weak = sum(item.is_weak and item.shelf == one.shelf for item in air.items if item.item not in never_read)
        stood = len({item.item for item in air.items if item.shelf == one.shelf})
        hint = power_hints(air, names.power_dbm).get(one.antenna, "")
        if one.reads and stood and (silent + weak) / stood > MANY and silent + weak > 1:
            text = (
                f"{one.shelf}: {silent + weak} of {stood} items are read rarely or never by antenna {one.antenna}: "
                f"{hint or 'turn it towards them, or move it nearer'}."
            )
            yield Advice("weak_shelf", one.shelf, text)
        elif _is_quiet(one) and not _is_loud(air, one):
            yield Advice(
                "quiet", one.antenna, f"{one.shelf}: its items are read in {one.rate:.0%} of the cycles: {hint}."
            )


def _loud(air: Airwaves, names: Names, leave_out: set[str]) -> Iterator[Advice]:
    hints = power_hints(air, names.power_dbm)
    for one in air.antennas:
        others = [shelf for shelf in _overheard(air, one) if not {shelf, one.shelf} & leave_out]
        if others:
            text = (
                f"Antenna {one.antenna} ({one.shelf}) hears {', '.join(others)} nearly as well as its own shelf: "
                f"{hints.get(one.antenna, 'less power')}, or turn it away."
            )
            yield Advice("loud", one.antenna, text)


def _unread(never_read: Mapping[str, str], names: Names) -> Iterator[Advice]:
    by_shelf: dict[str, list[str]] = defaultdict(list)
    for item, shelf in never_read.items():
        by_shelf[shelf].append(item)
    for shelf, items in by_shelf.items():
        text = (
            f"{shelf}: never read: {_named(items, names)}. Turn the tag towards the antenna, away from metal and "
            "liquids; if it stays silent, add power, move the antenna, or replace the tag."
        )
        yield Advice("never_read", shelf, text)


def _items(air: Airwaves, names: Names, leave_out: set[str]) -> Iterator[Advice]:
    weak: dict[str, list[str]] = defaultdict(list)
    elsewhere: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in air.items:
        if one.is_nearer_elsewhere and one.shelf not in leave_out:
            elsewhere[one.shelf, air.shelf_of[one.other]].append(one.item)
        elif one.is_weak and one.rate > 0:
            weak[one.shelf].append(one.item)
    for (shelf, other), items in elsewhere.items():
        text = (
            f"{shelf}: nearer to the antenna of {other} than to their own: {_named(items, names)}. "
            f"Move them inwards, or the antennas of {shelf} and {other} apart."
        )
        yield Advice("nearer_elsewhere", shelf, text)
    for shelf, items in weak.items():
        text = f"{shelf}: read in fewer than one cycle of five: {_named(items, names)}. Turn the tag, or add power."
        yield Advice("weak", shelf, text)


def _named(items: list[str], names: Names) -> str:
    listed = [names.labels.get(item) or item for item in sorted(items)[:_MOST_NAMED]]
    more = len(items) - len(listed)
    return ", ".join(listed) + (f" and {more} more" if more > 0 else "")
