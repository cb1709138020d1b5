"""How often a count changes, and how often a change is taken back within seconds: what a camera's errors do."""

from typing import Final

from edge.core.wait.camera import REVERSAL_S

NEVER_S: Final = 1e9
GAP_S: Final = 3.0
"""Counts further apart say nothing of what happened between them."""


class Flicker:
    """Changes and reversals of one lane's counts since they were last taken."""

    def __init__(self) -> None:
        self._changes = self._reversals = 0.0
        self._since, self._sign = NEVER_S, 0

    def see(self, before: int | None, y: int, dt: float) -> None:
        """A count of `y`, `dt` seconds after one of `before`."""
        self._since += dt
        if before is None or y == before or dt >= GAP_S:
            return
        sign = 1 if y > before else -1
        self._changes += 1.0
        if sign == -self._sign and self._since <= REVERSAL_S:
            self._reversals += 1.0
            sign = 0
        self._since, self._sign = 0.0, sign

    def take(self) -> tuple[float, float]:
        """How many changes and how many reversals there were; counting begins anew."""
        taken = self._changes, self._reversals
        self._changes = self._reversals = 0.0
        return taken
