"""The wire does not change by accident: committed payloads are read and written byte for byte."""

import typing

import msgspec
import pytest
from msgspec import inspect

from models.messages import codec, facts
from models.messages.every_fact import AnyFact
from models.messages.examples import Example, load_examples

EXAMPLES = load_examples()


def _class_of(example: Example) -> type[msgspec.Struct]:
    from models.messages import devices, envelopes, goods, samples

    for module in (devices, envelopes, facts, goods, samples):
        if hasattr(module, example.name):
            kind: type[msgspec.Struct] = getattr(module, example.name)
            return kind
    raise AssertionError(f"{example.name} is no class of the wire")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.name)
def test_a_golden_payload_is_decoded_and_encoded_byte_for_byte(example: Example) -> None:
    payload = bytes(example.payload)
    assert codec.encode(codec.decode(payload, _class_of(example))) == payload


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.name)
def test_a_golden_fact_is_known_by_its_kind(example: Example) -> None:
    kind = _class_of(example)
    if issubclass(kind, facts.Fact):
        assert type(codec.decode_fact(bytes(example.payload))) is kind


def test_every_class_has_a_golden_payload(wire_class: type[msgspec.Struct]) -> None:
    assert wire_class.__name__ in {example.name for example in EXAMPLES}


def test_golden_payloads_use_every_field(wire_class: type[msgspec.Struct]) -> None:
    info = inspect.type_info(wire_class)
    assert isinstance(info, inspect.StructType)
    used = {name for one in EXAMPLES if one.name == wire_class.__name__ for name in msgspec.json.decode(one.payload)}
    assert {field.encode_name for field in info.fields} - used <= {"v"}


def test_every_fact_is_in_the_union_that_decoders_read(wire_class: type[msgspec.Struct]) -> None:
    if issubclass(wire_class, facts.Fact):
        assert wire_class in typing.get_args(AnyFact)


def test_a_field_that_nobody_knows_is_ignored(wire_class: type[msgspec.Struct]) -> None:
    example = next(one for one in EXAMPLES if one.name == wire_class.__name__)
    known = msgspec.json.decode(example.payload)
    extended = msgspec.json.encode({**known, "later_ms": 1, "later": {"deep": [1, 2]}})
    assert codec.decode(extended, wire_class) == codec.decode(bytes(example.payload), wire_class)
