"""Writes ``docs/messages.md`` from the classes, so that the page cannot say anything else than the code.

``MESSAGES`` is the table of what travels where; a test holds that every fact, and every struct of the wire, is in it.
"""

import re
from dataclasses import dataclass
from typing import Final, cast, get_args

import msgspec
from msgspec import inspect

from models.messages import devices, envelopes, facts, goods, ids, samples, topics
from models.messages.every_fact import AnyFact
from models.messages.examples import load_examples

StructClass = type[msgspec.Struct]


@dataclass(frozen=True, slots=True)
class Row:
    """One message: its class, where it travels (a topic or a way), and from whom to whom."""

    kind: StructClass
    where: str
    direction: str


def _template(topic: topics.Topic) -> str:
    return re.sub(r"x-([a-z]+)", r"{\1}", str(topic))


def _device(kind: topics.DeviceKind) -> str:
    return _template(topics.DeviceTopic("x-store", "x-device", kind))


_FACTS: Final = _template(topics.FactsTopic("x-store", "x-node", None)).replace(topics.ANY, "{class}")
_ACKS: Final = _template(topics.AcksTopic("x-store", "x-node", None)).replace(topics.ANY, "{class}")
_NODE: Final = "edge → gateway"

DEVICES: Final = (
    Row(devices.Reads, _device(topics.DeviceKind.READS), "shelf → edge"),
    Row(devices.PeopleCount, _device(topics.DeviceKind.COUNT), "queue counter → edge"),
    Row(devices.Code, _device(topics.DeviceKind.CODE), "scanner → edge"),
    Row(devices.Till, _device(topics.DeviceKind.TILL), "till → edge"),
    Row(devices.DeviceStatus, _device(topics.DeviceKind.STATUS), "device → edge, retained"),
)
SAMPLES: Final = (
    Row(samples.LaneSample, _template(topics.LaneTopic("x-store", "x-lane")), "edge → everybody, retained"),
    Row(samples.DoorSample, _template(topics.DoorTopic("x-store", "x-door")), "edge → everybody, retained"),
    Row(samples.AdviceSample, _template(topics.AdviceTopic("x-store", "x-node")), f"{_NODE}, retained"),
    Row(samples.BasketsSample, _template(topics.BasketsTopic("x-store")), "gateway → edge, retained"),
    Row(samples.NodeStatus, _template(topics.StatusTopic("x-store", "x-node")), f"{_NODE}, retained, last will"),
)
ENVELOPES: Final = (
    Row(envelopes.FactBatch, _FACTS, f"{_NODE}, QoS 1; over HTTPS gateway ↔ headquarters"),
    Row(envelopes.Ack, _ACKS, "gateway → edge, QoS 1; over HTTPS gateway ↔ headquarters"),
    Row(envelopes.Command, _template(topics.CommandTopic("x-store", "x-node")), "gateway → edge, QoS 1"),
)
FACTS: Final = tuple(Row(kind, kind.stream.value, "") for kind in get_args(AnyFact))
PARTS: Final = tuple(
    Row(kind, "", "")
    for kind in (
        devices.TagRead,
        facts.Evidence,
        facts.SaleLine,
        goods.LogisticUnit,
        goods.DeliveryLine,
        goods.ReceivedLine,
        samples.Outlook,
        samples.BasketLevel,
        samples.StandingBasket,
        samples.Problem,
        samples.StreamState,
        samples.ReaderState,
    )
)
MESSAGES: Final = (*DEVICES, *SAMPLES, *ENVELOPES, *FACTS, *PARTS)

UNITS: Final = {"_ms": "ms since 1970, UTC", "_s": "s", "_minor": "minor units (cents, fen)", "_dbm": "dBm"}
_ALIASES: Final = {
    alias: name
    for name in ("ShelfId", "Epoch", "Epc", "Gtin", "Sscc", "MemberId", "Token", "Currency", "Slug")
    if (alias := getattr(ids, name)) is not None
}

_HEAD = """# Messages

<!-- Written by `aisle docs` from models/messages; a test compares. Change the classes, not this page. -->

JSON in UTF-8. Unknown fields are ignored; a field may be added within `v1` if it has a default. A field that has a
default may be left out. Times are integers, milliseconds since 1970 in UTC; money is an integer in the currency's
minor unit; a number that is not finite is refused. A message has at most {limit:,} bytes. What is refused is kept
with its reason where the manager can read it, and the next message is read.

Identifiers:

| name | pattern |
|---|---|
{ids}
"""


