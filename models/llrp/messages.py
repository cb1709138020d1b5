"""The messages, one frozen class each (LLRP 1.0.1, section 16.1; the two versions' messages of 1.1)."""

from typing import Final

from models.llrp.layout import U8, U16, U32, Message, Parameters, Rest

SUCCESS: Final = 0


class UnknownMessage(Message, frozen=True):
    """A message that this codec has no class for, kept as it came."""

    type: int
    body: bytes


class GetReaderCapabilities(Message, frozen=True):
    """``requested`` 0 asks for everything."""

    TYPE, NAME = 1, "GET_READER_CAPABILITIES"
    requested: U8 = 0
    children: Parameters = ()


class GetReaderCapabilitiesResponse(Message, frozen=True):
    """What the reader is and can do."""

    TYPE, NAME = 11, "GET_READER_CAPABILITIES_RESPONSE"
    children: Parameters = ()


class GetReaderConfig(Message, frozen=True):
    """``requested`` 0 asks for everything; antenna and port 0 for all of them."""

    TYPE, NAME = 2, "GET_READER_CONFIG"
    antenna: U16 = 0
    requested: U8 = 0
    gpi: U16 = 0
    gpo: U16 = 0
    children: Parameters = ()


class GetReaderConfigResponse(Message, frozen=True):
    """How the reader is configured."""

    TYPE, NAME = 12, "GET_READER_CONFIG_RESPONSE"
    children: Parameters = ()


class SetReaderConfig(Message, frozen=True):
    """``flags`` 0x80 resets to factory defaults first."""

    TYPE, NAME = 3, "SET_READER_CONFIG"
    flags: U8 = 0
    children: Parameters = ()


class SetReaderConfigResponse(Message, frozen=True):
    """How that went."""

    TYPE, NAME = 13, "SET_READER_CONFIG_RESPONSE"
    children: Parameters = ()


class CloseConnection(Message, frozen=True):
    """The client says goodbye."""

    TYPE, NAME = 14, "CLOSE_CONNECTION"


class CloseConnectionResponse(Message, frozen=True):
    """And so does the reader."""

    TYPE, NAME = 4, "CLOSE_CONNECTION_RESPONSE"
    children: Parameters = ()


class AddRoSpec(Message, frozen=True):
    """Adds one ROSpec, disabled."""

    TYPE, NAME = 20, "ADD_ROSPEC"
    children: Parameters = ()


class AddRoSpecResponse(Message, frozen=True):
    """How that went."""

    TYPE, NAME = 30, "ADD_ROSPEC_RESPONSE"
    children: Parameters = ()


class DeleteRoSpec(Message, frozen=True):
    """Deletes one ROSpec; 0 is all of them."""

    TYPE, NAME = 21, "DELETE_ROSPEC"
    rospec: U32 = 0


class DeleteRoSpecResponse(Message, frozen=True):
    """How that went."""

    TYPE, NAME = 31, "DELETE_ROSPEC_RESPONSE"
    children: Parameters = ()


class StartRoSpec(Message, frozen=True):
    """Starts an enabled ROSpec."""

    TYPE, NAME = 22, "START_ROSPEC"
    rospec: U32


class StartRoSpecResponse(Message, frozen=True):
    """How that went."""

    TYPE, NAME = 32, "START_ROSPEC_RESPONSE"
    children: Parameters = ()


class StopRoSpec(Message, frozen=True):
    """Stops an active ROSpec."""

    TYPE, NAME = 23, "STOP_ROSPEC"
    rospec: U32


class StopRoSpecResponse(Message, frozen=True):
    """How that went."""

    TYPE, NAME = 33, "STOP_ROSPEC_RESPONSE"
    children: Parameters = ()


class EnableRoSpec(Message, frozen=True):
    """Enables a ROSpec; 0 is all of them."""

    TYPE, NAME = 24, "ENABLE_ROSPEC"
    rospec: U32


class EnableRoSpecResponse(Message, frozen=True):
    """How that went."""

    TYPE, NAME = 34, "ENABLE_ROSPEC_RESPONSE"
    children: Parameters = ()


class DisableRoSpec(Message, frozen=True):
    """Disables a ROSpec; 0 is all of them."""

    TYPE, NAME = 25, "DISABLE_ROSPEC"
    rospec: U32


class DisableRoSpecResponse(Message, frozen=True):
    """How that went."""

    TYPE, NAME = 35, "DISABLE_ROSPEC_RESPONSE"
    children: Parameters = ()


class GetRoSpecs(Message, frozen=True):
    """Asks for all ROSpecs."""

    TYPE, NAME = 26, "GET_ROSPECS"


class GetRoSpecsResponse(Message, frozen=True):
    """All ROSpecs with their states."""

    TYPE, NAME = 36, "GET_ROSPECS_RESPONSE"
    children: Parameters = ()


class GetSupportedVersion(Message, frozen=True):
    """Asks which versions the reader speaks (LLRP 1.1)."""

    TYPE, NAME = 46, "GET_SUPPORTED_VERSION"


class GetSupportedVersionResponse(Message, frozen=True):
    """1 is LLRP 1.0.1, 2 is 1.1."""

    TYPE, NAME = 56, "GET_SUPPORTED_VERSION_RESPONSE"
    current: U8
    supported: U8
    children: Parameters = ()


class SetProtocolVersion(Message, frozen=True):
    """Speak this version from now on (LLRP 1.1)."""

    TYPE, NAME = 47, "SET_PROTOCOL_VERSION"
    version: U8


class SetProtocolVersionResponse(Message, frozen=True):
    """How that went."""

    TYPE, NAME = 57, "SET_PROTOCOL_VERSION_RESPONSE"
    children: Parameters = ()


class GetReport(Message, frozen=True):
    """Report now what has been seen."""

    TYPE, NAME = 60, "GET_REPORT"


class RoAccessReport(Message, frozen=True):
    """What was seen; ``tags.decode_tags`` is the fast way to read one."""

    TYPE, NAME = 61, "RO_ACCESS_REPORT"
    children: Parameters = ()


class Keepalive(Message, frozen=True):
    """The reader asks whether the client is there."""

    TYPE, NAME = 62, "KEEPALIVE"


class KeepaliveAck(Message, frozen=True):
    """It is."""

    TYPE, NAME = 72, "KEEPALIVE_ACK"


class ReaderEventNotification(Message, frozen=True):
    """Something happened."""

    TYPE, NAME = 63, "READER_EVENT_NOTIFICATION"
    children: Parameters = ()


class EnableEventsAndReports(Message, frozen=True):
    """Send what was held back."""

    TYPE, NAME = 64, "ENABLE_EVENTS_AND_REPORTS"


class ErrorMessage(Message, frozen=True):
    """The other side's message could not be read."""

    TYPE, NAME = 100, "ERROR_MESSAGE"
    children: Parameters = ()


class CustomMessage(Message, frozen=True):
    """A vendor's own message, kept as it came."""

    TYPE, NAME = 1023, "CUSTOM_MESSAGE"
    vendor: U32
    subtype: U8
    body: Rest = b""
