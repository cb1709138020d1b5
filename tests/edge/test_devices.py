"""What devices say becomes facts once, however often it is delivered, and nonsense stops nobody."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.messages.codec import encode
from models.messages.devices import Code, DeviceStatus, Reads, TagRead, Till
from models.messages.facts import CodeScanned, MessageRefused, SaleCompleted, SaleLine
from tests.edge.conftest import NOW_MS, Desk
from tests.edge.test_floor import floor

SALE = Till(
    event="end",
    transaction="t-1",
    id="t-1",
    lines=(SaleLine(gtin="00614141001013", quantity=2, price_minor=100),),
    total_minor=200,
    t_ms=NOW_MS - 1000,
)


def topic(device: str, kind: str) -> str:
    return f"aisle/v1/demo/dev/{device}/{kind}"


def test_a_sale_that_is_delivered_three_times_counts_once(desk: Desk) -> None:
    for _ in range(3):
        desk.devices.take(topic("till-1", "till"), encode(SALE))
    (sale,) = desk.facts()
    assert isinstance(sale, SaleCompleted)
    assert (sale.sale, sale.lane, sale.total_minor, sale.t_ms) == ("t-1", "1", 200, NOW_MS - 1000)


def test_two_scans_of_the_same_code_are_two_scans(desk: Desk) -> None:
    for number in ("s1", "s2"):
        desk.devices.take(topic("scan-1", "code"), encode(Code(text="4006381333931", symbology="EAN-13", id=number)))
    scans = desk.facts()
    assert [scan.gtin for scan in scans if isinstance(scan, CodeScanned)] == ["04006381333931"] * 2


def test_a_till_with_a_clock_in_1970_sells_now(desk: Desk) -> None:
    desk.devices.take(
        topic("till-1", "till"), encode(Till(event="end", transaction="t", lines=SALE.lines, t_ms=1000))
    )
    (sale,) = desk.facts()
    assert sale.t_ms == NOW_MS


def test_a_refused_message_is_kept_with_its_reason_told_and_the_next_one_is_taken(desk: Desk) -> None:
    desk.devices.take(topic("scan-1", "code"), b'{"text": <script>')
    desk.devices.take(topic("scan-1", "code"), b'{"v": 9, "text": "1"}')
    desk.devices.take(topic("scan-1", "code"), encode(Code(text="4006381333931", id="s1")))
    assert [reason for _, reason in desk.dead_letters()] == ["malformed", "version"]
    facts = desk.facts()
    assert [fact.reason for fact in facts if isinstance(fact, MessageRefused)] == ["malformed", "version"]
    assert len([fact for fact in facts if isinstance(fact, CodeScanned)]) == 1


def test_tags_of_others_on_a_shelf_are_left_out_and_counted(desk: Desk) -> None:
    ours, theirs = "3034257BF7194E4000001A85", "E2003412AABBCCDD00112233"
    reads = tuple(TagRead(epc=epc, antenna=1, rssi_dbm=-50.0) for epc in (ours, theirs, theirs))
    desk.devices.take(topic("shelf-c", "reads"), encode(Reads(reads=reads)))
    on = floor()
    heard: list[str] = []
    on.read = lambda epc, *_: heard.append(epc)  # type: ignore[method-assign] # it only listens
    for signal in desk.signals:
        signal(on)
    assert heard == [ours]
    assert desk.registry.get_sample_value("aisle_device_tags_ignored_total", {"device": "shelf-c"}) == 2


def test_a_device_that_goes_offline_is_a_problem_until_it_is_back(desk: Desk) -> None:
    desk.devices.take(topic("till-1", "status"), encode(DeviceStatus(state="offline")))
    assert [problem.subject for problem in desk.health.problems()] == ["device.till-1"]
    desk.devices.take(topic("till-1", "status"), encode(DeviceStatus(state="online")))
    assert desk.health.problems() == ()


@pytest.mark.parametrize("kind", ["reads", "count", "code", "till", "status", "nonsense"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200) | st.from_regex(r'\{"[a-z_]{1,9}":[0-9eE.\[\]{}"-]{0,20}\}').map(str.encode))
def test_no_bytes_stop_the_desk(desk: Desk, kind: str, body: bytes) -> None:
    desk.devices.take(topic("scan-1", kind), body)


def test_refusals_that_come_in_floods_are_told_in_part_and_counted_all(desk: Desk) -> None:
    for _ in range(200):
        desk.devices.take(topic("scan-1", "code"), b"nonsense")
    assert len(desk.facts()) == 60
    assert len(desk.dead_letters()) == 200
