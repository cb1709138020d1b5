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
_MOST_NAMED: Final = 6
_URGENT: Final = ("deaf", "far", "quiet", "weak_shelf", "loud", "untested")


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
    exchanged = {shelf for pair in swapped for shelf in pair}
    antennas = [_antenna(air, one, never_read, names) for one in air.antennas if one.shelf not in exchanged]
    found = [one for one in antennas if one is not None]
    found.sort(key=lambda one: _URGENT.index(one.kind))
    # Where the antenna is the matter, its items need no advice of their own.
    mended = exchanged | {one.about for one in found if one.kind != "loud"}
    return [*map(_exchange, swapped), *found, *_unread(never_read, names), *_items(air, names, mended)]


def power_hints(air: Airwaves, power_dbm: Mapping[str, float | None]) -> dict[str, str]:
    """Antenna → what to do with its power; antennas that are well are left out."""
    hints = {}
    for one in air.antennas:
        quiet, loud = _is_quiet(one), _is_loud(air, one)
        if quiet and loud:
            hints[one.antenna] = "move it nearer to its own shelf; more power would reach the others, too"
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


def _antenna(air: Airwaves, one: AntennaFigures, never_read: Mapping[str, str], names: Names) -> Advice | None:
    """The one thing to do about an antenna; ``None`` where it is well."""
    who = f"Antenna {one.antenna} ({one.shelf})"
    if not one.stands:
        return Advice(
            "untested", one.shelf, f"{one.shelf}: no known item stood there for long: nothing is said of it."
        )
    if one.reads == 0:
        return Advice("deaf", one.shelf, f"{who} read nothing at all: check its cable, and its number in edge.toml.")
    hint = power_hints(air, names.power_dbm).get(one.antenna, "")
    overheard = ", ".join(_overheard(air, one))
    rate = "" if one.rate is None else f"reads its own items in {one.rate:.0%} of the cycles".replace("%", " %")
    if _is_quiet(one) and overheard:
        return Advice("far", one.shelf, f"{who} {rate}, and {overheard} nearly as well: {hint}.")
    if _is_quiet(one):
        return Advice("quiet", one.shelf, f"{who} {rate}: {hint}.")
    stood = {item.item: item.is_weak for item in air.items if item.shelf == one.shelf}
    weak = sum(is_weak or item in never_read for item, is_weak in stood.items())
    if weak > 1 and weak > MANY * len(stood):
        text = f"{who} reads {weak} of its {len(stood)} items rarely or never: turn it towards them."
        return Advice("weak_shelf", one.shelf, text)
    if overheard:
        return Advice(
            "loud", one.shelf, f"{who} hears {overheard} nearly as well as its own shelf: {hint}, or turn it."
        )
    return None


def _exchange(pair: tuple[str, str]) -> Advice:
    one, other = pair
    text = (
        f"{one} and {other} hear each other's items better than their own: exchange their cables, or their numbers."
    )
    return Advice("swapped", f"{one}, {other}", text)


def _swapped(air: Airwaves) -> list[tuple[str, str]]:
    pairs = [(one, other) for at, one in enumerate(air.shelves) for other in air.shelves[at + 1 :]]
    return [
        (one, other)
        for one, other in pairs
        if air.between(other, one) > 2 * air.between(one, one)
        and air.between(one, other) > 2 * air.between(other, other)
    ]


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
    elsewhere: dict[str, dict[str, str]] = defaultdict(dict)
    for one in air.items:
        if one.shelf in leave_out:
            continue
        if one.is_nearer_elsewhere:
            elsewhere[one.shelf][one.item] = air.shelf_of[one.other]
        elif one.is_weak and one.rate > 0:
            weak[one.shelf].append(one.item)
    for shelf, items in elsewhere.items():
        others = ", ".join(dict.fromkeys(items.values()))
        text = (
            f"{shelf}: nearer to {others} than to their own antenna: {_named(list(items), names)}. Move them inwards."
        )
        yield Advice("nearer_elsewhere", shelf, text)
    for shelf, found in weak.items():
        text = f"{shelf}: read in fewer than one cycle of five: {_named(found, names)}. Turn the tag, or add power."
        yield Advice("weak", shelf, text)


def _named(items: list[str], names: Names) -> str:
    listed = [names.labels.get(item) or item for item in sorted(items)[:_MOST_NAMED]]
    more = len(items) - len(listed)
    return ", ".join(listed) + (f" and {more} more" if more > 0 else "")
