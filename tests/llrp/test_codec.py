"""The codec: round trips of every class, bytes cut and mutated anywhere, lengths that cannot be, what is unknown."""

import random
import struct
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.llrp import codec
from models.llrp.codec import (
    MAX_MESSAGE_BYTES,
    Frame,
    Framer,
    decode_message,
    decode_parameters,
    encode_message,
    encode_parameters,
    frame_bytes,
    message_name,
)
from models.llrp.errors import LlrpError
from models.llrp.layout import BitString, Message, Parameter, UnknownParameter, every, first
from models.llrp.messages import Keepalive, ReaderEventNotification, RoAccessReport, UnknownMessage
from models.llrp.reports import (
    AntennaEvent,
    AntennaId,
    ConnectionAttemptEvent,
    Custom,
    Epc96,
    LlrpStatus,
    ReaderEventNotificationData,
    TagReportData,
)
from models.llrp.rospec import UtcTimestamp

EVENT = ReaderEventNotification(
    children=(ReaderEventNotificationData(children=(UtcTimestamp(1), ConnectionAttemptEvent(0))),)
)
INTEGERS = {
    "B": (0, 0xFF),
    "H": (0, 0xFFFF),
    "I": (0, 2**32 - 1),
    "Q": (0, 2**64 - 1),
    "b": (-128, 127),
    "h": (-(2**15), 2**15 - 1),
}


def values(code: str) -> st.SearchStrategy[Any]:
    if code in INTEGERS:
        return st.integers(*INTEGERS[code])
    if code[0] == "*":
        return st.lists(st.integers(*INTEGERS[code[1]]), max_size=5).map(tuple)
    if code == "12s":
        return st.binary(min_size=12, max_size=12)
    if code == "rest":
        return st.binary(max_size=20)
    if code == "text":
        return st.text(max_size=12)
    return st.binary(max_size=20).map(lambda data: BitString(len(data) * 8, data))


def instances(kinds: list[type[Any]], depth: int) -> st.SearchStrategy[Any]:
    return st.sampled_from(kinds).flatmap(lambda kind: instance(kind, depth))


def instance(kind: type[Any], depth: int) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind, include_extras=True)
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for name in kind.__struct_fields__:
        if get_origin(hints[name]) is Annotated:
            fields[name] = values(get_args(hints[name])[1])
        else:
            some = st.lists(instances(list(codec._PARAMETERS), depth - 1), max_size=3) if depth else st.just([])
            fields[name] = some.map(tuple)
    return st.builds(kind, **fields)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(instances(list(codec._MESSAGES), 3), st.integers(0, 2**32 - 1), st.sampled_from([1, 2]))
def test_every_message_comes_back(message: Message, message_id: int, version: int) -> None:
    data = encode_message(message, message_id, version)
    (frame,) = Framer().feed(data)
    assert (frame.version, frame.type, frame.id) == (version, message.TYPE, message_id)
    assert decode_message(frame) == message


@pytest.mark.parametrize("kind", list(codec._PARAMETERS), ids=lambda kind: kind.__name__)
@settings(max_examples=8)
@given(data=st.data())
def test_every_parameter_comes_back(kind: type[Parameter], data: st.DataObject) -> None:
    parameter = data.draw(instance(kind, 1))
    assert decode_parameters(encode_parameters((parameter,))) == (parameter,)


def test_messages_and_parameters_have_the_standards_numbers_once() -> None:
    assert len(codec._PARAMETERS) == len(codec._PARAMETER_BY_TYPE)
    assert len(codec._MESSAGES) == len(codec._MESSAGE_BY_TYPE)
    assert message_name(61) == "RO_ACCESS_REPORT"
    assert message_name(999) == "MESSAGE_999"


