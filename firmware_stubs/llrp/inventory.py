"""What a reader does with ROSpecs (LLRP 1.0.1, section 6) and the tags that its antennas see. No sockets here."""

from dataclasses import dataclass, field
from typing import Final

from models.llrp.layout import BitString, Parameter, Parameters, every, first
from models.llrp.reports import (
    AntennaId,
    Epc96,
    EpcData,
    FirstSeenUtc,
    LastSeenUtc,
    PeakRssi,
    TagReportData,
    TagSeenCount,
)
from models.llrp.rospec import (
    REPORT_ANTENNA,
    REPORT_COUNT,
    REPORT_FIRST_SEEN,
    REPORT_LAST_SEEN,
    REPORT_PEAK_RSSI,
    AiSpec,
    PeriodicTriggerValue,
    RoBoundarySpec,
    RoReportSpec,
    RoSpec,
    RoSpecStartTrigger,
    RoSpecStopTrigger,
    TagReportContentSelector,
)

SUCCESS: Final = 0
PARAMETER_ERROR: Final = 100
FIELD_ERROR: Final = 101
UNSUPPORTED_PARAMETER: Final = 111
DISABLED, INACTIVE, ACTIVE = 0, 1, 2
MAX_ROSPECS: Final = 4
MAX_HELD_TAGS: Final = 10_000


