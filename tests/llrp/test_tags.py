"""The fast path: it says what the codec says, of any mixture of tags, and refuses what the codec refuses."""

import random
import struct

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.llrp.codec import decode_parameters, encode_parameters
from models.llrp.errors import LlrpError
from models.llrp.layout import BitString, Parameter, Parameters, UnknownParameter, first
from models.llrp.reports import (
    AntennaId,
    C1G2Pc,
    Custom,
    Epc96,
    EpcData,
    FirstSeenUptime,
    FirstSeenUtc,
    LastSeenUtc,
    PeakRssi,
    RoSpecId,
    TagReportData,
    TagSeenCount,
)
from models.llrp.tags import SeenTag, decode_tags

EPCS = st.one_of(
    st.binary(min_size=12, max_size=12).map(Epc96),
    st.binary(min_size=1, max_size=31).map(lambda data: EpcData(BitString(len(data) * 8, data))),
)
FIELDS: tuple[st.SearchStrategy[Parameter], ...] = (
    st.integers(0, 65_535).map(AntennaId),
    st.integers(-128, 127).map(PeakRssi),
    st.integers(0, 2**63).map(FirstSeenUtc),
    st.integers(0, 2**63).map(LastSeenUtc),
    st.integers(0, 65_535).map(TagSeenCount),
    st.integers(0, 9).map(RoSpecId),
    st.integers(0, 9).map(C1G2Pc),
    st.binary(max_size=5).map(lambda body: Custom(25882, 57, body)),
    st.binary(max_size=5).map(lambda body: UnknownParameter(800, body)),
)


@st.composite
def tags(draw: st.DrawFn) -> TagReportData:
    chosen = draw(st.lists(st.sampled_from(FIELDS), unique=True, max_size=9))
    fields: list[Parameter] = [draw(field) for field in chosen]
    fields.insert(draw(st.integers(0, len(fields))), draw(EPCS))
    return TagReportData(tuple(fields))


def expected(tag: TagReportData) -> SeenTag:
    """What the codec's typed parameters say."""
    short, long = first(tag, Epc96), first(tag, EpcData)
    epc = short.epc if short else long.epc.data if long else b""
    antenna, rssi, count = first(tag, AntennaId), first(tag, PeakRssi), first(tag, TagSeenCount)
    begin, end = first(tag, FirstSeenUtc), first(tag, LastSeenUtc)
    digits = epc.hex().upper()
    return (
        digits + "0" * (-len(digits) % 4),
        antenna.antenna if antenna else None,
        rssi.dbm if rssi else None,
        begin.us if begin else None,
        end.us if end else None,
        count.count if count else None,
    )


@given(st.lists(st.tuples(tags(), st.integers(1, 40)), max_size=8))
def test_it_says_what_the_codec_says_of_any_runs_of_tags(runs: list[tuple[TagReportData, int]]) -> None:
    sent = [tag for tag, times in runs for tag in [tag] * times]
    assert decode_tags(encode_parameters(tuple(sent))) == [expected(tag) for tag in sent]


@given(st.lists(tags(), max_size=30), st.randoms(use_true_random=False))
def test_tags_of_alternating_shapes_and_other_parameters_between_them_are_read(
    sent: list[TagReportData], draw: random.Random
) -> None:
    mixed: list[Parameter] = []
    for tag in sent * 3:
        mixed += [tag, Custom(1, 2, b"abc")] if draw.random() < 0.3 else [tag]
    assert decode_tags(encode_parameters(tuple(mixed))) == [expected(tag) for tag in sent * 3]


def one(epc: bytes, antenna: int, rssi: int) -> TagReportData:
    return TagReportData((Epc96(epc), AntennaId(antenna), PeakRssi(rssi), FirstSeenUtc(7)))


