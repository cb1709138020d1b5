"""The walk in a terminal: what to do next, how far each shelf is, and the keyboard."""

import asyncio
import sys
import time
from threading import Thread
from types import TracebackType
from typing import Final, Self, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from edge.survey.session import Session
from models.process.health import Health

_BAR: Final = 16
_PLAIN_EVERY_S: Final = 10.0
_KEPT: Final = 5


class Terminal:
    """A ``Person`` at a terminal. Where there is none (a pipe, a test), the same as plain lines."""

    def __init__(self, session: Session, health: Health, console: Console, keyboard: TextIO = sys.stdin) -> None:
        self._session, self._health, self._console = session, health, console
        self._keyboard = keyboard
        self._typed: asyncio.Queue[str] = asyncio.Queue()
        self._instruction = ""
        self._remarks: list[str] = []
        self._live: Live | None = None
        self._said_s = 0.0

    async def __aenter__(self) -> Self:
        """Begin to show, and to hear the keyboard."""
        loop = asyncio.get_running_loop()
        # A thread of its own, which nobody waits for: reading a keyboard cannot be cancelled.
        Thread(target=self._listen, args=(loop,), name="keyboard", daemon=True).start()
        if self._console.is_terminal:
            self._live = Live(self._picture(), console=self._console, auto_refresh=False)
            self._live.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last picture on the screen."""
        if self._live is not None:
            self._live.update(self._picture(), refresh=True)
            self._live.stop()

    # --- the person ---------------------------------------------------------------------------------------------

    def instruct(self, text: str) -> None:
        """Show what to do next."""
        is_new = text.partition(":")[0] != self._instruction.partition(":")[0]
        self._instruction = text
        if self._live is not None:
            self.show()
        elif is_new:
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def remark(self, text: str) -> None:
        """Say what came of the step before."""
        self._remarks = [*self._remarks, text][-_KEPT:]
        if self._live is None:
            self._console.print(f"  {text}", markup=False, highlight=False, soft_wrap=True)

    async def enter(self) -> str:
        """The next line that is typed; the end of the keyboard ends the walk."""
        return await self._typed.get()

    def has_typed(self) -> bool:
        """Whether a line waits."""
        return not self._typed.empty()

    def show(self) -> None:
        """Show how far everything is."""
        if self._live is not None:
            self._live.update(self._picture(), refresh=True)
        elif time.monotonic() - self._said_s >= _PLAIN_EVERY_S:
            self._said_s = time.monotonic()
            shelves = ", ".join(f"{one.shelf} {one.standing}/{one.expected}" for one in self._session.progress())
            self._console.print(f"  {shelves}", markup=False, highlight=False, soft_wrap=True)
            for problem in self._health.problems():
                self._console.print(f"  ! {problem.message} {problem.hint}", markup=False, soft_wrap=True)

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            for line in self._keyboard:
                loop.call_soon_threadsafe(self._typed.put_nowait, line)
            loop.call_soon_threadsafe(self._typed.put_nowait, "q")
        except (RuntimeError, ValueError, OSError):
            return  # the walk is over, and its loop closed

    # --- the picture --------------------------------------------------------------------------------------------

    def _picture(self) -> Group:
        table = Table(box=None, padding=(0, 2, 0, 0))
        for name in ("Shelf", "Stand there", "", "Ever read", ""):
            table.add_column(name, justify="right" if name in {"Stand there", "Ever read"} else "left")
        for one in self._session.progress():
            full = round(_BAR * one.standing / max(1, one.expected))
            is_done = one.standing == one.expected
            bar = Text("█" * full + "░" * (_BAR - full), style="green" if is_done else "yellow")
            note = Text("silent: nothing is read", style="red") if one.silent else Text("")
            if not one.expected:
                table.add_row(one.shelf, "–", Text("no known item", style="dim"), "–", note)
                continue
            table.add_row(one.shelf, f"{one.standing}/{one.expected}", bar, f"{one.read}/{one.expected}", note)
        problems = [Text(f"! {one.message} {one.hint}", style="red") for one in self._health.problems()]
        remarks = [Text(f"  {text}", style="dim") for text in self._remarks]
        figures = Text(self._figures(), style="dim")
        doing = Text(f"\n→ {self._instruction}", style="bold")
        return Group(Text(), table, figures, *problems, *remarks, doing, Text("  q and Enter: end here", style="dim"))

    def _figures(self) -> str:
        tally = self._session.survey.tally
        shelf = "–" if tally.right_shelf is None else f"{tally.right_shelf:.2%}"
        return f"{self._session.reads:,} reads, {tally.answers:,} answers judged, right shelf {shelf}"
