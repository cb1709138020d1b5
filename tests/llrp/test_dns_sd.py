"""DNS packets of service discovery: a real library's bytes, round trips, and bytes that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.llrp.dns_sd import (
    PTR,
    SRV,
    TXT,
    A,
    DnsError,
    Packet,
    Record,
    Service,
    decode_packet,
    encode_packet,
    folded,
    name_of,
)

COMPRESSED = bytes.fromhex(
    "777f81000001000100000004055f6c6c7270045f746370056c6f63616c00000c0001c00c000c00010000000a0015125370656564776179522d31302d"
    "32352d3332c00cc02e002100010000000a00200000000013dc127370656564776179722d31302d32352d3332056c6f63616c00c02e00100001000000"
    "0a001509747874766572733d310a6d6f64656c3d52343230127370656564776179722d31302d32352d3332c017000100010000000a0004c0a80114c0"
    "90001c00010000000a0010fe800000000000000000000000000001"
)
"""An answer as dnspython writes it, its names compressed."""
LABELS = st.binary(min_size=1, max_size=63)
NAMES = st.lists(LABELS, min_size=1, max_size=3).map(tuple)
RECORDS = st.one_of(
    st.builds(Record, NAMES, st.just(PTR), NAMES),
    st.builds(Record, NAMES, st.just(SRV), st.builds(Service, st.integers(0, 65_535), NAMES)),
    st.builds(Record, NAMES, st.just(A), st.ip_addresses(v=4).map(str)),
    st.builds(Record, NAMES, st.just(TXT), st.lists(st.binary(max_size=255), max_size=4).map(tuple)),
    st.builds(Record, NAMES, st.just(28), st.binary(max_size=40)),
)


def test_an_answer_of_another_implementation_with_compressed_names_is_read() -> None:
    packet = decode_packet(COMPRESSED)
    assert packet.is_answer
    pointer, place, text, address, other = packet.records
    assert pointer == Record(name_of("_llrp._tcp.local."), PTR, (b"SpeedwayR-10-25-32", b"_llrp", b"_tcp", b"local"))
    assert place.value == Service(5084, (b"speedwayr-10-25-32", b"local"))
    assert text.value == (b"txtvers=1", b"model=R420")
    assert (address.value, other.kind) == ("192.168.1.20", 28)


@given(st.integers(0, 65_535), st.lists(RECORDS, max_size=8).map(tuple), st.lists(NAMES, max_size=3))
def test_every_packet_comes_back(number: int, records: tuple[Record, ...], asked: list[tuple[bytes, ...]]) -> None:
    packet = Packet(number, 0x8400, tuple((name, PTR) for name in asked), records)
    assert decode_packet(encode_packet(packet)) == packet


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        decode_packet(data)
    except DnsError:
        return


@given(st.data())
def test_a_packet_that_is_changed_or_cut_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    changed = bytearray(COMPRESSED)
    for _ in range(data.draw(st.integers(1, 6))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        decode_packet(bytes(changed[: data.draw(st.integers(0, len(changed)))]))
    except DnsError:
        return


def test_a_packet_cut_at_every_byte_is_refused() -> None:
    for cut in range(len(COMPRESSED)):
        with pytest.raises(DnsError):
            decode_packet(COMPRESSED[:cut])


@pytest.mark.parametrize(
    "name", [b"\xc0\x0c", b"\x01a\xc0\x0c", b"\xc0\xff", b"\x40" + b"a" * 64, b"\x3f" + b"a" * 63 + b"\xc0\x0c"]
)
def test_a_name_that_runs_in_a_circle_forwards_or_on_for_ever_is_refused(name: bytes) -> None:
    with pytest.raises(DnsError):
        decode_packet(bytes.fromhex("000000000001000000000000") + name + b"\0\x0c\0\1")


@pytest.mark.parametrize("name", [(b"",), (b"a" * 64,), (b"a" * 60,) * 5])
def test_a_name_that_no_packet_can_hold_is_refused(name: tuple[bytes, ...]) -> None:
    with pytest.raises(DnsError, match="no DNS name"):
        encode_packet(Packet(questions=((name, PTR),)))
    with pytest.raises(DnsError):
        encode_packet(Packet(70_000))


def test_names_are_compared_without_case() -> None:
    assert folded(name_of("_LLRP._tcp.Local")) == name_of("_llrp._tcp.local")
