"""Decoding gives a message or raises ``WireError``, whatever the bytes are."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.messages import codec, devices, envelopes, facts, samples
from models.messages.errors import Malformed, Oversized, WireError, WrongVersion
from models.messages.examples import Example, load_examples

Maker = Callable[[type[msgspec.Struct]], st.SearchStrategy[Any]]
KINDS = (devices.Reads, devices.Till, devices.Code, samples.LaneSample, samples.NodeStatus, envelopes.FactBatch)
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(data=st.data())
def _round_trip(kind: type[msgspec.Struct], maker: Maker, data: st.DataObject) -> None:
    message = data.draw(maker(kind))
    again = codec.decode(codec.encode(message), kind)
    assert again == message
    if isinstance(message, facts.Fact):
        assert codec.decode_fact(codec.encode(message)) == message


def test_every_message_survives_the_wire(wire_class: type[msgspec.Struct], any_message: Maker) -> None:
    _round_trip(wire_class, any_message)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", Malformed),
        (b"\xff\xfe", Malformed),
        (b"null", Malformed),
        (b"[]", Malformed),
        (b'{"people":NaN}', Malformed),
        (b'{"people":Infinity}', Malformed),
        (b'{"people":1e400}', Malformed),
        (b'{"people":-1}', Malformed),
        (b'{"people":1.5}', Malformed),
        (b'{"people":123456789012345678901234567890}', Malformed),
        (b'{"people":"3"}', Malformed),
        (b'{"people":3,"t_ms":-5}', Malformed),
        (b'{"people":3} trailing', Malformed),
        (b'{"people":3', Malformed),
        (b'{"x":"\xed\xa0\x80","people":"\xed"}', Malformed),
        (b'{"people":3,"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}", Malformed),
        (b'{"x":' * 100_000 + b"1" + b"}" * 100_000, Malformed),
        (b'{"people":3,"v":2}', WrongVersion),
        (b'{"headcount":3,"v":2}', WrongVersion),
        (b'{"people":3,"v":99999999999999999999999}', WrongVersion),
        (b'{"people":3,"v":"two"}', Malformed),
        (b'{"people":3,"pad":"' + b"x" * codec.MAX_MESSAGE_BYTES + b'"}', Oversized),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, bytes) else value.__name__,
)
def test_bad_bytes_are_refused_for_their_reason(data: bytes, error: type[WireError]) -> None:
    with pytest.raises(error):
        codec.decode(data, devices.PeopleCount)


@pytest.mark.parametrize("reason", ["wire", "oversized", "malformed", "version", "topic"])
def test_every_refusal_has_its_own_word_for_counters(reason: str) -> None:
    from models.messages import errors

    kinds = [errors.WireError, errors.Oversized, errors.Malformed, errors.WrongVersion, errors.BadTopic]
    assert [kind.reason for kind in kinds].count(reason) == 1


@QUICK
@given(st.binary(max_size=400), st.sampled_from(KINDS))
def test_any_bytes_raise_nothing_but_wire_errors(data: bytes, kind: type[msgspec.Struct]) -> None:
    with suppress(WireError):
        codec.decode(data, kind)
    with suppress(WireError):
        codec.decode_fact(data)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(load_examples()),
    st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=3)), min_size=1, max_size=4),
    st.sampled_from(KINDS),
)
def test_a_mutated_message_raises_nothing_but_wire_errors(
    example: Example, cuts: list[tuple[int, bytes]], kind: type[msgspec.Struct]
) -> None:
    data = bytes(example.payload)
    for place, put in cuts:
        at = place % (len(data) + 1)
        data = data[:at] + put + data[at + 1 :]
    with suppress(WireError):
        codec.decode(data, kind)
    with suppress(WireError):
        codec.decode_fact(data)


@pytest.mark.parametrize("text", ["lane-1\n", "Lane-1", "", "lane 1", "-lane", "l" * 33, "läne", "lane/1", "+", "#"])
def test_an_identifier_is_the_whole_text(text: str) -> None:
    payload = msgspec.json.encode({"event": "opened", "lane": text})
    with pytest.raises(Malformed):
        codec.decode(payload, devices.Till)


def test_a_bad_fact_in_a_batch_leaves_the_others_readable() -> None:
    good = codec.encode(facts.DoorMinute(t_ms=1, door="main", entered=1, left=0))
    batch = codec.decode_batch(
        b'{"epoch":"0123456789abcdef","first":1,"facts":[' + good + b',{"kind":"no.such"},[]]}'
    )
    assert codec.decode_fact(batch.facts[0]).t_ms == 1
    for bad in batch.facts[1:]:
        with pytest.raises(Malformed):
            codec.decode_fact(bad)


def test_a_camera_message_has_no_field_for_an_image() -> None:
    for kind in (samples.LaneSample, samples.DoorSample, facts.LaneMinute, facts.DoorMinute, devices.PeopleCount):
        for field in msgspec.structs.fields(kind):
            assert field.type is not bytes
            assert not {"image", "frame", "jpeg", "picture", "data"} & set(field.name.split("_"))
