"""Parameters of what a reader is told to do: ROSpecs and configuration (LLRP 1.0.1, sections 16.2.4 to 16.2.6)."""

from typing import Final

from models.llrp.layout import U8, U16, U32, U64, Bits, Parameter, Parameters, U8s, U16s

GEN2: Final = 1
"""The air protocol EPC Class 1 Generation 2."""


class RoSpec(Parameter, frozen=True):
    """What to do when. ``state`` 0 disabled, 1 inactive, 2 active."""

    TYPE = 177
    id: U32
    priority: U8 = 0
    state: U8 = 0
    children: Parameters = ()


class RoBoundarySpec(Parameter, frozen=True):
    """When a ROSpec starts and stops."""

    TYPE = 178
    children: Parameters = ()


class RoSpecStartTrigger(Parameter, frozen=True):
    """``trigger`` 0 none (START_ROSPEC starts it), 1 as soon as enabled, 2 periodic, 3 an input."""

    TYPE = 179
    trigger: U8
    children: Parameters = ()


class PeriodicTriggerValue(Parameter, frozen=True):
    """Starts ``offset_ms`` after it is enabled, and every ``period_ms``."""

    TYPE = 180
    offset_ms: U32
    period_ms: U32
    children: Parameters = ()


class GpiTriggerValue(Parameter, frozen=True):
    """Starts or stops when input ``port`` becomes ``event`` (0x80 high)."""

    TYPE = 181
    port: U16
    event: U8
    timeout_ms: U32


class RoSpecStopTrigger(Parameter, frozen=True):
    """``trigger`` 0 none, 1 after ``duration_ms``, 2 an input."""

    TYPE = 182
    trigger: U8
    duration_ms: U32 = 0
    children: Parameters = ()


class AiSpec(Parameter, frozen=True):
    """Inventory on ``antennas`` (0 is all of them)."""

    TYPE = 183
    antennas: U16s
    children: Parameters = ()


class AiSpecStopTrigger(Parameter, frozen=True):
    """``trigger`` 0 none, 1 after ``duration_ms``, 2 an input, 3 tags observed."""

    TYPE = 184
    trigger: U8
    duration_ms: U32 = 0
    children: Parameters = ()


class InventoryParameterSpec(Parameter, frozen=True):
    """How to take inventory by one air protocol."""

    TYPE = 186
    id: U16
    protocol: U8 = GEN2
    children: Parameters = ()


class LlrpConfigurationStateValue(Parameter, frozen=True):
    """A number that changes with the configuration."""

    TYPE = 217
    value: U32


class Identification(Parameter, frozen=True):
    """What a reader is called; ``id_type`` 0 is its MAC address."""

    TYPE = 218
    id_type: U8
    value: U8s


class GpoWriteData(Parameter, frozen=True):
    """Set output ``port``; ``level`` 0x80 is high."""

    TYPE = 219
    port: U16
    level: U8


class KeepaliveSpec(Parameter, frozen=True):
    """``trigger`` 0 none, 1 every ``period_ms``."""

    TYPE = 220
    trigger: U8
    period_ms: U32


class AntennaProperties(Parameter, frozen=True):
    """``flags`` 0x80: an antenna is connected; ``gain`` in hundredths of dBi."""

    TYPE = 221
    flags: U8
    antenna: U16
    gain: U16


class AntennaConfiguration(Parameter, frozen=True):
    """How to use an antenna (0 is all of them)."""

    TYPE = 222
    antenna: U16
    children: Parameters = ()


class RfReceiver(Parameter, frozen=True):
    """Receive sensitivity, an index into the reader's table."""

    TYPE = 223
    sensitivity: U16


class RfTransmitter(Parameter, frozen=True):
    """Transmit power ``power``, an index into the reader's table of levels."""

    TYPE = 224
    hop_table: U16
    channel: U16
    power: U16


class GpiPortCurrentState(Parameter, frozen=True):
    """Input ``port``: ``config`` 0x80 enabled; ``state`` 0 low, 1 high, 2 unknown."""

    TYPE = 225
    port: U16
    config: U8
    state: U8


class EventsAndReports(Parameter, frozen=True):
    """``flags`` 0x80: after a reconnect hold events and reports until ENABLE_EVENTS_AND_REPORTS."""

    TYPE = 226
    flags: U8


class RoReportSpec(Parameter, frozen=True):
    """When to report: ``trigger`` 1 at the AISpec's end or after ``count`` tags, 2 at the ROSpec's; 0: any number."""

    TYPE = 237
    trigger: U8
    count: U16
    children: Parameters = ()


class TagReportContentSelector(Parameter, frozen=True):
    """Which fields a tag report has; the ``REPORT_…`` bits."""

    TYPE = 238
    flags: U16
    children: Parameters = ()


REPORT_ANTENNA: Final = 0x1000
REPORT_PEAK_RSSI: Final = 0x0400
REPORT_FIRST_SEEN: Final = 0x0200
REPORT_LAST_SEEN: Final = 0x0100
REPORT_COUNT: Final = 0x0080


class AccessReportSpec(Parameter, frozen=True):
    """When to report what access operations gave."""

    TYPE = 239
    trigger: U8


class ReaderEventNotificationSpec(Parameter, frozen=True):
    """Which events to tell."""

    TYPE = 244
    children: Parameters = ()


class EventNotificationState(Parameter, frozen=True):
    """Tell events of ``event`` (an ``EVENT_…`` number) where ``flags`` is 0x80."""

    TYPE = 245
    event: U16
    flags: U8


EVENT_GPI: Final = 1
EVENT_ROSPEC: Final = 2
EVENT_BUFFER_LEVEL: Final = 3
EVENT_READER_EXCEPTION: Final = 4
EVENT_ANTENNA: Final = 8


class C1G2InventoryCommand(Parameter, frozen=True):
    """Gen2 inventory; ``flags`` 0x80: tag-inventory-state aware."""

    TYPE = 330
    flags: U8 = 0
    children: Parameters = ()


class C1G2Filter(Parameter, frozen=True):
    """Only tags that a mask matches."""

    TYPE = 331
    truncate: U8
    children: Parameters = ()


class C1G2TagInventoryMask(Parameter, frozen=True):
    """``mask`` from bit ``pointer`` of memory ``bank`` (top two bits)."""

    TYPE = 332
    bank: U8
    pointer: U16
    mask: Bits


class C1G2RfControl(Parameter, frozen=True):
    """The radio mode, an index into the reader's table of modes; ``tari_ns`` 0 is the mode's own."""

    TYPE = 335
    mode: U16
    tari_ns: U16 = 0


class C1G2SingulationControl(Parameter, frozen=True):
    """``session`` 0 to 3 in the top two bits; ``population`` as a hint."""

    TYPE = 336
    session: U8
    population: U16
    transit_ms: U32 = 0
    children: Parameters = ()


class C1G2EpcMemorySelector(Parameter, frozen=True):
    """``flags`` 0x80 report the CRC, 0x40 the PC bits."""

    TYPE = 348
    flags: U8


class UtcTimestamp(Parameter, frozen=True):
    """Microseconds since 1970 in UTC."""

    TYPE = 128
    us: U64


class Uptime(Parameter, frozen=True):
    """Microseconds since the reader started."""

    TYPE = 129
    us: U64
