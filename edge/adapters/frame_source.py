"""The port through which pictures come in, and its fake."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from models.messages.errors import LinkError
from models.vision.picture import Image


class CameraLost(LinkError):
    """The camera gives no pictures now; opening it again later may help. ``code`` is one word for status pages."""

    code = "camera_lost"


class CameraDenied(CameraLost):
    """The camera refuses the user name or password (401, 403): somebody must correct the address."""

    code = "camera_denied"


class EndOfFootage(Exception):
    """A file has no more frames; it is not a fault."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture: H × W × 3, uint8, BGR. ``number`` counts from 0; ``t_ms`` is the file's own time, for files."""

    image: Image
    number: int
    t_ms: int


class FrameSource(Protocol):
    """Where pictures come from. The contract, held by one test suite over every implementation:

    - ``open`` connects, or raises ``CameraLost`` within 10 s; a source that is open is closed first.
    - ``read`` gives the next frame. It blocks until there is one, and raises ``CameraLost`` after at most 10 s;
      then the source is closed, and ``open`` may be tried again. A file that does not loop raises ``EndOfFootage``.
    - ``number`` grows by one with every frame since ``open``; ``t_ms`` never falls.
    - ``close`` may be called at any time, twice, and on a source that never was open.
    - ``title`` names it for people, without user name and password.
    - Used by one thread at a time.
    """

    title: str

    def open(self) -> None:
        """Connect."""

    def read(self) -> Frame:
        """Give the next frame."""

    def close(self) -> None:
        """Let go."""


class ListedFrames:
    """The fake: gives the listed pictures in order; a listed exception is raised in its place, ``None`` ends it."""

    title = "listed frames"

    def __init__(self, listed: Iterable[Image | Exception], *, interval_ms: int = 100) -> None:
        """``interval_ms``: the time from one frame to the next, in the frames' own time. Nothing is waited for."""
        self._listed = list(listed)
        self._interval_ms = interval_ms
        self._rest: Iterator[Image | Exception] | None = None
        self._next = iter(self._listed)
        self._number = 0
        self.opened = 0

    def open(self) -> None:
        """Go on where it stopped; an exception at this place is raised."""
        self.close()
        self.opened += 1
        self._rest = self._next
        self._number = 0

    def read(self) -> Frame:
        """The next picture."""
        if self._rest is None:
            raise CameraLost("not open")
        item = next(self._rest, None)
        if item is None:
            raise EndOfFootage
        if isinstance(item, Exception):
            self.close()
            raise item
        frame = Frame(item, self._number, self._number * self._interval_ms)
        self._number += 1
        return frame

    def close(self) -> None:
        """Stop giving frames."""
        self._rest = None
