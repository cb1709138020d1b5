"""How long to wait before trying again: longer every time, never in step with everybody else."""

import random


class Backoff:
    """Doubles from ``first_s`` to ``most_s``; each wait is drawn from the upper half («equal jitter»)."""

    def __init__(self, *, first_s: float = 0.25, most_s: float = 30.0) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._tries = 0
        # Its own dice: the module's are everybody's, and a test that seeds them is not to be disturbed by a link.
        self._dice = random.Random()  # noqa: S311 - not a secret

    def next_s(self) -> float:
        """The wait before the next try, in seconds."""
        whole_s = min(self._first_s * 2.0 ** min(self._tries, 30), self._most_s)
        self._tries += 1
        return whole_s * self._dice.uniform(0.5, 1.0)

    def reset(self) -> None:
        """It worked."""
        self._tries = 0
