"""Every EPC scheme beside SGTIN-96, by ``epcpy``, which is held to what it forgets to check.

epcpy accepts trailing digits, padding that is not zero and digits that overflow; here what it decoded is encoded
again, and only a tag that comes back bit for bit is good.
"""

import inspect
import re
from typing import Any, Final, NamedTuple

from epcpy.epc_schemes.base_scheme import GS1Keyed, TagEncodable
from epcpy.utils.common import replace_uri_escapes
from epcpy.utils.parsers import EPC_SCHEME_IDENTIFIERS, TAG_ENCODABLE_CLASSES

from models.codes.errors import BadEpc
from models.codes.gtin import check_digit

_CLASSES: Final = {scheme.value: kind for kind in TAG_ENCODABLE_CLASSES for scheme in kind.BinaryCodingScheme}
_HEADERS: Final = {
    f"{int(header.value, 2):02X}": kind.BinaryCodingScheme[header.name].value
    for kind in TAG_ENCODABLE_CLASSES
    for header in kind.BinaryHeader
}
_BITS: Final = re.compile(r"-(\d+)$")
_FILTER_BITS: Final = {"gid": 0, "usdod": 4, "adi": 6}
_TAG_URI: Final = re.compile(r"urn:epc:tag:([a-z]+-(?:\d+|var)):(.+)")
_ID_URI: Final = re.compile(r"urn:epc:id:([a-z]+):(.+)")
MAX_URI: Final = 300


class Identity(NamedTuple):
    """What a tag of one of these schemes names; ``DecodedEpc`` says what the fields mean."""

    uri: str
    tag_uri: str
    gtin: str | None
    serial: str | None
    filter: int | None
    key: str | None


def scheme_of(code: str) -> str | None:
    """The coding scheme that the header of ``code`` names, ``None`` where no scheme has it."""
    return _HEADERS.get(code[:2])


