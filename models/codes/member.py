"""A member's code: what the QR on a member's phone or card says, and the drawing of it.

The text is ``AISLE-M:`` and the member's id, whose last character checks the others (ISO/IEC 7064, MOD 37,36: every
single wrong character and nearly every swapped pair is noticed). It says who, and nothing about them.
"""

import io
import secrets
from typing import Final

from models.codes.errors import BadCode

PREFIX: Final = "AISLE-M:"
_CHARACTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Drawn from these only: nobody has to tell 0 from O or 1 from I at a till.
_DRAWN: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH: Final = 12


def new_member_id() -> str:
    """Draw an id of eleven random characters (55 bits: none can be guessed) and its check character."""
    body = "".join(secrets.choice(_DRAWN) for _ in range(_LENGTH - 1))
    return body + check_character(body)


def check_character(body: str) -> str:
    """The check character of ``body`` (A–Z, 0–9), by ISO/IEC 7064 MOD 37,36.

    Raises:
        BadCode: another character in ``body``.
    """
    product = 36
    for character in body:
        value = _CHARACTERS.find(character)
        if value < 0:
            raise BadCode(f"{body[:40]!r} is no member's id: letters A to Z and digits")
        product = ((product + value) % 36 or 36) * 2 % 37
    return _CHARACTERS[(37 - product) % 36]


def is_member_code(text: str) -> bool:
    """Whether ``text`` claims to be a member's code."""
    return text[: len(PREFIX)].upper() == PREFIX


def parse_member_code(text: str) -> str:
    """The member's id in a member's code; an id typed by hand may have spaces, hyphens and small letters.

    Raises:
        BadCode: not a member's code, or its check character is wrong.
    """
    bare = text.strip()
    if is_member_code(bare):
        bare = bare[len(PREFIX) :]
    member = bare.upper().replace(" ", "").replace("-", "")
    if not 8 <= len(member) <= 20:
        raise BadCode("a member's id has 8 to 20 letters and digits")
    if check_character(member[:-1]) != member[-1]:
        raise BadCode("this member's code was not read right: its check character does not fit; scan it again")
    return member


def member_code(member: str) -> str:
    """The text of a member's code. Raises ``BadCode`` for an id whose check character is wrong."""
    return PREFIX + parse_member_code(member)


def member_code_svg(member: str, *, module_px: int = 8) -> str:
    """The member's QR code as an SVG document, dark on white with the quiet zone, error correction M.

    Raises:
        BadCode: the check character of the id is wrong.
    """
    import segno

    drawing = io.BytesIO()
    code = segno.make(member_code(member), error="m", micro=False)
    code.save(
        drawing, kind="svg", scale=module_px, border=4, light="white", xmldecl=False, svgclass=None, lineclass=None
    )
    return drawing.getvalue().decode("utf-8").strip()