def messages_page() -> str:
    """The whole of ``docs/messages.md``."""
    from models.messages.codec import MAX_MESSAGE_BYTES

    patterns = "\n".join(f"| `{name}` | `{_pattern(alias)}` |" for alias, name in _ALIASES.items())
    parts = [_HEAD.format(limit=MAX_MESSAGE_BYTES, ids=patterns)]
    for title, rows in (
        ("What devices say", DEVICES),
        ("Samples: how something is now", SAMPLES),
        ("Envelopes: how facts travel", ENVELOPES),
        ("Facts: what happened", FACTS),
        ("Parts of messages", PARTS),
    ):
        parts += [f"## {title}\n", *(_section(row) for row in rows)]
    return "\n".join(parts)


def _section(row: Row) -> str:
    info = cast("inspect.StructType", inspect.type_info(row.kind))
    title = f"`{info.tag}`" if info.tag is not None else row.kind.__name__
    lines = [f"### {title}\n", f"{_prose(row.kind)}\n"]
    if info.tag is not None:
        lines.append(f"Class `{row.kind.__name__}`, stream `{row.where}`.\n")
    elif row.where:
        lines.append(f"`{row.where}` ({row.direction})\n")
    lines += ["| field | type | limits and unit | default |", "|---|---|---|---|"]
    if info.tag is not None:
        lines.append(f'| `kind` | text | `"{info.tag}"` | |')
    lines += [_field(field) for field in info.fields]
    shown = [example.payload for example in load_examples() if example.name == row.kind.__name__]
    lines += ["", "```json", *(bytes(payload).decode() for payload in shown), "```", ""]
    return "\n".join(lines)


def _prose(kind: StructClass) -> str:
    return " ".join((kind.__doc__ or "").replace("``", "`").split())


def _field(field: inspect.Field) -> str:
    kind, limits = _type(field.type)
    unit = next((text for end, text in UNITS.items() if field.encode_name.endswith(end)), "")
    default = "" if field.required else f"`{msgspec.json.encode(_default(field)).decode()}`"
    return f"| `{field.encode_name}` | {kind} | {'; '.join(part for part in (limits, unit) if part)} | {default} |"


def _default(field: inspect.Field) -> object:
    factory = field.default_factory
    return factory() if callable(factory) else field.default


def _type(kind: inspect.Type) -> tuple[str, str]:
    """What a reader calls the type, and its limits."""
    match kind:
        case inspect.UnionType(types=types):
            name, limits = _type(next(one for one in types if not isinstance(one, inspect.NoneType)))
            return f"{name} or null", limits
        case inspect.VarTupleType(item_type=item, max_length=most):
            name, limits = _type(item)
            return f"list of {name}", "; ".join(part for part in (_range(None, most, " items"), limits) if part)
        case inspect.StructType(cls=cls):
            return f"[{cls.__name__}](#{cls.__name__.lower()})", ""
        case inspect.StrType(pattern=str(pattern)):
            return _named(pattern)
    return _plain(kind)


def _plain(kind: inspect.Type) -> tuple[str, str]:
    match kind:
        case inspect.IntType(ge=low, le=high):
            return "integer", _range(low, high)
        case inspect.FloatType(ge=low, le=high):
            return "number", _range(low, high)
        case inspect.StrType(min_length=low, max_length=high):
            return "text", _range(low, high, " characters")
        case inspect.LiteralType(values=values):
            return "text", ", ".join(f'`"{value}"`' for value in values)
        case inspect.EnumType(cls=cls):
            return "text", ", ".join(f'`"{member.value}"`' for member in cls)
        case inspect.BoolType():
            return "true or false", ""
        case inspect.RawType():
            return "fact", "see below"
    raise TypeError(f"{kind} has no words yet: add a case")


def _range(low: float | None, high: float | None, of: str = "") -> str:
    if low is not None and high is not None:
        return f"{low} to {high}{of}"
    return f"at most {high}{of}" if high is not None else f"at least {low}{of}" if low is not None else ""


def _named(pattern: str) -> tuple[str, str]:
    for alias, name in _ALIASES.items():
        if ids.whole(_pattern(alias)) == pattern:
            return f"`{name}`", ""
    return "text", f"`{_readable(pattern)}`"


def _readable(pattern: str) -> str:
    return pattern.replace(r"\Z", "$")


def _pattern(alias: object) -> str:
    """The pattern of an ``Annotated[str, Meta(pattern=…)]``, as it is written in most languages."""
    meta = next(one for one in get_args(alias) if isinstance(one, msgspec.Meta))
    return _readable(meta.pattern or "")
