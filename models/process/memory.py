"""What the C library is told about memory, before threads start and pictures come."""

import ctypes
import gc
import os
import sys
from contextlib import suppress
from typing import Final

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_ARENAS: Final = 2
_LARGE_BYTES: Final = 2 * 1024 * 1024


def spare_memory() -> None:
    """Let threads share two heaps, and numpy run on one thread. Call it before numpy is imported.

    By default each thread gets a heap of its own, up to eight per core, and keeps what it once took. Measured on a
    gateway: 125 MB instead of 134, and 146 instead of 166 after it has read a picture. Does nothing where the C
    library is another (musl).

    ``rich`` is left out, which the log would import for coloured tracebacks: 3 MB that no service needs.
    """
    sys.modules["rich"] = None  # type: ignore[assignment] # how Python spells: cannot be imported
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


def give_large_blocks_back() -> None:
    """Let glibc return every large block to the system at once.

    By itself glibc raises its threshold with every large block that is freed, so that decoded pictures and tensors
    come from the heap, which threads then tear into pieces: a camera node holds 250 MB that way, 170 MB this way.
    """
    with suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _LARGE_BYTES)


def trim() -> None:
    """Give back what starting up has left behind: 3 MB of an edge node."""
    gc.collect()
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