def decode(code: str, scheme: str) -> Identity:
    """Decode ``code``, upper-case hexadecimal whose header is that of ``scheme``.

    Raises:
        BadEpc: the length is not the scheme's, or the content is none of the scheme.
    """
    width = _BITS.search(scheme)
    if width and len(code) != -(-int(width[1]) // 16) * 4:
        raise BadEpc(f"{code}: an {scheme} has {-(-int(width[1]) // 16) * 4} hexadecimal digits, not {len(code)}")
    kind = _CLASSES[scheme]
    filter_value = _filter_of(code, scheme)
    try:
        tag = kind.from_hex(code)
        again = _pack(tag, scheme, filter_value)
        tag_uri = _call(tag.tag_uri, tag, scheme, filter_value)
        key = tag.gs1_key() if isinstance(tag, GS1Keyed) else None
    except Exception as error:  # epcpy lets whatever its slices and tables raise escape
        raise BadEpc(f"{code} is no {scheme}: {error}") from error
    if again != code:
        raise BadEpc(f"{code} is no {scheme}: encoded again it is {again}")
    gtin, serial = _gtin_and_serial(tag.epc_uri)
    return Identity(tag.epc_uri, tag_uri, gtin, serial, filter_value, None if gtin else key)


def encode(uri: str, filter_value: int | None) -> str:
    """The hexadecimal of a pure identity or tag URI.

    Raises:
        BadEpc: no such scheme, or its rules are broken.
    """
    if len(uri) > MAX_URI:
        raise BadEpc(f"a URI of {len(uri)} characters is no EPC")
    tagged, identity = _TAG_URI.fullmatch(uri), _ID_URI.fullmatch(uri)
    if tagged and tagged[1] in _CLASSES:
        return _encode_tag_uri(uri, tagged[1], tagged[2])
    if not identity or identity[1] not in EPC_SCHEME_IDENTIFIERS:
        raise BadEpc(f"{uri[:120]!r} is no EPC URI: urn:epc:id:sgtin:…, urn:epc:tag:sgtin-96:… or urn:epc:raw:…")
    kind = EPC_SCHEME_IDENTIFIERS[identity[1]]
    if not issubclass(kind, TagEncodable):
        raise BadEpc(f"{uri[:120]!r}: a {identity[1]} is never written to a tag")
    chosen = filter_value if filter_value is not None else int(identity[1] == "sgtin")
    return _shortest(uri, kind, chosen)


def _encode_tag_uri(uri: str, scheme: str, rest: str) -> str:
    name = scheme.partition("-")[0]
    given = None
    if _FILTER_BITS.get(name) != 0:
        digits, _, rest = rest.partition(".")
        if not re.fullmatch(r"\d{1,2}", digits):
            raise BadEpc(f"{uri[:120]!r} has no filter value")
        given = int(digits)
    return _checked(f"urn:epc:id:{name}:{rest}", _CLASSES[scheme], scheme, given)


def _shortest(uri: str, kind: type[TagEncodable], filter_value: int) -> str:
    problem: BadEpc | None = None
    for scheme in kind.BinaryCodingScheme:
        try:
            return _checked(uri, kind, scheme.value, filter_value)
        except BadEpc as error:
            problem = error
    raise problem or BadEpc(f"{uri[:120]!r} has no scheme for a tag")


def _checked(uri: str, kind: type[TagEncodable], scheme: str, filter_value: int | None) -> str:
    """Encode and decode again: what does not come back as it went in was never right."""
    try:
        code = _pack(kind(uri), scheme, filter_value)
        again = kind.from_hex(code).epc_uri
    except Exception as error:
        raise BadEpc(f"{uri[:120]!r} does not fit {scheme}: {error}") from error
    if again != uri:
        raise BadEpc(f"{uri[:120]!r} does not fit {scheme}: it comes back as {again[:120]!r}")
    return code


def _pack(tag: TagEncodable, scheme: str, filter_value: int | None) -> str:
    bits: str = _call(tag.binary, tag, scheme, filter_value)
    width = _BITS.search(scheme)
    if width and len(bits) != int(width[1]):
        raise BadEpc(f"{len(bits)} bits")
    padded = bits + "0" * (-len(bits) % 16)
    return f"{int(padded, 2):0{len(padded) // 4}X}"


def _call(method: Any, tag: TagEncodable, scheme: str, filter_value: int | None) -> Any:  # noqa: ANN401 - untyped library
    """Call ``binary`` or ``tag_uri`` with those of its two parameters that this scheme has."""
    parameters = inspect.signature(method).parameters
    arguments: dict[str, object] = {"binary_coding_scheme": tag.BinaryCodingScheme(scheme)}
    if "filter_value" in parameters:
        arguments["filter_value"] = _filter_enum(tag)(str(filter_value or 0))
    return method(**arguments)


def _filter_enum(tag: TagEncodable) -> Any:  # noqa: ANN401 - untyped library
    name = type(tag).__name__
    return getattr(inspect.getmodule(type(tag)), f"{name}FilterValue")


def _filter_of(code: str, scheme: str) -> int | None:
    width = _FILTER_BITS.get(scheme.partition("-")[0], 3)
    if width == 0 or len(code) < 4:
        return None
    return (int(code[:4], 16) & 0xFF) >> (8 - width)


def _gtin_and_serial(uri: str) -> tuple[str | None, str | None]:
    """A product's GTIN-14, and the serial of every scheme that has one in its last part."""
    scheme, body = uri.split(":", 4)[3:5]
    parts = body.split(".", 2)
    if scheme == "sgtin":
        prefix, reference, serial = parts
        digits = reference[0] + prefix + reference[1:]
        return digits + check_digit(digits), replace_uri_escapes(serial)
    if scheme == "itip":
        prefix, reference, rest = parts
        digits = reference[0] + prefix + reference[1:]
        return digits + check_digit(digits), replace_uri_escapes(rest.split(".", 2)[2])
    if scheme in {"sgln", "grai", "gdti", "gid", "cpi", "sgcn"}:
        return None, replace_uri_escapes(parts[2])
    return None, None
