"""What a scanned or typed text says: GTIN, GS1 element string, Digital Link, EPC, a member's code, or plain text.

GS1 syntax is in ``gs1_syntax``, which is imported when the first code needs it: its tables weigh 16 MB.
"""

import re
from typing import Final

from msgspec import Struct

from models.codes.epc import UNKNOWN, DecodedEpc, decode_epc, encode_uri
from models.codes.errors import BadCode, BadEpc, BadGtin
from models.codes.gtin import LENGTHS, expand_upc_e, is_digits, normalise_gtin
from models.codes.member import is_member_code, parse_member_code

MAX_TEXT: Final = 4000
FNC1: Final = "\x1d"
_SYMBOLOGY_IDENTIFIER: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_GS1_IDENTIFIERS: Final = ("]C1", "]d2", "]Q3", "]e0", "]J1")
_RETAIL: Final = re.compile(r"EAN|UPC|ITF-?14", re.IGNORECASE)
_EPC_HEADERS: Final = ("30", "31", "32", "33", "34", "35", "36", "37", "38", "39")


class ParsedCode(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one code says, where it says it.

    ``symbology`` is what the reader of the code called it (``EAN-13``, ``QRCode``, …), empty where it was typed;
    ``gtin`` has fourteen digits; ``epc`` is upper-case hexadecimal; ``expires`` is ``YYMMDD`` as printed; ``problem``
    says why a code that was seen in a picture could not be used.
    """

    symbology: str
    text: str
    gtin: str | None = None
    serial: str | None = None
    member: str | None = None
    epc: str | None = None
    sscc: str | None = None
    lot: str | None = None
    expires: str | None = None
    problem: str = ""


def parse_code(text: str, symbology: str = "") -> ParsedCode:
    """Say what ``text`` says. A text that claims nothing that we know comes back as it is, with its fields empty.

    Raises:
        BadCode: empty, longer than ``MAX_TEXT``, with control characters, or it claims to be a GTIN, a GS1 code or a
            member's code and is wrong (a check digit, for instance).
    """
    if len(text) > MAX_TEXT:
        raise BadCode(f"a code of {len(text)} characters; at most {MAX_TEXT} are read")
    bare = text.strip(" \t\r\n\0")
    if not bare:
        raise BadCode("the code is empty")
    if any(ord(character) < 32 and character != FNC1 for character in bare) or not _is_encodable(bare):
        raise BadCode("the code has control characters; it was not read right")
    if is_member_code(bare):
        return ParsedCode(symbology=symbology, text=text, member=parse_member_code(bare))
    if re.match(r"https?:", bare, re.IGNORECASE):
        return _from_link(text, bare, symbology)
    if bare.lower().startswith("urn:epc:"):
        return _from_epc(text, encode_uri(bare), symbology)
    return _from_bare(text, bare, symbology)


def _is_encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _from_bare(text: str, bare: str, symbology: str) -> ParsedCode:
    identifier = _SYMBOLOGY_IDENTIFIER.match(bare)
    if identifier:
        bare = bare[3:]
    if is_digits(bare) and len(bare) in LENGTHS:
        gtin = _retail_gtin(bare, symbology)
        if gtin:
            return ParsedCode(symbology=symbology, text=text, gtin=gtin)
    epc = _epc_in(bare)
    if epc:
        return _from_epc(text, epc, symbology)
    claims = bool(identifier and identifier[0] in _GS1_IDENTIFIERS) or bare.startswith((FNC1, "(01)", "(00)"))
    return _from_elements(text, bare, symbology, claims=claims)


def _retail_gtin(digits: str, symbology: str) -> str | None:
    """The GTIN; ``None`` where a symbology that carries anything carries digits that are no GTIN."""
    # Some readers give a UPC-E as its eight digits, others as the UPC-A that it stands for.
    is_short = len(digits) == 8 and re.search("UPC-?E", symbology, re.IGNORECASE)
    try:
        return normalise_gtin(expand_upc_e(digits) if is_short else digits)
    except BadGtin:
        if not symbology or _RETAIL.search(symbology):
            raise
        return None


def _epc_in(bare: str) -> DecodedEpc | None:
    if len(bare) < 24 or not bare.startswith(_EPC_HEADERS):
        return None
    try:
        return decode_epc(bare)
    except BadEpc:
        return None


def _from_epc(text: str, epc: DecodedEpc, symbology: str) -> ParsedCode:
    sscc = epc.key if epc.scheme.startswith("sscc") else None
    serial = None if epc.scheme == UNKNOWN else epc.serial
    return ParsedCode(symbology=symbology, text=text, gtin=epc.gtin, serial=serial, epc=epc.hex, sscc=sscc)


def _from_elements(text: str, bare: str, symbology: str, *, claims: bool) -> ParsedCode:
    """An element string, bracketed or with FNC1; a text that does not claim to be one must name a product or SSCC."""
    if not claims and not bare[:2].isdigit():
        return ParsedCode(symbology=symbology, text=text)
    from models.codes.gs1_syntax import NotGs1, element_values

    try:
        values = element_values(bare)
    except NotGs1 as error:
        if claims:
            raise BadCode(f"not a GS1 element string: {error}") from error
        return ParsedCode(symbology=symbology, text=text)
    if not claims and not values.keys() & {"00", "01"}:
        return ParsedCode(symbology=symbology, text=text)
    return _from_values(text, values, symbology)


def _from_link(text: str, bare: str, symbology: str) -> ParsedCode:
    """A Digital Link; any other address is plain text."""
    from models.codes.gs1_syntax import NotGs1, link_values

    try:
        values = link_values(bare)
    except NotGs1:
        return ParsedCode(symbology=symbology, text=text)
    return _from_values(text, values, symbology)


def _from_values(text: str, values: dict[str, str], symbology: str) -> ParsedCode:
    gtin = values.get("01")
    return ParsedCode(
        symbology=symbology,
        text=text,
        gtin=None if gtin is None else normalise_gtin(gtin),
        serial=values.get("21"),
        sscc=values.get("00"),
        lot=values.get("10"),
        expires=values.get("17"),
    )
