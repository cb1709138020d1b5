"""``aisle replay llrp``."""

import io
import json

import typer
from typer.testing import CliRunner

from edge.replay.llrp import read_messages
from edge.replay.llrp_command import mount_llrp
from models.llrp.codec import encode_message, frame_bytes
from models.llrp.layout import BitString
from models.llrp.messages import Keepalive, ReaderEventNotification, RoAccessReport
from models.llrp.reports import (
    AntennaEvent,
    AntennaId,
    Epc96,
    EpcData,
    PeakRssi,
    ReaderEventNotificationData,
    TagReportData,
)

EPC = bytes.fromhex("3034257BF7194E4000001A85")
REPORT = encode_message(RoAccessReport((TagReportData((Epc96(EPC), AntennaId(2), PeakRssi(-61))),)), 7)
EVENT = encode_message(ReaderEventNotification((ReaderEventNotificationData((AntennaEvent(0, 3),)),)), 8)


def test_each_message_is_one_line_and_bad_bytes_are_an_error_and_the_exit_status() -> None:
    app = typer.Typer()
    mount_llrp(app)
    broken = frame_bytes(61, b"\x00\xf0\x00\x02", 9)
    result = CliRunner().invoke(app, input=REPORT + broken + EVENT + encode_message(Keepalive(), 10)[:4])
    report, bad, event, cut = (json.loads(line) for line in result.stdout.splitlines())
    assert result.exit_code == 1
    assert (report["message"], report["id"], report["version"]) == ("RO_ACCESS_REPORT", 7, 1)
    assert report["tags"] == [
        {
            "epc": EPC.hex().upper(),
            "antenna": 2,
            "rssi_dbm": -61,
            "first_seen_us": None,
            "last_seen_us": None,
            "count": None,
        }
    ]
    assert report["parameters"][0]["parameters"][1] == {"parameter": "AntennaId", "antenna": 2}
    assert (bad["id"], bad["body"]) == (9, "00F00002")
    assert "bytes" in bad["error"]
    assert event["parameters"][0]["parameters"] == [{"parameter": "AntennaEvent", "event": 0, "antenna": 3}]
    assert "inside a message" in cut["error"]


def test_framing_that_is_broken_ends_the_reading() -> None:
    lines = list(read_messages(io.BytesIO(EVENT + b"HTTP/1.1 400 Bad Request")))
    assert [line.get("message") for line in lines] == ["READER_EVENT_NOTIFICATION", None]
    assert "nothing behind it" in str(lines[-1]["error"])


def test_an_epc_of_odd_length_and_an_unknown_message_are_shown() -> None:
    odd = encode_message(RoAccessReport((TagReportData((EpcData(BitString(8, b"\xab")),)),)))
    lines = list(read_messages(io.BytesIO(odd + frame_bytes(999, b"abc"))))
    assert lines[0]["tags"][0]["epc"] == "AB00"  # type: ignore[index] # a list of objects
    assert lines[1] == {"message": "MESSAGE_999", "version": 1, "id": 0, "type": 999, "body": "616263"}