@given(st.lists(st.sampled_from([EVENT, Keepalive(), RoAccessReport()]), max_size=6), st.data())
def test_a_framer_gives_the_same_messages_however_the_bytes_arrive(sent: list[Message], data: st.DataObject) -> None:
    stream = b"".join(encode_message(message, number) for number, message in enumerate(sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    framer = Framer()
    frames: list[Frame] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        frames += framer.feed(stream[start:end])
    assert [decode_message(frame) for frame in frames] == sent
    assert [frame.id for frame in frames] == list(range(len(sent)))
    assert framer.held == 0


def test_a_message_cut_at_any_byte_waits_for_the_rest() -> None:
    data = encode_message(EVENT, 5)
    for cut in range(len(data)):
        framer = Framer()
        assert list(framer.feed(data[:cut])) == []
        assert len(list(framer.feed(data[cut:]))) == 1


@pytest.mark.parametrize("length", [0, 1, 9, MAX_MESSAGE_BYTES + 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_length_that_cannot_be_ends_the_stream_before_anything_is_kept(length: int) -> None:
    framer = Framer()
    with pytest.raises(LlrpError, match="bytes"):
        next(framer.feed(struct.pack(">HII", 1 << 10 | 61, length, 1)))
    assert framer.held <= 10


@pytest.mark.parametrize("version", [0, 3, 4, 7])
def test_another_version_is_refused(version: int) -> None:
    with pytest.raises(LlrpError, match="version"):
        next(Framer().feed(frame_bytes(62, b"", version=version)))


@pytest.mark.parametrize("length", [0, 1, 3, 0xFFFF])
def test_a_parameter_whose_length_cannot_be_is_refused(length: int) -> None:
    with pytest.raises(LlrpError):
        decode_parameters(struct.pack(">HH", 246, length) + b"\0" * 8)


def test_every_parameter_cut_at_every_byte_is_refused_or_shorter() -> None:
    whole = encode_message(EVENT)[10:]
    for cut in range(1, len(whole)):
        with pytest.raises(LlrpError):
            decode_message(Frame(1, EVENT.TYPE, 1, whole[:cut]))


def test_unknown_parameters_are_kept_and_skipped() -> None:
    odd = (
        UnknownParameter(900, b"abc"),
        Custom(25882, 57, b"\x01\x02"),
        TagReportData(
            children=(Epc96(b"x" * 12), UnknownParameter(700, b""), AntennaId(3), UnknownParameter(99, b"zz"))
        ),
        UnknownParameter(1000, b""),
    )
    message = decode_message(next(Framer().feed(encode_message(RoAccessReport(children=odd)))))
    assert message == RoAccessReport(children=odd)
    tag = first(message, TagReportData)
    assert tag is not None
    assert first(tag, AntennaId) == AntennaId(3)
    assert every(tag, AntennaEvent) == []


def test_a_message_of_an_unknown_type_is_kept() -> None:
    (frame,) = Framer().feed(frame_bytes(999, b"abc", 4))
    assert decode_message(frame) == UnknownMessage(999, b"abc")
    assert encode_message(UnknownMessage(999, b"abc"), 4) == frame_bytes(999, b"abc", 4)


def test_bytes_behind_the_fields_of_a_newer_version_are_skipped() -> None:
    assert decode_parameters(struct.pack(">HHBH2x", 255, 9, 1, 7)) == (AntennaEvent(1, 7),)


def test_endless_nesting_is_refused() -> None:
    body = b""
    for _ in range(400):
        body = struct.pack(">HH", 240, len(body) + 4) + body
    with pytest.raises(LlrpError, match="deep"):
        decode_parameters(body)


def test_a_value_that_does_not_fit_is_refused() -> None:
    for bad in (
        AntennaId(70_000),
        LlrpStatus(0, "x" * 70_000),
        LlrpStatus(0, "\ud800"),
        TagReportData((Custom(1, 2, b"x" * 65_530),)),
    ):
        with pytest.raises(LlrpError):
            encode_parameters((bad,))
    with pytest.raises(LlrpError):
        encode_message(Keepalive(), 2**32)


def test_two_thousand_mutated_messages_raise_nothing_but_our_own_error() -> None:
    draw = random.Random(20)
    whole = encode_message(EVENT) + encode_message(RoAccessReport((TagReportData((Epc96(b"x" * 12), AntennaId(1))),)))
    refused = 0
    for _ in range(2000):
        data = bytearray(whole)
        for _ in range(draw.randint(1, 6)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        try:
            for frame in Framer().feed(bytes(data)):
                decode_message(frame)
        except LlrpError:
            refused += 1
    assert 100 < refused < 2000


@given(st.binary(max_size=300), st.sampled_from([kind.TYPE for kind in codec._MESSAGES]))
def test_any_bytes_in_any_message_are_read_or_refused(body: bytes, kind: int) -> None:
    try:
        decode_message(Frame(1, kind, 0, body))
    except LlrpError:
        return
