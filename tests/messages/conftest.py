"""Every class of the wire, and a strategy that makes any message the class allows."""

import inspect as python_inspect
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st
from msgspec import inspect

from models.messages import devices, envelopes, facts, goods, samples

StructClass = type[msgspec.Struct]
ABSTRACT = {facts.Fact, facts.ItemFact, facts.MemberFact}


def wire_classes() -> list[StructClass]:
    found: list[StructClass] = []
    for module in (devices, envelopes, facts, goods, samples):
        for _name, kind in python_inspect.getmembers(module, python_inspect.isclass):
            if issubclass(kind, msgspec.Struct) and kind.__module__ == module.__name__ and kind not in ABSTRACT:
                found.append(kind)
    return found


def messages_of(kind: StructClass) -> st.SearchStrategy[Any]:
    """Any message of the class, limits and patterns of its fields kept."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    required = {field.name: values_of(field.type) for field in info.fields if field.required}
    optional = {
        field.name: values_of(field.type) for field in info.fields if not field.required and field.name != "v"
    }
    return st.fixed_dictionaries(required, optional=optional).map(lambda values: kind(**values))


def _text(kind: inspect.StrType) -> st.SearchStrategy[str]:
    if kind.pattern is not None:
        most = kind.max_length or 500
        return st.from_regex(kind.pattern, fullmatch=True).filter(lambda text: len(text) <= most)
    return st.text(
        st.characters(codec="utf-8"), min_size=kind.min_length or 0, max_size=min(kind.max_length or 60, 60)
    )


def _number(kind: inspect.FloatType) -> st.SearchStrategy[float]:
    return st.floats(min_value=kind.ge, max_value=kind.le, allow_nan=False, allow_infinity=False)


def values_of(kind: inspect.Type) -> st.SearchStrategy[Any]:
    makers: dict[type[inspect.Type], Callable[[Any], st.SearchStrategy[Any]]] = {
        inspect.IntType: lambda one: st.integers(min_value=one.ge, max_value=one.le),
        inspect.FloatType: _number,
        inspect.StrType: _text,
        inspect.BoolType: lambda _one: st.booleans(),
        inspect.NoneType: lambda _one: st.none(),
        inspect.LiteralType: lambda one: st.sampled_from(one.values),
        inspect.EnumType: lambda one: st.sampled_from(list(one.cls)),
        inspect.UnionType: lambda one: st.one_of(*[values_of(inner) for inner in one.types]),
        inspect.VarTupleType: lambda one: st.lists(values_of(one.item_type), max_size=3).map(tuple),
        inspect.StructType: lambda one: messages_of(one.cls),
        inspect.RawType: lambda _one: messages_of(facts.DoorMinute).map(
            lambda it: msgspec.Raw(msgspec.json.encode(it))
        ),
    }
    return makers[type(kind)](kind)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "wire_class" in metafunc.fixturenames:
        metafunc.parametrize("wire_class", wire_classes(), ids=lambda kind: kind.__name__)


@pytest.fixture
def any_message() -> Callable[[StructClass], st.SearchStrategy[Any]]:
    return messages_of
