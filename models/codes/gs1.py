"""What a scanned or typed text says: GTIN, GS1 element string, Digital Link, EPC, a member's code, or plain text.

GS1 syntax is parsed by ``biip``, with its traps closed: it takes a wrong check digit in silence, and refuses
upper-case schemes and hosts and the short names (``/gtin/``) of older Digital Links.
"""

import re
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from biip import BiipException
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString
from biip.gs1_messages import GS1Message
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
_SHORT_NAMES: Final = {"gtin": "01", "sscc": "00", "ser": "21", "lot": "10", "cpv": "22", "gln": "414", "exp": "17"}
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
    try:
        message = GS1Message.parse_hri(bare) if bare.startswith("(") else GS1Message.parse(bare.strip(FNC1))
    except (BiipException, ValueError, LookupError) as error:
        if claims:
            raise BadCode(f"not a GS1 element string: {error}") from error
        return ParsedCode(symbology=symbology, text=text)
    elements = list(message.element_strings)
    names = {element.ai.ai for element in elements}
    if not claims and not names & {"00", "01"}:
        return ParsedCode(symbology=symbology, text=text)
    return _from_parts(text, elements, symbology)


def _from_link(text: str, bare: str, symbology: str) -> ParsedCode:
    """A Digital Link; any other address is plain text."""
    try:
        elements = list(GS1DigitalLinkURI.parse(_canonical_link(bare)).element_strings)
    except (BiipException, ValueError, LookupError):
        return ParsedCode(symbology=symbology, text=text)
    return _from_parts(text, elements, symbology)


def _canonical_link(link: str) -> str:
    parts = urlsplit(link)
    path = "/".join(_SHORT_NAMES.get(part, part) for part in parts.path.split("/"))
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path, parts.query, ""))


def _from_parts(text: str, elements: list[GS1ElementString], symbology: str) -> ParsedCode:
    values = {element.ai.ai: element.value for element in reversed(elements)}
    if "01" in values:
        values["01"] = normalise_gtin(values["01"])
    if any(element.ai.ai == "00" and element.sscc is None for element in elements):
        raise BadCode(f"{values['00'][:40]} is not an SSCC: its check digit is wrong; read it again")
    return ParsedCode(
        symbology=symbology,
        text=text,
        gtin=values.get("01"),
        serial=values.get("21"),
        sscc=values.get("00"),
        lot=values.get("10"),
        expires=values.get("17"),
    )
