"""The reliability diagram of a walk as a picture: probabilities that were said against how often it was so."""

from collections.abc import Sequence
from typing import Final

from edge.core.survey.figures import Bin
from edge.survey.canvas import FAINT, GO, GO_FILL, GO_TINT, INK, LINE, SOFT, Canvas

_LEFT, _TOP, _SIDE = 84, 108, 400
_BARS_TOP: Final = _TOP + _SIDE + 34
_BARS: Final = 74
_PANEL: Final = _LEFT + _SIDE + 44
_WIDTH: Final = _PANEL + 320
_HEIGHT: Final = _BARS_TOP + _BARS + 66


class ReliabilityPicture:
    """A dot for each bin of probabilities, with the bounds of its share; on the diagonal they are honest.

    ``facts`` are lines for the panel beside it: (name, figure).
    """

    def __init__(self, bins: Sequence[Bin], facts: Sequence[tuple[str, str]], title: str) -> None:
        self.bins = list(bins)
        self.canvas = Canvas(_WIDTH, _HEIGHT)
        self._headings(title)
        self._axes()
        self._counts()
        self._dots()
        self._panel(facts)

    @staticmethod
    def at(said: float, was_so: float) -> tuple[float, float]:
        """Where a probability and a share lie, in points."""
        return _LEFT + said * _SIDE, _TOP + (1 - was_so) * _SIDE

    def _headings(self, title: str) -> None:
        self.canvas.text(28, 40, "Was it so as often as it was said?", size=19, bold=True)
        self.canvas.text(28, 63, title, size=12.5, colour=SOFT)

    def _axes(self) -> None:
        canvas = self.canvas
        canvas.box(_LEFT, _TOP, _SIDE, _SIDE, (250, 250, 248))
        for step in range(11):
            x, y = self.at(step / 10, step / 10)
            canvas.line(x, _TOP, x, _TOP + _SIDE, colour=LINE if step % 5 == 0 else (236, 238, 233), width=0.5)
            canvas.line(_LEFT, y, _LEFT + _SIDE, y, colour=LINE if step % 5 == 0 else (236, 238, 233), width=0.5)
            if step % 2 == 0:
                canvas.text(_LEFT - 10, y + 4, f"{step * 10}", size=11, colour=SOFT, align="right")
        canvas.line(*self.at(0, 0), *self.at(1, 1), colour=FAINT, width=1, dash=5)
        canvas.text(_LEFT - 10, _TOP - 12, "% was so", size=11, colour=SOFT, align="right")
        for said, was_so, text in ((0.05, 0.93, "said too little"), (0.74, 0.05, "said too much")):
            x, y = self.at(said, was_so)
            canvas.text(x, y, text, size=11, colour=FAINT)

    def _counts(self) -> None:
        """How many answers each bin has, as bars on a scale of tens."""
        canvas = self.canvas
        most = max((one.answers for one in self.bins), default=1)
        tens = max(1, len(str(most)))
        floor = _BARS_TOP + _BARS
        for one in self.bins:
            height = _BARS * len_of(one.answers) / tens
            x = _LEFT + one.low * _SIDE
            canvas.box(x + 3, floor - height, _SIDE / 10 - 6, height, GO_TINT)
            canvas.text(x + _SIDE / 20, floor - height - 4, short(one.answers), size=9.5, colour=SOFT, align="middle")
        canvas.line(_LEFT, floor, _LEFT + _SIDE, floor, colour=LINE)
        for step in range(0, 11, 2):
            canvas.text(_LEFT + step / 10 * _SIDE, floor + 16, f"{step * 10}", size=11, colour=SOFT, align="middle")
        canvas.text(_LEFT + _SIDE / 2, floor + 38, "% said: probability that the item stands there", size=12,
                    colour=SOFT, align="middle")  # fmt: skip
        canvas.text(_LEFT - 10, floor - _BARS / 2 + 4, "answers", size=11, colour=SOFT, align="right")

    def _dots(self) -> None:
        canvas = self.canvas
        for before, after in zip(self.bins, self.bins[1:], strict=False):
            canvas.line(
                *self.at(before.said, before.was_so), *self.at(after.said, after.was_so), colour=GO_FILL, width=1.5
            )
        for one in self.bins:
            x, least = self.at(one.said, one.least)
            _, most = self.at(one.said, one.most)
            canvas.line(x, most, x, least, colour=GO, width=1.2)
            for end in (least, most):
                canvas.line(x - 4, end, x + 4, end, colour=GO, width=1.2)
            canvas.dot(*self.at(one.said, one.was_so), 4.0 + 0.6 * len_of(one.answers), GO_FILL)

    def _panel(self, facts: Sequence[tuple[str, str]]) -> None:
        canvas, y = self.canvas, _TOP + 12.0
        for name, figure in facts:
            canvas.text(_PANEL, y, figure, size=19, bold=True, colour=INK)
            canvas.text(_PANEL, y + 18, name, size=11.5, colour=SOFT)
            y += 50
        y += 4
        canvas.line(_PANEL, y - 16, _WIDTH - 28, y - 16)
        columns = ((0, "said"), (84, "was so"), (168, "answers"), (240, "items"))
        for x, name in columns:
            canvas.text(_PANEL + x, y + 2, name, size=10.5, colour=FAINT)
        for one in self.bins:
            y += 17
            figures = (f"{one.said * 100:.1f} %", f"{one.was_so * 100:.1f} %", f"{one.answers:,}", f"{one.items:,}")
            for (x, _), figure in zip(columns, figures, strict=True):
                canvas.text(_PANEL + x, y + 2, figure, size=11.5)


def len_of(count: int) -> float:
    """A count on a scale of tens: 1 for one, 2 for ten."""
    power, rest = 0, float(count)
    while rest >= 10:
        rest, power = rest / 10, power + 1
    return power + 1 + (rest - 1) / 9 if count else 0.0


def short(count: int) -> str:
    """A count in few characters: 950, 12k, 3.4M."""
    if count < 1000:
        return str(count)
    return f"{count / 1000:.0f}k" if count < 999_500 else f"{count / 1e6:.1f}M"
