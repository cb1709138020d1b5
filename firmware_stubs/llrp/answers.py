"""What a pretend reader says of itself: the answers of a reader, built from the same classes that read them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

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
from models.llrp.reports import Custom, LlrpStatus, ReaderEventNotificationData
from models.llrp.rospec import AntennaProperties, GpiPortCurrentState, Identification, UtcTimestamp

IMPINJ, ZEBRA = 25_882, 161


@dataclass(frozen=True)
class Make:
    """Which reader is pretended. ``extensions``: whose custom parameters it takes (0: nobody's)."""

    manufacturer: int = 0
    model: int = 1
    firmware: str = "pretend 1.0"
    name: str = "pretend"
    extensions: int = 0
    modes: tuple[int, ...] = (1,)


GENERIC = Make()
IMPINJ_R420 = Make(IMPINJ, 2_001_002, "5.14.0.240", "SpeedwayR-00-00-01", IMPINJ, (0, 1, 2, 3, 4, 1000, 1002, 1003))
ZEBRA_FX9600 = Make(ZEBRA, 96_008, "3.32.37.0", "FX9600000001", ZEBRA, (1, 2, 3))

ANTENNA_PROPERTIES, INPUT_STATES = 2, 9
INPUTS = 4
_OK = LlrpStatus(0)
_POWERS = tuple(TransmitPowerLevelTableEntry(index, 1000 + 25 * (index - 1)) for index in range(1, 82))
"""10 to 30 dBm in steps of a quarter."""


def capabilities(antennas: int, make: Make = GENERIC) -> GetReaderCapabilitiesResponse:
    """Everything that GET_READER_CAPABILITIES asks for."""
    general = GeneralDeviceCapabilities(
        antennas,
        0x4000,
        make.manufacturer,
        make.model,
        make.firmware,
        (
            ReceiveSensitivityTableEntry(1, 0),
            GpioCapabilities(INPUTS, 4),
            *(PerAntennaAirProtocol(antenna, (1,)) for antenna in range(1, antennas + 1)),
        ),
    )
    frequencies = FrequencyInformation(0, (FixedFrequencyTable((865_700, 866_300, 866_900, 867_500)),))
    modes = tuple(
        UhfC1G2RfModeTableEntry(mode, 0xC0, 2, 0, 2, 250_000, 2000, 12_500, 23_000, 2100) for mode in make.modes
    )
    band = UhfBandCapabilities((*_POWERS, frequencies, UhfC1G2RfModeTable(modes)))
    return GetReaderCapabilitiesResponse(
        (
            _OK,
            general,
            LlrpCapabilities(0x48, 1, 0, 4, 32, 1, 0, 0),
            RegulatoryCapabilities(276, 2, (band,)),
            C1G2LlrpCapabilities(0, 2),
        )
    )


def config(
    requested: int, antennas: int, unplugged: Collection[int], inputs: Mapping[int, bool]
) -> GetReaderConfigResponse:
    """Its name, which antennas are plugged in, how its inputs are: what is ``requested`` (0: everything)."""
    children: list[Parameter] = [_OK]
    if requested in {0, 1}:
        children.append(Identification(0, (2, 0, 0, 255, 254, 0, 0, 1)))
    if requested in {0, ANTENNA_PROPERTIES}:
        children += [AntennaProperties(0 if n in unplugged else 0x80, n, 0) for n in range(1, antennas + 1)]
    if requested in {0, INPUT_STATES}:
        children += [GpiPortCurrentState(port, 0x80, int(inputs.get(port, False))) for port in range(1, INPUTS + 1)]
    return GetReaderConfigResponse(tuple(children))


def customs(parameter: object) -> list[Custom]:
    """Every vendor's own parameter below ``parameter``, in wire order."""
    found: list[Custom] = []
    for child in getattr(parameter, "children", ()):
        found += [child] if isinstance(child, Custom) else customs(child)
    return found


def event(happened: Parameter, now_us: int) -> ReaderEventNotification:
    """A notification of one event."""
    return ReaderEventNotification((ReaderEventNotificationData((UtcTimestamp(now_us), happened)),))


def refusing(request: Message, status: LlrpStatus) -> Message:
    """The response to ``request`` that says no."""
    kind = getattr(messages, f"{type(request).__name__}Response", ErrorMessage)
    refusal: Message = kind((status,))
    return refusal
