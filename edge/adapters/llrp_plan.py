"""What a reader is told to do, from its settings and what it says it can: the messages, without sending them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.adapters.llrp_extensions import inventory_extensions, reader_extensions
from edge.adapters.llrp_profile import ReaderProfile
from edge.adapters.llrp_settings import Behaviour, LlrpReaderSettings
from models.llrp.capabilities import (
    FrequencyHopTable,
    FrequencyInformation,
    GeneralDeviceCapabilities,
    GpioCapabilities,
    LlrpCapabilities,
    RegulatoryCapabilities,
    TransmitPowerLevelTableEntry,
    UhfBandCapabilities,
    UhfC1G2RfModeTable,
    UhfC1G2RfModeTableEntry,
)
from models.llrp.layout import Parameter, every, first
from models.llrp.messages import AddRoSpec, GetReaderCapabilitiesResponse, SetReaderConfig
from models.llrp.rospec import (
    EVENT_ANTENNA,
    EVENT_BUFFER_LEVEL,
    EVENT_GPI,
    EVENT_READER_EXCEPTION,
    EVENT_ROSPEC,
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
    GpiPortCurrentState,
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
_EVENTS: Final = (EVENT_GPI, EVENT_ROSPEC, EVENT_READER_EXCEPTION, EVENT_ANTENNA)
_HOPS, _ON, _WARNS_OF_BUFFER, _UNKNOWN = 0x80, 0x80, 0x40, 2


@dataclass(frozen=True)
class RoSpecPlan:
    """How a behaviour reads: in cycles or without a break, and when it reports."""

    in_cycles: bool
    report_every: int
    """Report after so many tags; 0: when the cycle ends."""


BEHAVIOURS: Final[dict[Behaviour, RoSpecPlan]] = {
    "shelf": RoSpecPlan(in_cycles=True, report_every=0),
    "exit": RoSpecPlan(in_cycles=False, report_every=1),
    "counting": RoSpecPlan(in_cycles=True, report_every=0),
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
    modes: tuple[int, ...] = ()
    """Its radio modes; none where it does not say."""
    inputs: int | None = None
    """How many general-purpose inputs it has, where it says so."""
    warns_of_buffer: bool = True


def abilities(response: GetReaderCapabilitiesResponse) -> Abilities:
    """Take what matters out of the reader's answer; what it leaves out is assumed to be nothing special."""
    general = first(response, GeneralDeviceCapabilities) or GeneralDeviceCapabilities(0, 0, 0, 0, "")
    region = first(response, RegulatoryCapabilities)
    band = first(region, UhfBandCapabilities) if region else None
    powers = every(band, TransmitPowerLevelTableEntry) if band else []
    frequencies = first(band, FrequencyInformation) if band else None
    modes = first(band, UhfC1G2RfModeTable) if band else None
    gpio, llrp = first(general, GpioCapabilities), first(response, LlrpCapabilities)
    tables = every(frequencies, FrequencyHopTable) if frequencies and frequencies.flags & _HOPS else []
    return Abilities(
        max_antennas=general.max_antennas,
        manufacturer=general.manufacturer,
        model=general.model,
        firmware=general.firmware,
        powers=tuple((entry.index, entry.centi_dbm / 100) for entry in powers),
        hop_table=tables[0].table if tables else 0,
        modes=tuple(entry.mode for entry in every(modes, UhfC1G2RfModeTableEntry)) if modes else (),
        inputs=gpio.inputs if gpio else None,
        warns_of_buffer=llrp is None or bool(llrp.flags & _WARNS_OF_BUFFER),
    )


def missing_antennas(settings: LlrpReaderSettings, can: Abilities) -> list[int]:
    """Configured antennas that the reader has no port for."""
    return [antenna for antenna in settings.antennas if can.max_antennas and antenna > can.max_antennas]


