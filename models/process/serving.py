"""How a process serves HTTP and ends: with status 0, within seconds, whatever pages and long polls are still open."""

import asyncio
import signal
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from uvicorn.config import Config
from uvicorn.server import Server

GRACE_S: Final = 0.5
"""What a request may still take when the process is told to stop; one that lasts longer is ended by us."""

_ENDING: Final = (signal.SIGTERM, signal.SIGINT)
STARTUP_FAILED: Final = 3


class HouseServer(Server):
    """uvicorn's server, which ends open streams first and leaves the rest of ending to its caller.

    uvicorn itself raises the signal again when it is done, which kills the process before anything else can close.
    """

    _was_told = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Remember that somebody asked for it."""
        self._was_told = True
        super().handle_exit(sig, frame)

    @property
    def failed(self) -> bool:
        """Whether it never served, though nobody told it to stop."""
        return not self.started and not self._was_told

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Listen to SIGTERM and Ctrl-C while serving; after that, a second one ends the process at once.

        Signals come to a process's main thread alone; a server on another thread is stopped by ``should_exit``.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        for number in _ENDING:
            signal.signal(number, self.handle_exit)
        try:
            yield
        finally:
            for number in _ENDING:
                signal.signal(number, signal.SIG_DFL)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what does not end by itself (``create_app`` closes its answer properly), then all the rest."""
        if tasks := list(self.server_state.tasks):
            _done, open_still = await asyncio.wait(tasks, timeout=GRACE_S)
            for task in open_still:
                task.cancel("the process stops")
        await super().shutdown(sockets)


def run_server(config: Config) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises ``SystemExit`` when it could not begin; the log says why."""
    server = HouseServer(config)
    server.run()
    if server.failed:
        raise SystemExit(STARTUP_FAILED)
