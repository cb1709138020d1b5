"""PINs: which are accepted, and how often one may guess."""

import re
from collections import OrderedDict
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_PIN: Final = re.compile(r"[0-9]{4,12}", re.ASCII)


def is_good(pin: str) -> bool:
    """Whether a PIN may be set: 4 to 12 digits, not all the same, not counting up or down."""
    if not _PIN.fullmatch(pin):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    return steps not in ({0}, {1}, {-1})


@dataclass(slots=True)
class _Guesses:
    count: int = 0
    last_s: float = 0.0
    paused_until_s: float = 0.0


class Throttle:
    """Counts guesses per key (a clerk, an address): after ``tries`` wrong ones it pauses for ``pause_s``.

    A guess is counted when it begins, so that a hundred at once are five; after ``forget_s`` without any, the count
    begins anew. Bounded: the oldest of ``limit`` keys is forgotten, which only happens to somebody who invents keys.
    """

    def __init__(
        self, tries: int = 5, pause_s: float = 60.0, *, forget_s: float = 900.0, limit: int = 10_000
    ) -> None:
        self._tries, self._pause_s, self._forget_s, self._limit = tries, pause_s, forget_s, limit
        self._guesses: OrderedDict[str, _Guesses] = OrderedDict()

    def begin(self, key: str, now_s: float) -> float:
        """Count a guess. Gives 0 when it may be made, else the seconds that are left of the pause."""
        guesses = self._guesses.setdefault(key, _Guesses())
        self._guesses.move_to_end(key)
        if len(self._guesses) > self._limit:
            self._guesses.popitem(last=False)
        if now_s < guesses.paused_until_s:
            return guesses.paused_until_s - now_s
        if guesses.count >= self._tries or now_s - guesses.last_s > self._forget_s:
            guesses.count = 0
        guesses.count += 1
        guesses.last_s = now_s
        if guesses.count == self._tries:
            guesses.paused_until_s = now_s + self._pause_s
        return 0.0

    def succeeded(self, key: str) -> None:
        """The guess was right: nothing is held against the key."""
        self._guesses.pop(key, None)
