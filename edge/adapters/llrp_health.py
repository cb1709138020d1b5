"""What is wrong with one reader, told to ``Health`` as states, each with what to do about it."""

import asyncio
from collections.abc import Iterable
from typing import Final

from edge.adapters.link_lost import LinkLost
from edge.adapters.llrp_setup import SetUp
from models.process.health import Health

PASSES_S: Final = 60.0
"""What a reader says once (a full buffer, an exception) is over when it was not said again for so long."""


class ReaderHealth:
    """The problems of the reader ``name``: ``reader.{name}`` and below."""

    def __init__(self, name: str, health: Health) -> None:
        self._name, self._health = name, health
        self._passing: dict[str, asyncio.TimerHandle] = {}

    def lost(self, lost: LinkLost) -> None:
        """The link is gone."""
        self._health.report(self._subject(), lost.code, f"Reader {self._name}: {lost}", lost.hint)

    def reading(self, made: SetUp, misfits: list[str], antennas: Iterable[int]) -> None:
        """It reads; ``misfits`` says what of its settings it cannot do."""
        self._health.clear(self._subject())
        for antenna in antennas:
            self._health.clear(self._subject(str(antenna)))
        if misfits:
            message = f"Reader {self._name} cannot do what its settings say: {'; '.join(misfits)}."
            hint = f"Correct [[reader]] {self._name} in the node's settings."
            self._health.report(self._subject("settings"), "unsupported", message, hint)
        else:
            self._health.clear(self._subject("settings"))
        if made.plain:
            message = f"Reader {self._name} refuses what {made.profile.name} should know, so it is read in plain LLRP"
            hint = 'Bring its firmware up to date, or set profile = "generic": it reads, perhaps less often.'
            self._health.report(self._subject("profile"), "plain", f"{message}: {made.plain}", hint)
        else:
            self._health.clear(self._subject("profile"))

    def antenna(self, antenna: int, shelf: str, *, is_in: bool, note: str = "") -> None:
        """An antenna was plugged in or out."""
        if is_in:
            self._health.clear(self._subject(str(antenna)))
            return
        message = f"Antenna {antenna} ({shelf}) of reader {self._name} is disconnected"
        self._health.report(
            self._subject(str(antenna)),
            "antenna_disconnected",
            f"{message}: {note}" if note else message,
            "Correct antennas in the node's settings." if note else "Plug it in again, and look at its cable.",
        )

    def passing(self, about: str, code: str, message: str, hint: str) -> None:
        """Something that the reader says once; it is shown for a minute."""
        subject = self._subject(about)
        self._health.report(subject, code, f"Reader {self._name} {message}", hint)
        self._forget(about)
        self._passing[about] = asyncio.get_running_loop().call_later(PASSES_S, self._health.clear, subject)

    def close(self) -> None:
        """Nobody looks after it any more."""
        for about in list(self._passing):
            self._forget(about)

    def _forget(self, about: str) -> None:
        waiting = self._passing.pop(about, None)
        if waiting is not None:
            waiting.cancel()

    def _subject(self, about: str = "") -> str:
        return f"reader.{self._name}.{about}" if about else f"reader.{self._name}"
