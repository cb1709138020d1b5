"""A thread that reads a camera as fast as it speaks and keeps only the newest frame, reconnecting for ever."""

import random
import time
from collections.abc import Callable
from threading import Condition, Thread

import structlog

from edge.adapters.frame_source import CameraLost, EndOfFootage, Frame, FrameSource
from edge.adapters.frame_watch import Fault

_log = structlog.get_logger(__name__)
_DICE = random.Random()  # noqa: S311 - spreads load, guards nothing

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0


class NewestFrame:
    """Between a camera and whoever looks: a reader that is slow sees fewer frames, never older ones."""

    def __init__(self, source: FrameSource, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._source, self._monotonic = source, monotonic
        self._news = Condition()
        self._frame: tuple[Frame, float] | None = None
        self._fault: Fault | None = None
        self._ended = self._stopping = False
        self._thread = Thread(target=self._run, name=f"camera {source.title}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Stop reading; waits for a read that is under way, at most 3 s: a camera that hangs holds up nobody."""
        with self._news:
            self._stopping = True
            self._news.notify_all()
        self._thread.join(timeout=3)

    def take(self, timeout_s: float) -> tuple[Frame, float] | None:
        """The newest frame that was not taken yet and when it came; ``None`` if none comes in ``timeout_s``."""
        with self._news:
            self._news.wait_for(lambda: self._frame is not None or self._ended or self._stopping, timeout_s)
            taken, self._frame = self._frame, None
            return taken

    @property
    def fault(self) -> Fault | None:
        """Why the camera is not connected; ``None`` while it is."""
        with self._news:
            return self._fault

    @property
    def ended(self) -> bool:
        """Whether a file that does not loop was read to its end."""
        with self._news:
            return self._ended and self._frame is None

    def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._stopping:
            try:
                self._source.open()
                self._read()
            except EndOfFootage:
                with self._news:
                    self._ended = True
                    self._news.notify_all()
                break
            except CameraLost as error:
                pause_s = self._say(error, pause_s)
            except Exception as error:  # noqa: BLE001 - whatever a decoder raises, the camera is tried again
                _log.exception("camera reader failed", camera=self._source.title)
                pause_s = self._say(CameraLost(f"{self._source.title}: {type(error).__name__}"), pause_s)
        self._source.close()

    def _read(self) -> None:
        while not self._stopping:
            frame = self._source.read()
            with self._news:
                self._frame, self._fault = (frame, self._monotonic()), None
                self._news.notify_all()

    def _say(self, error: CameraLost, pause_s: float) -> float:
        """Keep the reason, wait, and give the next pause: twice as long, unless frames had come meanwhile."""
        with self._news:
            pause_s = pause_s if self._fault is not None else FIRST_PAUSE_S
            hint = "Check the address, the cable and the camera's power."
            self._fault = Fault(error.code, str(error), hint, is_wrong=False)
            # Jitter, so that twenty cameras do not come back to one switch in the same instant.
            self._news.wait_for(lambda: self._stopping, pause_s * _DICE.uniform(0.8, 1.2))
        return min(pause_s * 2, LONGEST_PAUSE_S)
