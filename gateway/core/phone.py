"""Phone numbers: one spelling for each, and what may be shown of it."""

import re
import unicodedata
from typing import Final

_NOISE: Final = re.compile(r"[\s()/.\-\u2010-\u2015]")
_INTERNATIONAL: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


class BadPhone(ValueError):
    """Not a phone number; the text says what was expected."""


def normalise(text: str, country: str) -> str:
    """Spell a phone number as E.164 does: ``+`` and 7 to 15 digits.

    Args:
        text: as people type it: ``0170 123-4567``, ``+49 (0)170 …``, ``0049…``, full-width digits.
        country: the calling code of the store's country, digits only, for numbers that leave it out.

    Raises:
        BadPhone: it cannot be a phone number.
    """
    plain = unicodedata.normalize("NFKC", text).replace("(0)", "")
    digits = _NOISE.sub("", plain)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if not digits.startswith("+"):
        digits = f"+{country}{digits.removeprefix('0')}"
    if not _INTERNATIONAL.fullmatch(digits):
        raise BadPhone("a phone number has 7 to 15 digits and may begin with + and the country's code")
    return digits


def masked(phone: str) -> str:
    """What a screen may show: the last three digits, enough to ask «does it end in 567?»."""
    return "•••• " + phone[-3:]