class Refusal(Exception):
    """The reader says no: ``code`` is the LLRPStatus."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass
class _Seen:
    rssi_dbm: float
    first_us: int
    last_us: int
    count: int = 1


@dataclass
class Inventory:
    """One ROSpec at work."""

    spec: RoSpec
    state: int = DISABLED
    seen: dict[tuple[str, int], _Seen] = field(default_factory=dict)

    @property
    def period_s(self) -> float | None:
        """How often it starts by itself, ``None`` where it has no period."""
        trigger = self._start()
        period = first(trigger, PeriodicTriggerValue) if trigger else None
        return period.period_ms / 1000 if period else None

    @property
    def duration_s(self) -> float | None:
        """How long it runs, ``None`` until it is told to stop."""
        boundary = first(self.spec, RoBoundarySpec)
        stop = first(boundary, RoSpecStopTrigger) if boundary else None
        return stop.duration_ms / 1000 if stop and stop.trigger == 1 else None

    @property
    def starts_at_once(self) -> bool:
        """Whether enabling it starts it."""
        trigger = self._start()
        return trigger is not None and trigger.trigger == 1

    @property
    def report_every(self) -> int:
        """After how many tags it reports; 0: when it ends."""
        reports = first(self.spec, RoReportSpec)
        return reports.count if reports and reports.trigger == 1 else 0

    def _start(self) -> RoSpecStartTrigger | None:
        boundary = first(self.spec, RoBoundarySpec)
        return first(boundary, RoSpecStartTrigger) if boundary else None

    def hears(self, antenna: int) -> bool:
        """Whether it takes inventory on ``antenna``."""
        antennas = {number for spec in every(self.spec, AiSpec) for number in spec.antennas}
        return antenna in antennas or 0 in antennas

    def see(self, epc: str, antenna: int, rssi_dbm: float, now_us: int) -> bool:
        """A tag answers. False where its memory is full."""
        known = self.seen.get((epc, antenna))
        if known is not None:
            known.rssi_dbm, known.last_us = max(known.rssi_dbm, rssi_dbm), now_us
            known.count = min(known.count + 1, 0xFFFF)
            return True
        if len(self.seen) >= MAX_HELD_TAGS:
            return False
        self.seen[epc, antenna] = _Seen(rssi_dbm, now_us, now_us)
        return True

    def report(self) -> Parameters:
        """What it has seen since it last reported, with the fields that the client selected."""
        reports = first(self.spec, RoReportSpec)
        selector = first(reports, TagReportContentSelector) if reports else None
        flags = selector.flags if selector else 0
        tags = tuple(_tag(epc, antenna, seen, flags) for (epc, antenna), seen in self.seen.items())
        self.seen.clear()
        return tags


def _tag(epc: str, antenna: int, seen: _Seen, flags: int) -> TagReportData:
    data = bytes.fromhex(epc)
    fields: list[Parameter] = [Epc96(data) if len(data) == 12 else EpcData(BitString(len(data) * 8, data))]
    if flags & REPORT_ANTENNA:
        fields.append(AntennaId(antenna))
    if flags & REPORT_PEAK_RSSI:
        fields.append(PeakRssi(max(-128, min(127, round(seen.rssi_dbm)))))
    if flags & REPORT_FIRST_SEEN:
        fields.append(FirstSeenUtc(seen.first_us))
    if flags & REPORT_LAST_SEEN:
        fields.append(LastSeenUtc(seen.last_us))
    if flags & REPORT_COUNT:
        fields.append(TagSeenCount(seen.count))
    return TagReportData(tuple(fields))


class RoSpecs:
    """The ROSpecs of a reader and their states: disabled → inactive → active, and what may follow what."""

    def __init__(self, antennas: int) -> None:
        self._antennas = antennas
        self.by_id: dict[int, Inventory] = {}

    def add(self, spec: RoSpec | None) -> None:
        """Add one, disabled. Raises ``Refusal``."""
        if spec is None:
            raise Refusal(PARAMETER_ERROR, "ADD_ROSPEC without a ROSpec")
        if spec.id == 0 or spec.id in self.by_id:
            raise Refusal(FIELD_ERROR, f"ROSpec {spec.id} exists already, or is 0")
        if len(self.by_id) >= MAX_ROSPECS:
            raise Refusal(PARAMETER_ERROR, f"at most {MAX_ROSPECS} ROSpecs")
        if spec.state != DISABLED or first(spec, RoBoundarySpec) is None or first(spec, AiSpec) is None:
            raise Refusal(PARAMETER_ERROR, "a ROSpec is added disabled and has a boundary and an AISpec")
        wrong = [number for ai in every(spec, AiSpec) for number in ai.antennas if number > self._antennas]
        if wrong:
            raise Refusal(FIELD_ERROR, f"antenna {wrong[0]} of {self._antennas}")
        self.by_id[spec.id] = Inventory(spec)

    def states(self) -> list[RoSpec]:
        """All of them, with the state that each has now."""
        return [RoSpec(one.spec.id, one.spec.priority, one.state, one.spec.children) for one in self.by_id.values()]

    def named(self, rospec: int, *, or_all: bool = False) -> list[Inventory]:
        """The one with this id; with ``or_all``, 0 is all of them. Raises ``Refusal``."""
        if rospec == 0 and or_all:
            return list(self.by_id.values())
        if rospec not in self.by_id:
            raise Refusal(FIELD_ERROR, f"there is no ROSpec {rospec}")
        return [self.by_id[rospec]]

    def delete(self, rospec: int) -> list[Inventory]:
        """Delete; gives those that are no more. Raises ``Refusal``."""
        gone = self.named(rospec, or_all=True)
        for inventory in gone:
            inventory.state = DISABLED
            del self.by_id[inventory.spec.id]
        return gone

    def enable(self, rospec: int) -> list[Inventory]:
        """Enable; gives those that were disabled. Raises ``Refusal``."""
        changed = [inventory for inventory in self.named(rospec, or_all=True) if inventory.state == DISABLED]
        for inventory in changed:
            inventory.state = INACTIVE
        return changed

    def start(self, rospec: int) -> Inventory:
        """Start an enabled one. Raises ``Refusal``."""
        (inventory,) = self.named(rospec)
        if inventory.state == DISABLED:
            raise Refusal(PARAMETER_ERROR, f"ROSpec {rospec} is disabled")
        inventory.state = ACTIVE
        return inventory

    def stop(self, rospec: int, state: int = INACTIVE) -> list[Inventory]:
        """Stop (or disable); gives those that were not. Raises ``Refusal``."""
        changed = [one for one in self.named(rospec, or_all=state == DISABLED) if one.state > state]
        for inventory in changed:
            inventory.state = state
        return changed
