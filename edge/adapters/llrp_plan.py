"""What a reader is told to do, from its settings and what it says it can: the messages, without sending them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.adapters.llrp_settings import Behaviour, LlrpReaderSettings
from models.llrp.capabilities import (
    FrequencyHopTable,
    FrequencyInformation,
    GeneralDeviceCapabilities,
    RegulatoryCapabilities,
    TransmitPowerLevelTableEntry,
    UhfBandCapabilities,
)
from models.llrp.layout import Parameter, every, first
from models.llrp.messages import AddRoSpec, GetReaderCapabilitiesResponse, SetReaderConfig
from models.llrp.rospec import (
    EVENT_ANTENNA,
    EVENT_BUFFER_LEVEL,
    EVENT_GPI,
    EVENT_READER_EXCEPTION,
    REPORT_ANTENNA,
    REPORT_COUNT,
    REPORT_FIRST_SEEN,
    REPORT_LAST_SEEN,
    REPORT_PEAK_RSSI,
    AiSpec,
    AiSpecStopTrigger,
    AntennaConfiguration,
    C1G2InventoryCommand,
    C1G2RfControl,
    C1G2SingulationControl,
    EventNotificationState,
    EventsAndReports,
    InventoryParameterSpec,
    KeepaliveSpec,
    PeriodicTriggerValue,
    ReaderEventNotificationSpec,
    RfTransmitter,
    RoBoundarySpec,
    RoReportSpec,
    RoSpec,
    RoSpecStartTrigger,
    RoSpecStopTrigger,
    TagReportContentSelector,
)

ROSPEC: Final = 1
_REPORTED: Final = REPORT_ANTENNA | REPORT_PEAK_RSSI | REPORT_FIRST_SEEN | REPORT_LAST_SEEN | REPORT_COUNT
_EVENTS: Final = (EVENT_GPI, EVENT_BUFFER_LEVEL, EVENT_READER_EXCEPTION, EVENT_ANTENNA)
_HOPS, _ON = 0x80, 0x80


@dataclass(frozen=True)
class RoSpecPlan:
    """How a behaviour reads: in cycles or without a break, in which session, and when it reports."""

    in_cycles: bool
    session: int
    report_every: int
    """Report after so many tags; 0: when the cycle ends."""


BEHAVIOURS: Final[dict[Behaviour, RoSpecPlan]] = {
    # Session 1: a tag answers again after 0.5 to 5 s, so that strong tags leave room for weak ones, cycle by cycle.
    "shelf": RoSpecPlan(in_cycles=True, session=1, report_every=0),
    # Session 0: a tag answers each time it is asked; nobody who walks through a door may be missed.
    "exit": RoSpecPlan(in_cycles=False, session=0, report_every=1),
    # Session 2: a tag that has answered is quiet while it is powered; the many that have not get their turn.
    "counting": RoSpecPlan(in_cycles=True, session=2, report_every=0),
}


@dataclass(frozen=True)
class Abilities:
    """What of a reader's capabilities matters here."""

    max_antennas: int
    manufacturer: int
    model: int
    firmware: str
    powers: tuple[tuple[int, float], ...]
    """(index, dBm) of each transmit power level."""
    hop_table: int
    """Its first hop table; 0 where it does not hop."""


def abilities(response: GetReaderCapabilitiesResponse) -> Abilities:
    """Take what matters out of the reader's answer; what it leaves out is assumed to be nothing special."""
    general = first(response, GeneralDeviceCapabilities) or GeneralDeviceCapabilities(0, 0, 0, 0, "")
    region = first(response, RegulatoryCapabilities)
    band = first(region, UhfBandCapabilities) if region else None
    powers = every(band, TransmitPowerLevelTableEntry) if band else []
    frequencies = first(band, FrequencyInformation) if band else None
    tables = every(frequencies, FrequencyHopTable) if frequencies and frequencies.flags & _HOPS else []
    return Abilities(
        max_antennas=general.max_antennas,
        manufacturer=general.manufacturer,
        model=general.model,
        firmware=general.firmware,
        powers=tuple((entry.index, entry.centi_dbm / 100) for entry in powers),
        hop_table=tables[0].table if tables else 0,
    )


def missing_antennas(settings: LlrpReaderSettings, can: Abilities) -> list[int]:
    """Configured antennas that the reader has no port for."""
    return [antenna for antenna in settings.antennas if can.max_antennas and antenna > can.max_antennas]


def reader_config(settings: LlrpReaderSettings) -> SetReaderConfig:
    """Factory defaults, then: tell events, keep alive, and hold nothing back."""
    events = tuple(EventNotificationState(event, _ON) for event in _EVENTS)
    return SetReaderConfig(
        flags=_ON,
        children=(
            ReaderEventNotificationSpec(events),
            KeepaliveSpec(1, max(1, round(settings.keepalive_s * 1000))),
            EventsAndReports(0),
        ),
    )


def add_rospec(settings: LlrpReaderSettings, can: Abilities) -> AddRoSpec:
    """The one ROSpec that the behaviour needs; it starts by itself when it is enabled."""
    plan = BEHAVIOURS[settings.behaviour]
    unusable = missing_antennas(settings, can)
    antennas = tuple(antenna for antenna in sorted(settings.antennas) if antenna not in unusable)
    inventory = InventoryParameterSpec(1, children=tuple(_antenna(n, settings, can, plan) for n in antennas))
    inventory_spec = AiSpec(antennas, (AiSpecStopTrigger(0), inventory))
    reports = RoReportSpec(2 if plan.in_cycles else 1, plan.report_every, (TagReportContentSelector(_REPORTED),))
    return AddRoSpec((RoSpec(ROSPEC, children=(_boundary(settings, plan), inventory_spec, reports)),))


def _boundary(settings: LlrpReaderSettings, plan: RoSpecPlan) -> RoBoundarySpec:
    if not plan.in_cycles:
        return RoBoundarySpec((RoSpecStartTrigger(1), RoSpecStopTrigger(0)))
    # It must be over before it starts again: a trigger that finds the ROSpec active is lost.
    pause_ms = max(10, settings.cycle_ms // 50)
    start = RoSpecStartTrigger(2, (PeriodicTriggerValue(0, settings.cycle_ms),))
    return RoBoundarySpec((start, RoSpecStopTrigger(1, settings.cycle_ms - pause_ms)))


def _antenna(number: int, settings: LlrpReaderSettings, can: Abilities, plan: RoSpecPlan) -> AntennaConfiguration:
    session = plan.session if settings.session is None else settings.session
    commands: tuple[Parameter, ...] = (C1G2SingulationControl(session << 6, settings.population),)
    if settings.mode is not None:
        commands = (C1G2RfControl(settings.mode), *commands)
    power = power_index(can.powers, settings.power_dbm)
    # The channel counts only where the reader does not hop; it is numbered from 1, and some refuse 0 in any case.
    radio = (RfTransmitter(can.hop_table, 1, power),) if power is not None else ()
    return AntennaConfiguration(number, (*radio, C1G2InventoryCommand(0, commands)))


def power_index(powers: Sequence[tuple[int, float]], dbm: float | None) -> int | None:
    """The strongest level that is not above ``dbm``, or the weakest there is; ``None``: leave it as it is."""
    if dbm is None or not powers:
        return None
    allowed = [(level, index) for index, level in powers if level <= dbm + 0.005]
    return max(allowed)[1] if allowed else min((level, index) for index, level in powers)[1]
