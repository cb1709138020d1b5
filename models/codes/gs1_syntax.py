"""GS1 element strings and Digital Links by ``biip``, with its traps closed.

It takes a wrong check digit in silence, and refuses upper-case schemes and hosts and the short names (``/gtin/``) of
older Digital Links.
"""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from biip import BiipException
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString
from biip.gs1_messages import GS1Message

from models.codes.errors import BadCode

FNC1: Final = "\x1d"
_SHORT_NAMES: Final = {"gtin": "01", "sscc": "00", "ser": "21", "lot": "10", "cpv": "22", "gln": "414", "exp": "17"}


class NotGs1(ValueError):
    """The text does not follow GS1's syntax."""


def element_values(text: str) -> dict[str, str]:
    """Application identifier → value of an element string, bracketed or with FNC1.

    Raises:
        NotGs1: it is not one.
        BadCode: it is one, and an SSCC in it is wrong.
    """
    try:
        message = GS1Message.parse_hri(text) if text.startswith("(") else GS1Message.parse(text.strip(FNC1))
    except (BiipException, ValueError, LookupError) as error:
        raise NotGs1(str(error)) from error
    return _values(message.element_strings)


def link_values(link: str) -> dict[str, str]:
    """Application identifier → value of a Digital Link. Raises like ``element_values``."""
    try:
        uri = GS1DigitalLinkURI.parse(_canonical(link))
    except (BiipException, ValueError, LookupError) as error:
        raise NotGs1(str(error)) from error
    return _values(uri.element_strings)


def _canonical(link: str) -> str:
    parts = urlsplit(link)
    path = "/".join(_SHORT_NAMES.get(part, part) for part in parts.path.split("/"))
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path, parts.query, ""))


def _values(elements: Iterable[GS1ElementString]) -> dict[str, str]:
    found = list(elements)
    values = {element.ai.ai: element.value for element in reversed(found)}
    if any(element.ai.ai == "00" and element.sscc is None for element in found):
        raise BadCode(f"{values['00'][:40]} is not an SSCC: its check digit is wrong; read it again")
    return values