def misfits(settings: LlrpReaderSettings, can: Abilities) -> list[str]:
    """What of the settings this reader cannot do, each with what to do about it."""
    found = [
        f"it has {can.max_antennas} antenna ports: plug antenna {antenna} ({settings.antennas[antenna]}) into one of "
        "them and say so in antennas"
        for antenna in missing_antennas(settings, can)
    ]
    found += _power_misfits(settings, can)
    if settings.mode is not None and can.modes and settings.mode not in can.modes:
        modes = ", ".join(map(str, can.modes))
        found.append(f"it has no radio mode {settings.mode}, so its own is used: set mode to one of {modes}")
    found += [
        f"it has {can.inputs} inputs: take {port} out of inputs"
        for port in settings.inputs
        if can.inputs is not None and port > can.inputs
    ]
    return found


def _power_misfits(settings: LlrpReaderSettings, can: Abilities) -> list[str]:
    levels = sorted(level for _, level in can.powers)
    wanted = [("power_dbm", settings.power_dbm)]
    wanted += [(f"antenna_power_dbm of {port}", dbm) for port, dbm in sorted(settings.antenna_power_dbm.items())]
    if not levels:
        return []
    weakest, strongest = levels[0], levels[-1]
    return [
        f"it sends with {weakest:g} to {strongest:g} dBm, so with {strongest if dbm > weakest else weakest:g}: "
        f"set {key} between them"
        for key, dbm in wanted
        if dbm is not None and not weakest - 0.005 <= dbm <= strongest + 0.005
    ]


def usable_inputs(settings: LlrpReaderSettings, can: Abilities) -> list[int]:
    """Configured inputs that the reader has."""
    return [port for port in settings.inputs if can.inputs is None or port <= can.inputs]


def reader_config(settings: LlrpReaderSettings, can: Abilities, profile: ReaderProfile) -> SetReaderConfig:
    """Factory defaults, then: tell events, keep alive, listen to inputs, and hold nothing back."""
    kinds = (*_EVENTS, EVENT_BUFFER_LEVEL) if can.warns_of_buffer else _EVENTS
    events = tuple(EventNotificationState(event, _ON) for event in kinds)
    inputs = tuple(GpiPortCurrentState(port, _ON, _UNKNOWN) for port in usable_inputs(settings, can))
    return SetReaderConfig(
        flags=_ON,
        children=(
            ReaderEventNotificationSpec(events),
            KeepaliveSpec(1, max(1, round(settings.keepalive_s * 1000))),
            *inputs,
            EventsAndReports(0),
            *reader_extensions(profile),
        ),
    )


def add_rospec(settings: LlrpReaderSettings, can: Abilities, profile: ReaderProfile) -> AddRoSpec:
    """The one ROSpec that the behaviour needs; it starts by itself when it is enabled."""
    plan = BEHAVIOURS[settings.behaviour]
    unusable = missing_antennas(settings, can)
    antennas = tuple(antenna for antenna in sorted(settings.antennas) if antenna not in unusable)
    inventory = InventoryParameterSpec(1, children=tuple(_antenna(n, settings, can, profile) for n in antennas))
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


def _antenna(
    number: int, settings: LlrpReaderSettings, can: Abilities, profile: ReaderProfile
) -> AntennaConfiguration:
    how = profile.inventory(settings.behaviour)
    session = how.session if settings.session is None else settings.session
    population = how.population if settings.population is None else settings.population
    control = C1G2SingulationControl((session or 0) << 6, population or 1)
    commands: tuple[Parameter, ...] = (control, *inventory_extensions(profile, how))
    mode = how.mode if settings.mode is None else settings.mode
    if mode is not None and (not can.modes or mode in can.modes):
        commands = (C1G2RfControl(mode), *commands)
    power = power_index(can.powers, settings.antenna_power_dbm.get(number, settings.power_dbm))
    # The channel counts only where the reader does not hop; it is numbered from 1, and some refuse 0 in any case.
    radio = (RfTransmitter(can.hop_table, 1, power),) if power is not None else ()
    return AntennaConfiguration(number, (*radio, C1G2InventoryCommand(0, commands)))


def power_index(powers: Sequence[tuple[int, float]], dbm: float | None) -> int | None:
    """The strongest level that is not above ``dbm``, or the weakest there is; ``None``: leave it as it is."""
    if dbm is None or not powers:
        return None
    allowed = [(level, index) for index, level in powers if level <= dbm + 0.005]
    return max(allowed)[1] if allowed else min((level, index) for index, level in powers)[1]
