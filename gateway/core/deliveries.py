"""What came of what was expected: the same sums in whatever order cartons, tags and pieces were seen.

Three witnesses speak of the same pieces, so a line came as often as the one says that saw most: a unit that a clerk
took over unopened vouches for all of its lines, tags for one piece each, and what clerks scanned or counted by hand.
A unit whose tag a reader saw is there, but nobody vouches for what is in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

SeenKind = Literal["unit", "tag", "hand"]


@dataclass(frozen=True, slots=True)
class Line:
    """Pieces of one product expected in a unit; ``epcs`` where the sender knows each."""

    gtin: str
    expected: int
    epcs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Unit:
    """A logistic unit of a notice; without ``sscc``: loose goods."""

    sscc: str | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that was seen: a unit (taken over unopened where ``accepted``), a tag, or pieces by hand."""

    kind: SeenKind
    t_ms: int
    sscc: str | None = None
    epc: str | None = None
    gtin: str | None = None
    quantity: int = 1
    accepted: bool = False


@dataclass(slots=True)
class LineTally:
    """What of one line came, by each witness."""

    gtin: str
    expected: int
    by_unit: int = 0
    by_tag: int = 0
    by_hand: int = 0

    @property
    def received(self) -> int:
        """How many pieces came."""
        return max(self.by_unit, self.by_tag, self.by_hand)


@dataclass(slots=True)
class UnitTally:
    """What of one unit came; ``seen_ms`` is when it was first seen."""

    sscc: str | None
    lines: list[LineTally]
    seen_ms: int | None = None
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Unexpected:
    """Something that no line of the notice speaks of."""

    quantity: int
    gtin: str | None = None
    epc: str | None = None
    sscc: str | None = None


@dataclass(slots=True)
class Tally:
    """A whole delivery: what came of each unit, and what nobody expected."""

    units: list[UnitTally]
    unexpected: list[Unexpected] = field(default_factory=list)

    @property
    def expected(self) -> int:
        """Pieces on the notice."""
        return sum(line.expected for unit in self.units for line in unit.lines)

    @property
    def received(self) -> int:
        """Pieces of its products that came."""
        return sum(line.received for unit in self.units for line in unit.lines)

    def by_product(self) -> dict[str, tuple[int, int]]:
        """GTIN → expected and received, what nobody expected included."""
        sums: dict[str, tuple[int, int]] = {}
        for unit in self.units:
            for line in unit.lines:
                expected, received = sums.get(line.gtin, (0, 0))
                sums[line.gtin] = expected + line.expected, received + line.received
        for one in self.unexpected:
            if one.gtin is not None:
                expected, received = sums.get(one.gtin, (0, 0))
                sums[one.gtin] = expected, received + one.quantity
        return sums


def tally(units: Sequence[Unit], seen: Iterable[Seen]) -> Tally:
    """Hold what was seen against what was expected."""
    found = Tally(
        [UnitTally(unit.sscc, [LineTally(line.gtin, line.expected) for line in unit.lines]) for unit in units]
    )
    seen = list(seen)
    _units(found, seen)
    _tags(found, units, {one.epc: one.gtin for one in seen if one.kind == "tag" and one.epc is not None})
    by_hand: dict[str, int] = {}
    for one in seen:
        if one.kind == "hand" and one.gtin is not None:
            by_hand[one.gtin] = by_hand.get(one.gtin, 0) + one.quantity
    for gtin, pieces in sorted(by_hand.items()):
        # Who counts by hand counts what was opened; after that, what was not only to make sure of it.
        every = _lines_of(found, gtin)
        lines = [line for is_unopened, line in every if not is_unopened] or [line for _is, line in every]
        for line, share in zip(lines, shares([line.expected for line in lines], pieces), strict=True):
            line.by_hand += share
        if not lines:
            found.unexpected.append(Unexpected(pieces, gtin=gtin))
    found.unexpected = _join(found.unexpected)
    return found


def _units(found: Tally, seen: Sequence[Seen]) -> None:
    by_sscc = {unit.sscc: unit for unit in found.units if unit.sscc is not None}
    strange = set()
    for one in seen:
        if one.kind != "unit" or one.sscc is None:
            continue
        unit = by_sscc.get(one.sscc)
        if unit is None:
            strange.add(one.sscc)
            continue
        unit.seen_ms = one.t_ms if unit.seen_ms is None else min(unit.seen_ms, one.t_ms)
        unit.accepted = unit.accepted or one.accepted
    for unit in found.units:
        if unit.accepted:
            for line in unit.lines:
                line.by_unit = line.expected
    found.unexpected += [Unexpected(1, sscc=sscc) for sscc in sorted(strange)]


def _tags(found: Tally, units: Sequence[Unit], tags: dict[str, str | None]) -> None:
    """Each tag is one piece: of the line that names it, else of its product's lines."""
    named = {
        epc: tallied
        for unit, tally_of in zip(units, found.units, strict=True)
        for line, tallied in zip(unit.lines, tally_of.lines, strict=True)
        for epc in line.epcs
    }
    loose: dict[str, int] = {}
    for epc, gtin in sorted(tags.items()):
        if epc in named:
            named[epc].by_tag += 1
        elif gtin is None:
            found.unexpected.append(Unexpected(1, epc=epc))
        else:
            loose[gtin] = loose.get(gtin, 0) + 1
    for gtin, pieces in sorted(loose.items()):
        # A reader sees through a closed carton: what is missing then shows as missing, and somebody looks.
        lines = [line for _is_unopened, line in sorted(_lines_of(found, gtin), key=lambda pair: not pair[0])]
        rooms = [max(line.expected - line.by_tag, 0) for line in lines]
        for line, share in zip(lines, shares(rooms, pieces), strict=True):
            line.by_tag += share
        if not lines:
            found.unexpected.append(Unexpected(pieces, gtin=gtin))


def _lines_of(found: Tally, gtin: str) -> list[tuple[bool, LineTally]]:
    """A product's lines, and whether each is of a unit that was taken over unopened."""
    return [(unit.accepted, line) for unit in found.units for line in unit.lines if line.gtin == gtin]


def shares(rooms: Sequence[int], pieces: int) -> list[int]:
    """Fill rooms one after the other; what is over goes to the last."""
    found = []
    for room in rooms:
        found.append(min(room, pieces))
        pieces -= found[-1]
    if found:
        found[-1] += pieces
    return found


def _join(unexpected: Iterable[Unexpected]) -> list[Unexpected]:
    """One row per product: tags and hands speak of the same pieces."""
    by_gtin: dict[str, int] = {}
    others = []
    for one in unexpected:
        if one.gtin is None:
            others.append(one)
        else:
            by_gtin[one.gtin] = max(by_gtin.get(one.gtin, 0), one.quantity)
    return others + [Unexpected(quantity, gtin=gtin) for gtin, quantity in sorted(by_gtin.items())]
