"""GTINs of every length as fourteen digits, with the check digit of GS1's General Specifications, section 7.9."""

from typing import Final

from models.codes.errors import BadGtin

LENGTHS: Final = (8, 12, 13, 14)
_WEIGHTS: Final = (3, 1) * 9


def check_digit(body: str) -> str:
    """The check digit of a GS1 key (GTIN, SSCC, GLN) without one: weights 3 and 1 from the right.

    Raises:
        BadGtin: ``body`` is not 1 to 18 ASCII digits.
    """
    if not is_digits(body) or len(body) > len(_WEIGHTS):
        raise BadGtin(f"{body[:40]!r} is not a row of digits")
    total = sum(int(digit) * weight for digit, weight in zip(reversed(body), _WEIGHTS, strict=False))
    return str(-total % 10)


def is_digits(text: str) -> bool:
    """Whether ``text`` is ASCII digits and nothing else (``isdigit`` also takes other scripts')."""
    return text.isascii() and text.isdigit()


def normalise_gtin(text: str) -> str:
    """A GTIN-8, UPC-A, EAN-13 or ITF-14 as a GTIN-14.

    Raises:
        BadGtin: another length, another character, a wrong check digit, or nothing but zeros.
    """
    if not is_digits(text) or len(text) not in LENGTHS:
        raise BadGtin(f"{text[:40]!r} is not a GTIN: it has 8, 12, 13 or 14 digits")
    expected = check_digit(text[:-1])
    if text[-1] != expected:
        raise BadGtin(f"{text} is not a GTIN: its check digit should be {expected}; read or type it again")
    if not text.strip("0"):
        raise BadGtin("a GTIN of zeros names no product")
    return text.zfill(14)


def expand_upc_e(text: str) -> str:
    """A UPC-E of 8 digits (with number system and check digit) as the UPC-A of 12 digits that it stands for.

    Raises:
        BadGtin: not 8 digits, or a number system other than 0 and 1.
    """
    if not is_digits(text) or len(text) != 8 or text[0] not in "01":
        raise BadGtin(f"{text[:40]!r} is not a UPC-E")
    system, digits, last, check = text[0], text[1:6], text[6], text[7]
    if last in "012":
        body = f"{digits[:2]}{last}0000{digits[2:]}"
    elif last == "3":
        body = f"{digits[:3]}00000{digits[3:]}"
    elif last == "4":
        body = f"{digits[:4]}00000{digits[4]}"
    else:
        body = f"{digits}0000{last}"
    return f"{system}{body}{check}"
