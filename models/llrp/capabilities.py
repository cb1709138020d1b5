"""Parameters that say what a reader is and can do (LLRP 1.0.1, section 16.2.3). Flags stay in their byte or word."""

from models.llrp.layout import S16, U8, U16, U32, Parameter, Parameters, U8s, U32s, Utf8


class GeneralDeviceCapabilities(Parameter, frozen=True):
    """``flags``: 0x8000 antenna properties can be set, 0x4000 it has a UTC clock. ``manufacturer``: IANA's number."""

    TYPE = 137
    max_antennas: U16
    flags: U16
    manufacturer: U32
    model: U32
    firmware: Utf8
    children: Parameters = ()


class ReceiveSensitivityTableEntry(Parameter, frozen=True):
    """Sensitivity ``index`` is ``db`` above the best one."""

    TYPE = 139
    index: U16
    db: S16


class PerAntennaAirProtocol(Parameter, frozen=True):
    """Protocol 1 is EPC Class 1 Generation 2."""

    TYPE = 140
    antenna: U16
    protocols: U8s


class GpioCapabilities(Parameter, frozen=True):
    """How many general-purpose inputs and outputs there are."""

    TYPE = 141
    inputs: U16
    outputs: U16


class LlrpCapabilities(Parameter, frozen=True):
    """``flags`` from the top: RF survey, buffer warning, client op spec, state-aware, event and report holding."""

    TYPE = 142
    flags: U8
    max_priority: U8
    client_op_timeout_ms: U16
    max_rospecs: U32
    max_specs_per_rospec: U32
    max_inventory_specs_per_aispec: U32
    max_access_specs: U32
    max_op_specs_per_access_spec: U32


class RegulatoryCapabilities(Parameter, frozen=True):
    """Where it may transmit; ``country`` is ISO 3166 numeric."""

    TYPE = 143
    country: U16
    standard: U16
    children: Parameters = ()


class UhfBandCapabilities(Parameter, frozen=True):
    """Power levels, frequencies and modes of the UHF band."""

    TYPE = 144
    children: Parameters = ()


class TransmitPowerLevelTableEntry(Parameter, frozen=True):
    """Power ``index`` is ``centi_dbm`` hundredths of a dBm."""

    TYPE = 145
    index: U16
    centi_dbm: S16


class FrequencyInformation(Parameter, frozen=True):
    """``flags`` 0x80: it hops."""

    TYPE = 146
    flags: U8
    children: Parameters = ()


class FrequencyHopTable(Parameter, frozen=True):
    """The frequencies that it hops over, in kHz."""

    TYPE = 147
    table: U8
    reserved: U8
    frequencies_khz: U32s


class FixedFrequencyTable(Parameter, frozen=True):
    """The fixed frequencies, in kHz."""

    TYPE = 148
    frequencies_khz: U32s


class PerAntennaReceiveSensitivityRange(Parameter, frozen=True):
    """Which sensitivities an antenna has."""

    TYPE = 149
    antenna: U16
    lowest: U16
    highest: U16


class C1G2LlrpCapabilities(Parameter, frozen=True):
    """``flags`` from the top: block erase, block write, permalock, recommissioning, UMI method 2, XPC."""

    TYPE = 327
    flags: U8
    max_select_filters: U16


class UhfC1G2RfModeTable(Parameter, frozen=True):
    """The radio modes."""

    TYPE = 328
    children: Parameters = ()


class UhfC1G2RfModeTableEntry(Parameter, frozen=True):
    """One radio mode. ``flags``: 0x80 divide ratio 64/3, 0x40 EPC HAG conformant; ``modulation`` 0 FM0, else 2^n."""

    TYPE = 329
    mode: U32
    flags: U8
    modulation: U8
    forward_link: U8
    spectral_mask: U8
    backscatter_bps: U32
    pie: U32
    min_tari_ns: U32
    max_tari_ns: U32
    step_tari_ns: U32
