"""SIGTERM and Ctrl-C while a process is still starting: it ends with status 0, without a traceback."""

import signal
from types import FrameType


def end_when_told() -> None:
    """From now on both signals raise ``SystemExit(0)`` on the main thread, so that ``finally`` closes what is open.

    A second one ends the process at once: somebody means it. Servers put their own handling in place of this.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
