"""What a pretend reader says of itself: the answers of a reader, built from the same classes that read them."""

from collections.abc import Collection

from models.llrp import messages
from models.llrp.capabilities import (
    C1G2LlrpCapabilities,
    FixedFrequencyTable,
    FrequencyInformation,
    GeneralDeviceCapabilities,
    GpioCapabilities,
    LlrpCapabilities,
    PerAntennaAirProtocol,
    ReceiveSensitivityTableEntry,
    RegulatoryCapabilities,
    TransmitPowerLevelTableEntry,
    UhfBandCapabilities,
    UhfC1G2RfModeTable,
    UhfC1G2RfModeTableEntry,
)
from models.llrp.layout import Message, Parameter
from models.llrp.messages import (
    ErrorMessage,
    GetReaderCapabilitiesResponse,
    GetReaderConfigResponse,
    ReaderEventNotification,
)
from models.llrp.reports import LlrpStatus, ReaderEventNotificationData
from models.llrp.rospec import AntennaProperties, Identification, UtcTimestamp

_OK = LlrpStatus(0)
_POWERS = tuple(TransmitPowerLevelTableEntry(index, 1000 + 25 * (index - 1)) for index in range(1, 82))
"""10 to 30 dBm in steps of a quarter."""


def capabilities(antennas: int) -> GetReaderCapabilitiesResponse:
    """Everything that GET_READER_CAPABILITIES asks for."""
    general = GeneralDeviceCapabilities(
        antennas,
        0x4000,
        0,
        1,
        "pretend 1.0",
        (
            ReceiveSensitivityTableEntry(1, 0),
            GpioCapabilities(4, 4),
            *(PerAntennaAirProtocol(antenna, (1,)) for antenna in range(1, antennas + 1)),
        ),
    )
    frequencies = FrequencyInformation(0, (FixedFrequencyTable((865_700, 866_300, 866_900, 867_500)),))
    mode = UhfC1G2RfModeTableEntry(1, 0xC0, 2, 0, 2, 250_000, 2000, 12_500, 23_000, 2100)
    band = UhfBandCapabilities((*_POWERS, frequencies, UhfC1G2RfModeTable((mode,))))
    return GetReaderCapabilitiesResponse(
        (
            _OK,
            general,
            LlrpCapabilities(0x48, 1, 0, 4, 32, 1, 0, 0),
            RegulatoryCapabilities(276, 2, (band,)),
            C1G2LlrpCapabilities(0, 2),
        )
    )


def config(antennas: int, unplugged: Collection[int]) -> GetReaderConfigResponse:
    """Its name and which antennas are plugged in."""
    ports = [AntennaProperties(0 if n in unplugged else 0x80, n, 0) for n in range(1, antennas + 1)]
    return GetReaderConfigResponse((_OK, Identification(0, (2, 0, 0, 255, 254, 0, 0, 1)), *ports))


def event(happened: Parameter, now_us: int) -> ReaderEventNotification:
    """A notification of one event."""
    return ReaderEventNotification((ReaderEventNotificationData((UtcTimestamp(now_us), happened)),))


def refusing(request: Message, status: LlrpStatus) -> Message:
    """The response to ``request`` that says no."""
    kind = getattr(messages, f"{type(request).__name__}Response", ErrorMessage)
    refusal: Message = kind((status,))
    return refusal
