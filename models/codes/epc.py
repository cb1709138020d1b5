"""EPCs to what they name and back: SGTIN-96, which is nearly every tag of a shop, on a fast path of our own.

Layout and partitions: GS1 EPC Tag Data Standard 1.13, section 14.5.1. Every other scheme is in ``epc_schemes``.
"""

import re
from typing import Final

from msgspec import Struct

from models.codes import epc_schemes
from models.codes.errors import BadEpc
from models.codes.gtin import check_digit, normalise_gtin

SGTIN_96: Final = "sgtin-96"
UNKNOWN: Final = "unknown"

_WORDS = re.compile(r"(?:[0-9A-F]{4}){1,31}")
_SERIAL_BITS, _SERIAL_LIMIT = 38, 1 << 38
# Partition → bits of the company prefix, its digits, bits of the item reference, its digits.
_PARTITIONS: Final = ((40, 12, 4, 1), (37, 11, 7, 2), (34, 10, 10, 3), (30, 9, 14, 4), (27, 8, 17, 5), (24, 7, 20, 6),
                      (20, 6, 24, 7))  # fmt: skip


class DecodedEpc(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one tag says.

    ``scheme`` is the coding scheme as tag URIs spell it (``sgtin-96``, ``sscc-96``, …) or ``unknown``; ``uri`` is the
    pure identity, of an unknown one the raw URI. ``serial`` has its percent escapes undone. ``key`` is the GS1 key of
    schemes that are no product: SSCC, GLN, GRAI, GIAI. ``note`` says why a tag is unknown.
    """

    hex: str
    scheme: str
    uri: str
    tag_uri: str
    gtin: str | None = None
    serial: str | None = None
    filter: int | None = None
    key: str | None = None
    note: str = ""


def clean_hex(text: str) -> str:
    """Upper-case hexadecimal of whole 16-bit words.

    Raises:
        BadEpc: it is not that, or longer than a tag's EPC bank can hold.
    """
    cleaned = text.strip().upper()
    if not _WORDS.fullmatch(cleaned):
        raise BadEpc(f"{text[:80]!r} is not an EPC: whole words of four hexadecimal digits, at most 31 of them")
    return cleaned


def decode_epc(text: str) -> DecodedEpc:
    """Decode an EPC given in hexadecimal; a header that no scheme has gives an item of scheme ``unknown``.

    Raises:
        BadEpc: not hexadecimal words, or the content contradicts the header (length, partition, digits, padding).
    """
    code = clean_hex(text)
    if code[:2] == "30":
        return _decode_sgtin96(code)
    scheme = epc_schemes.scheme_of(code)
    if scheme is None:
        return _unknown(code, f"no scheme has the header {code[:2]}")
    identity = epc_schemes.decode(code, scheme)
    return DecodedEpc(
        hex=code,
        scheme=scheme,
        uri=identity.uri,
        tag_uri=identity.tag_uri,
        gtin=identity.gtin,
        serial=identity.serial,
        filter=identity.filter,
        key=identity.key,
    )


def identify(text: str) -> DecodedEpc:
    """Decode what a reader read. A tag that contradicts itself is kept as an unknown item: it does stand there.

    Raises:
        BadEpc: not hexadecimal words.
    """
    try:
        return decode_epc(text)
    except BadEpc as error:
        return _unknown(clean_hex(text), str(error))


def _unknown(code: str, note: str) -> DecodedEpc:
    raw = f"urn:epc:raw:{len(code) * 4}.x{code}"
    return DecodedEpc(hex=code, scheme=UNKNOWN, uri=raw, tag_uri=raw, note=note)


def _decode_sgtin96(code: str) -> DecodedEpc:
    if len(code) != 24:
        raise BadEpc(f"{code}: an SGTIN-96 has 24 hexadecimal digits, this has {len(code)}")
    bits = int(code, 16)
    filter_value = (bits >> 85) & 7
    partition = (bits >> 82) & 7
    if partition > 6:
        raise BadEpc(f"{code}: an SGTIN-96 has no partition 7")
    _, company_digits, item_bits, item_digits = _PARTITIONS[partition]
    item = (bits >> _SERIAL_BITS) & ((1 << item_bits) - 1)
    company = (bits >> (_SERIAL_BITS + item_bits)) & ((1 << (44 - item_bits)) - 1)
    prefix, reference = f"{company:0{company_digits}d}", f"{item:0{item_digits}d}"
    if len(prefix) > company_digits or len(reference) > item_digits:
        raise BadEpc(f"{code}: company prefix or item reference has more digits than its partition allows")
    serial = str(bits & (_SERIAL_LIMIT - 1))
    body = reference[0] + prefix + reference[1:]
    rest = f"{prefix}.{reference}.{serial}"
    return DecodedEpc(
        hex=code,
        scheme=SGTIN_96,
        uri=f"urn:epc:id:sgtin:{rest}",
        tag_uri=f"urn:epc:tag:sgtin-96:{filter_value}.{rest}",
        gtin=body + check_digit(body),
        serial=serial,
        filter=filter_value,
    )


def encode_sgtin96(gtin: str, serial: int, *, company_prefix_digits: int = 7, filter_value: int = 1) -> str:
    """The SGTIN-96 of piece ``serial`` of a product, as upper-case hexadecimal. Filter 1 is a point-of-sale item.

    Raises:
        BadEpc: serial, prefix length or filter out of range.
        BadGtin: not a GTIN.
    """
    body = normalise_gtin(gtin)[:-1]
    if not 6 <= company_prefix_digits <= 12:
        raise BadEpc(f"a company prefix has 6 to 12 digits, not {company_prefix_digits}")
    reference = body[0] + body[1 + company_prefix_digits :]
    return _pack_sgtin96(body[1 : 1 + company_prefix_digits], reference, serial, filter_value)


def _pack_sgtin96(prefix: str, reference: str, serial: int, filter_value: int) -> str:
    if not 0 <= serial < _SERIAL_LIMIT:
        raise BadEpc(f"the serial of an SGTIN-96 is below {_SERIAL_LIMIT}, {serial} needs an SGTIN-198")
    if not 0 <= filter_value <= 7:
        raise BadEpc(f"a filter value is 0 to 7, not {filter_value}")
    partition = 12 - len(prefix)
    _, _, item_bits, _ = _PARTITIONS[partition]
    bits = (0x30 << 6) | (filter_value << 3) | partition
    bits = (bits << (44 - item_bits)) | int(prefix)
    bits = (bits << item_bits) | int(reference)
    return f"{(bits << _SERIAL_BITS) | serial:024X}"


def encode_uri(uri: str, *, filter_value: int | None = None) -> DecodedEpc:
    """Encode a pure identity URI, a tag URI or a raw URI; a pure identity takes the shortest scheme that holds it.

    ``filter_value`` counts where the URI names none; left out it is 1 (point of sale) for an SGTIN and 0 for others.

    Raises:
        BadEpc: not such a URI, or what it names does not fit its scheme.
    """
    cleaned = uri.strip()
    if raw := re.fullmatch(r"urn:epc:raw:(\d{1,3})\.x([0-9A-Fa-f]+)", cleaned):
        code = clean_hex(raw[2])
        if int(raw[1]) != len(code) * 4:
            raise BadEpc(f"{cleaned[:120]!r} says {raw[1]} bits and gives {len(code) * 4}")
        return identify(code)
    return decode_epc(epc_schemes.encode(cleaned, filter_value))
