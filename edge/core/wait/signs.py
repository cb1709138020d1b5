"""What a lane's sign says beside its queue: that it opens soon, that it closes after those who stand in it."""

from typing import Final, Literal

import msgspec

EMPTY: Final = 0.5
"""A lane that closes is empty, and closed, once fewer than so many are believed to stand there."""

LaneWord = Literal["opening", "closing", "opened"]
"""What a person says of a lane: somebody is on the way to it, it takes nobody new, it is open after all."""


class Sign(msgspec.Struct, omit_defaults=True):
    """One lane's sign. A lane that is not open takes nobody new and still serves those who stand there."""

    is_open: bool = True
    is_emptying: bool = False
    """Closed to those who come, and not empty yet."""
    by_word: bool = False
    """A person closed it, its till did not."""
    opening_until_ms: int = 0
    closing_until_ms: int = 0

    def opens(self) -> None:
        """It takes people from now on."""
        self.is_open, self.is_emptying, self.by_word = True, False, False
        self.opening_until_ms = self.closing_until_ms = 0

    def closes(self, people: float, *, until_ms: int | None = None) -> None:
        """It takes nobody new; `people` stand there still. `until_ms`: a person says so, and is believed so long."""
        if until_ms is None:
            self.by_word = False
        elif self.is_open:
            self.by_word = True
        self.is_emptying = people >= EMPTY if self.is_open else self.is_emptying
        self.closing_until_ms = until_ms if until_ms is not None and self.by_word else 0
        self.is_open, self.opening_until_ms = False, 0

    def empties(self, people: float) -> None:
        """`people` are believed to stand there now. Who passes an empty one does not fill it again."""
        self.is_emptying = self.is_emptying and people >= EMPTY

    def is_overdue(self, now_ms: int) -> bool:
        """Whether a person's word that it closes is too old: people still stand there, so it did not close."""
        return self.by_word and self.is_emptying and now_ms >= self.closing_until_ms

    def opens_soon(self, now_ms: int) -> bool:
        """Whether somebody is on the way to it."""
        return not self.is_open and now_ms < self.opening_until_ms
