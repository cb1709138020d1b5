"""Parameters of what a reader says: tags, events, statuses (LLRP 1.0.1, sections 16.2.7 to 16.2.8)."""

from typing import Final

from models.llrp.layout import S8, U8, U16, U32, U64, Bits, Epc96Bytes, Parameter, Parameters, Rest, Utf8


class AntennaId(Parameter, frozen=True):
    """The antenna that saw the tag."""

    TYPE = 1
    antenna: U16


class FirstSeenUtc(Parameter, frozen=True):
    """When the tag was first seen in this report, microseconds since 1970 by the reader's clock."""

    TYPE = 2
    us: U64


class FirstSeenUptime(Parameter, frozen=True):
    """The same since the reader started."""

    TYPE = 3
    us: U64


class LastSeenUtc(Parameter, frozen=True):
    """When the tag was last seen in this report, microseconds since 1970 by the reader's clock."""

    TYPE = 4
    us: U64


class LastSeenUptime(Parameter, frozen=True):
    """The same since the reader started."""

    TYPE = 5
    us: U64


class PeakRssi(Parameter, frozen=True):
    """The strongest signal in this report."""

    TYPE = 6
    dbm: S8


class ChannelIndex(Parameter, frozen=True):
    """Where in the hop table it was seen."""

    TYPE = 7
    channel: U16


class TagSeenCount(Parameter, frozen=True):
    """How often it was seen in this report."""

    TYPE = 8
    count: U16


class RoSpecId(Parameter, frozen=True):
    """The ROSpec that saw it."""

    TYPE = 9
    rospec: U32


class InventoryParameterSpecId(Parameter, frozen=True):
    """The inventory specification that saw it."""

    TYPE = 10
    spec: U16


class C1G2Crc(Parameter, frozen=True):
    """The tag's CRC."""

    TYPE = 11
    crc: U16


class C1G2Pc(Parameter, frozen=True):
    """The tag's protocol control bits."""

    TYPE = 12
    pc: U16


class Epc96(Parameter, frozen=True):
    """An EPC of 96 bits."""

    TYPE = 13
    epc: Epc96Bytes


class SpecIndex(Parameter, frozen=True):
    """Which specification of the ROSpec saw it."""

    TYPE = 14
    index: U16


class ClientRequestOpSpecResult(Parameter, frozen=True):
    """The operation that the client asked for."""

    TYPE = 15
    op_spec: U16


class AccessSpecId(Parameter, frozen=True):
    """The AccessSpec that ran."""

    TYPE = 16
    access_spec: U32


class OpSpecId(Parameter, frozen=True):
    """The operation that ran."""

    TYPE = 17
    op_spec: U16


class C1G2SingulationDetails(Parameter, frozen=True):
    """Collided and empty slots."""

    TYPE = 18
    collisions: U16
    empty_slots: U16


class C1G2XpcW1(Parameter, frozen=True):
    """The first word of extended protocol control."""

    TYPE = 19
    word: U16


class C1G2XpcW2(Parameter, frozen=True):
    """The second word of extended protocol control."""

    TYPE = 20
    word: U16


class TagReportData(Parameter, frozen=True):
    """One tag. ``tags.decode_tags`` is the fast way to read these."""

    TYPE = 240
    children: Parameters = ()


class EpcData(Parameter, frozen=True):
    """An EPC of any length."""

    TYPE = 241
    epc: Bits


class ReaderEventNotificationData(Parameter, frozen=True):
    """What happened: a timestamp and at least one event."""

    TYPE = 246
    children: Parameters = ()


class HoppingEvent(Parameter, frozen=True):
    """It hopped."""

    TYPE = 247
    hop_table: U16
    next_channel: U16


class GpiEvent(Parameter, frozen=True):
    """Input ``port`` went ``state`` (0x80 high)."""

    TYPE = 248
    port: U16
    state: U8


class RoSpecEvent(Parameter, frozen=True):
    """``event`` 0 started, 1 ended, 2 pre-empted."""

    TYPE = 249
    event: U8
    rospec: U32
    preempting: U32 = 0


class ReportBufferLevelWarning(Parameter, frozen=True):
    """The reader's buffer is so full."""

    TYPE = 250
    percent: U8


class ReportBufferOverflowError(Parameter, frozen=True):
    """The reader's buffer was full: reads are lost."""

    TYPE = 251


class ReaderExceptionEvent(Parameter, frozen=True):
    """Something is wrong with the reader."""

    TYPE = 252
    message: Utf8
    children: Parameters = ()


class AiSpecEvent(Parameter, frozen=True):
    """``event`` 0: the specification ``index`` of ``rospec`` ended."""

    TYPE = 254
    event: U8
    rospec: U32
    index: U16
    children: Parameters = ()


class AntennaEvent(Parameter, frozen=True):
    """``event`` 0 disconnected, 1 connected."""

    TYPE = 255
    event: U8
    antenna: U16


class ConnectionAttemptEvent(Parameter, frozen=True):
    """``status`` is one of the ``CONNECTED …`` numbers below."""

    TYPE = 256
    status: U16


CONNECTED: Final = 0
REFUSED_READER_INITIATED: Final = 1
REFUSED_OTHER_CLIENT: Final = 2
REFUSED_OTHER: Final = 3
ANOTHER_ATTEMPTED: Final = 4


class ConnectionCloseEvent(Parameter, frozen=True):
    """The reader closes the connection."""

    TYPE = 257


class LlrpStatus(Parameter, frozen=True):
    """How a request went: ``code`` 0 is success; ``text`` says what was wrong."""

    TYPE = 287
    code: U16
    text: Utf8 = ""
    children: Parameters = ()


class FieldError(Parameter, frozen=True):
    """Which field was wrong."""

    TYPE = 288
    field: U16
    code: U16


class ParameterError(Parameter, frozen=True):
    """Which parameter was wrong."""

    TYPE = 289
    parameter: U16
    code: U16
    children: Parameters = ()


class Custom(Parameter, frozen=True):
    """A vendor's own parameter, kept as it came (Impinj is vendor 25882)."""

    TYPE = 1023
    vendor: U32
    subtype: U32
    body: Rest = b""