def test_a_run_that_is_broken_by_another_shape_of_the_same_length_goes_on_behind_it() -> None:
    other = TagReportData((Epc96(b"o" * 12), AntennaId(9), PeakRssi(-1), LastSeenUtc(8)))
    sent: Parameters = (*[one(b"a" * 12, 1, -50)] * 300, other, *[one(b"b" * 12, 2, -60)] * 300)
    assert decode_tags(encode_parameters(sent)) == [expected(tag) for tag in sent if isinstance(tag, TagReportData)]


def test_a_reader_without_a_calendar_tells_its_uptime() -> None:
    body = encode_parameters((TagReportData((Epc96(b"a" * 12), FirstSeenUptime(5))),))
    assert decode_tags(body) == [("61" * 12, None, None, 5, None, None)]


def test_a_tag_without_an_epc_is_skipped() -> None:
    empty = TagReportData((EpcData(BitString(0, b"")), AntennaId(1)))
    body = encode_parameters((empty, one(b"a" * 12, 1, -5), TagReportData((AntennaId(1),)), empty, empty))
    assert [tag[0] for tag in decode_tags(body)] == ["61" * 12]


def test_an_unknown_tv_hides_only_what_is_behind_it_in_its_tag() -> None:
    odd = TagReportData((Epc96(b"a" * 12), AntennaId(4), UnknownParameter(99, b"???"), PeakRssi(-3)))
    assert decode_tags(encode_parameters((odd, one(b"b" * 12, 2, -60)))) == [
        ("61" * 12, 4, None, None, None, None),
        ("62" * 12, 2, -60, 7, None, None),
    ]


def test_a_report_cut_at_every_byte_is_refused_unless_a_tag_ends_there() -> None:
    sent = (
        one(b"a" * 12, 1, -5),
        TagReportData((EpcData(BitString(32, b"abcd")), AntennaId(1))),
        one(b"b" * 12, 1, -5),
    )
    whole = encode_parameters(sent)
    ends = {len(encode_parameters(sent[:count])): count for count in range(4)}
    for cut in range(len(whole) + 1):
        if cut in ends:
            assert len(decode_tags(whole[:cut])) == ends[cut]
        else:
            with pytest.raises(LlrpError):
                decode_tags(whole[:cut])


@pytest.mark.parametrize("length", [0, 1, 3, 5, 0xFFFF])
def test_a_length_that_cannot_be_is_refused(length: int) -> None:
    good = encode_parameters((one(b"a" * 12, 1, -5),))
    with pytest.raises(LlrpError):
        decode_tags(good + struct.pack(">HH", 240, length) + b"\x81\0")
    with pytest.raises(LlrpError):
        decode_tags(struct.pack(">HHHH", 240, 8, 241, length))


def test_an_epc_that_counts_more_bits_than_it_has_is_refused() -> None:
    for bits in (33, 96, 0xFFFF):
        with pytest.raises(LlrpError):
            decode_tags(struct.pack(">HHHHH4s", 240, 14, 241, 10, bits, b"abcd"))


def test_two_thousand_mutated_reports_raise_nothing_but_our_own_error() -> None:
    draw = random.Random(21)
    sent = [one(draw.randbytes(12), 1, -40) for _ in range(40)]
    whole = encode_parameters((*sent, TagReportData((EpcData(BitString(64, b"12345678")), AntennaId(2)))))
    refused = 0
    for _ in range(2000):
        data = bytearray(whole)
        for _ in range(draw.randint(1, 20)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        try:
            decode_tags(bytes(data))
        except LlrpError:
            refused += 1
    assert 200 < refused < 2000


@settings(max_examples=300)
@given(st.binary(max_size=200))
@example(b"\x00\xf0\x00\x04")
def test_any_bytes_are_read_or_refused_as_the_codec_does(body: bytes) -> None:
    data = b"\x00\xf0" + struct.pack(">H", len(body) + 4) + body
    try:
        seen = decode_tags(data)
    except LlrpError:
        with pytest.raises(LlrpError):
            decode_parameters(data)
        return
    assert len(seen) <= 1
