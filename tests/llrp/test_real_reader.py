"""Messages of a real Impinj reader, beside what another implementation read from them (the neighbour folder)."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from models.llrp.capabilities import (
    C1G2LlrpCapabilities,
    FrequencyHopTable,
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
from models.llrp.codec import Framer, decode_message, encode_message, frame_bytes
from models.llrp.layout import HasChildren, Message, P, every, first
from models.llrp.reports import ConnectionCloseEvent, LlrpStatus, ReaderEventNotificationData
from models.llrp.rospec import UtcTimestamp
from models.llrp.tags import decode_tags

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "llrp"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no ../shared/llrp: the real reader's messages are not here"
)


def real(name: str, message_type: int) -> tuple[Message, bytes, Any]:
    body = (FOLDER / f"{name}.bytes").read_bytes()
    whole = frame_bytes(message_type, body, 7)
    (frame,) = Framer().feed(whole)
    message = decode_message(frame)
    assert encode_message(message, 7) == whole, "what was read is written again byte for byte"
    return message, body, json.loads((FOLDER / f"{name}.json").read_text())


def the(parent: HasChildren, kind: type[P]) -> P:
    found = first(parent, kind)
    assert found is not None, f"no {kind.__name__}"
    return found


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_tag_reports(number: int) -> None:
    _, body, said = real(f"ROAccessReport-00{number}", 61)
    (tag,) = said["TagReportData"]
    epc = base64.b64decode(tag["EPC96"]["EPC"]).hex().upper()
    assert decode_tags(body) == [(epc, tag["AntennaID"], tag["PeakRSSI"], tag["FirstSeenUTC"], None, None)]


def test_a_reader_that_closes_the_connection() -> None:
    message, _, said = real("ReaderEventNotification-000", 63)
    data = the(message, ReaderEventNotificationData)  # type: ignore[arg-type] # this message has children
    assert the(data, UtcTimestamp).us == said["ReaderEventNotificationData"]["UTCTimestamp"]
    the(data, ConnectionCloseEvent)


def test_capabilities() -> None:
    message, _, said = real("GetReaderCapabilitiesResponse-000", 11)
    assert the(message, LlrpStatus) == LlrpStatus(said["LLRPStatus"]["Status"], "")  # type: ignore[arg-type] # as above
    general, device = the(message, GeneralDeviceCapabilities), said["GeneralDeviceCapabilities"]  # type: ignore[arg-type] # as above
    assert general.max_antennas == device["MaxSupportedAntennas"]
    assert bool(general.flags & 0x8000) == device["CanSetAntennaProperties"]
    assert bool(general.flags & 0x4000) == device["HasUTCClock"]
    assert (general.manufacturer, general.model) == (device["DeviceManufacturer"], device["Model"])
    assert general.firmware == device["FirmwareVersion"]
    assert [(e.index, e.db) for e in every(general, ReceiveSensitivityTableEntry)] == [
        (e["Index"], e["ReceiveSensitivity"]) for e in device["ReceiveSensitivities"]
    ]
    gpio = device["GPIOCapabilities"]
    assert the(general, GpioCapabilities) == GpioCapabilities(gpio["NumGPIs"], gpio["NumGPOs"])
    assert [(e.antenna, bytes(e.protocols)) for e in every(general, PerAntennaAirProtocol)] == [
        (e["AntennaID"], base64.b64decode(e["AirProtocolIDs"])) for e in device["PerAntennaAirProtocols"]
    ]
    llrp, can = the(message, LlrpCapabilities), said["LLRPCapabilities"]  # type: ignore[arg-type] # as above
    assert [bool(llrp.flags & 0x80 >> bit) for bit in range(5)] == [
        can["CanDoRFSurvey"],
        can["CanReportBufferFillWarning"],
        can["SupportsClientRequestOpSpec"],
        can["CanDoTagInventoryStateAwareSingulation"],
        can["SupportsEventsAndReportHolding"],
    ]
    assert (llrp.max_rospecs, llrp.max_access_specs) == (can["MaxROSpecs"], can["MaxAccessSpecs"])
    c1g2 = the(message, C1G2LlrpCapabilities)  # type: ignore[arg-type] # as above
    assert c1g2.max_select_filters == said["C1G2LLRPCapabilities"]["MaxSelectFiltersPerQuery"]


def test_regulatory_capabilities() -> None:
    message, _, said = real("GetReaderCapabilitiesResponse-000", 11)
    region, rules = the(message, RegulatoryCapabilities), said["RegulatoryCapabilities"]  # type: ignore[arg-type] # as above
    assert (region.country, region.standard) == (rules["CountryCode"], rules["CommunicationsStandard"])
    band, uhf = the(region, UhfBandCapabilities), rules["UHFBandCapabilities"]
    assert [(e.index, e.centi_dbm) for e in every(band, TransmitPowerLevelTableEntry)] == [
        (e["Index"], e["TransmitPowerValue"]) for e in uhf["TransmitPowerLevels"]
    ]
    frequencies = the(band, FrequencyInformation)
    assert [(t.table, list(t.frequencies_khz)) for t in every(frequencies, FrequencyHopTable)] == [
        (t["HopTableID"], t["Frequencies"]) for t in uhf["FrequencyInformation"]["FrequencyHopTables"]
    ]
    modes = every(the(band, UhfC1G2RfModeTable), UhfC1G2RfModeTableEntry)
    for mode, row in zip(modes, uhf["C1G2RFModes"]["UHFC1G2RFModeTableEntries"], strict=True):
        assert mode == UhfC1G2RfModeTableEntry(
            row["ModeID"],
            row["DivideRatio"] << 7 | row["IsEPCHagConformant"] << 6,
            row["Modulation"],
            row["ForwardLinkModulation"],
            row["SpectralMask"],
            row["BackscatterDataRate"],
            row["PIERatio"],
            row["MinTariTime"],
            row["MaxTariTime"],
            row["StepTariTime"],
        )
