"""What the C library is told about memory, before threads start."""

import ctypes
from contextlib import suppress
from typing import Final

_M_ARENA_MAX: Final = -8
_ARENAS: Final = 2


def share_arenas() -> None:
    """Let threads share two heaps. By default each gets its own, up to eight per core, and keeps what it once took.

    Measured on a gateway: 125 MB instead of 134, and 146 instead of 166 after it has read a picture. Does nothing where
    the C library is another (musl).
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
