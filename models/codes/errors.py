"""What can be wrong with a code: it is a ``WireError``, so whoever reads messages refuses and counts it alike."""

from models.messages.errors import WireError


class BadCode(WireError):
    """A code that will never be good. The text says what is wrong, for the person who scanned or typed it."""

    reason = "code"


class BadGtin(BadCode):
    """Not a GTIN: not 8, 12, 13 or 14 digits, or the check digit is wrong."""


class BadEpc(BadCode):
    """Not an EPC: not hexadecimal words, not a URI of a known scheme, or it contradicts its own header."""


class BadImage(BadCode):
    """Not a picture that is read: neither JPEG nor PNG, too large, or broken."""
