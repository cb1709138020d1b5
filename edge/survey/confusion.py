"""The confusion matrix of a walk as a picture: where items stood, and where they were said to stand."""

from collections.abc import Mapping, Sequence
from typing import Final

from edge.core.survey.figures import TAKEN, UNKNOWN
from edge.core.survey.truth import AWAY
from edge.survey.canvas import BAD, BAD_TINT, EMPTY, FAINT, GO_FILL, GO_TINT, INK, LINE, SOFT, Canvas, Colour, mix

_TOP: Final = 118
_MARGIN: Final = 28
_GAP: Final = 10
_LEAST_WIDTH: Final = 640
_WHITE: Final[Colour] = (255, 255, 255)


class ConfusionPicture:
    """Rows are where items truly stood, columns what was said of them; each row is shaded by its shares.

    Green is right, red is wrong: the darker, the larger the share of its row.
    """

    def __init__(self, confusion: Mapping[tuple[str, str], int], shelves: Sequence[str], title: str) -> None:
        self.confusion, self.shelves = dict(confusion), list(shelves)
        self.rows = [*shelves, AWAY]
        self.columns = [*shelves, UNKNOWN, TAKEN]
        self._side = 64 if len(shelves) <= 8 else 46 if len(shelves) <= 14 else 34 if len(shelves) <= 24 else 24
        self._left = 40 + max(74, 9 * max((len(shelf) for shelf in shelves), default=2))
        self._title = title
        # Beside the shelves, "unknown" has to be read, too.
        self._wide = max(self._side, 56)
        width = self._left + len(self.shelves) * self._side + _GAP + 2 * self._wide + _MARGIN
        height = _TOP + len(self.rows) * self._side + _GAP + 62
        self.canvas = Canvas(max(_LEAST_WIDTH, width), height)
        self._draw()

    def cell(self, place: str, said: str) -> tuple[float, float]:
        """The upper left corner of a cell, in points."""
        row, column = self.rows.index(place), self.columns.index(said)
        beyond = column - len(self.shelves)
        x = (
            self._left
            + min(column, len(self.shelves)) * self._side
            + (_GAP + beyond * self._wide if beyond >= 0 else 0)
        )
        y = _TOP + row * self._side + (_GAP if place == AWAY else 0)
        return x, y

    def width(self, said: str) -> int:
        """How wide a column is, in points."""
        return self._side if said in self.shelves else self._wide

    def colour(self, place: str, said: str) -> Colour:
        """The fill of a cell."""
        count, total = self.confusion.get((place, said), 0), self._total(place)
        if not count:
            return EMPTY
        share = count / total
        if said == (TAKEN if place == AWAY else place):
            return mix(GO_TINT, GO_FILL, share)
        if said == UNKNOWN:
            return mix((240, 240, 238), FAINT, share)
        # A few wrong answers among thousands must be seen: their square root shades.
        return mix(BAD_TINT, BAD, share**0.5)

    def _total(self, place: str) -> int:
        return sum(count for (row, _), count in self.confusion.items() if row == place)

    def _draw(self) -> None:
        self._headings()
        for place in self.rows:
            for said in self.columns:
                self._cell(place, said)
        self._legend()

    def _headings(self) -> None:
        canvas = self.canvas
        canvas.text(_MARGIN, 40, "Where items stood, and where they were said to stand", size=19, bold=True)
        canvas.text(_MARGIN, 63, self._title, size=12.5, colour=SOFT)
        small = 12 if self._side >= 46 else 10.5 if self._side >= 34 else 9
        for said in self.columns:
            x, _ = self.cell(AWAY, said)
            is_shelf = said in self.shelves
            canvas.text(
                x + self.width(said) / 2,
                _TOP - 9,
                said,
                size=small,
                align="middle",
                colour=INK if is_shelf else SOFT,
                bold=is_shelf,
            )
        canvas.text(self._left, _TOP - 28, "said to be on", size=11, colour=FAINT)
        for place in self.rows:
            _, y = self.cell(place, self.columns[0])
            canvas.text(self._left - 12, y + self._side / 2 + 4, place or "away", size=small, align="right",
                        bold=place != AWAY, colour=INK if place else SOFT)  # fmt: skip
        canvas.text(self._left - 12, _TOP - 9, "stood on", size=11, colour=FAINT, align="right")

    def _cell(self, place: str, said: str) -> None:
        canvas, side = self.canvas, self._side
        x, y = self.cell(place, said)
        fill = self.colour(place, said)
        canvas.box(x + 1, y + 1, self.width(said) - 2, side - 2, fill)
        count = self.confusion.get((place, said), 0)
        if not count or side < 34:
            return
        ink = _WHITE if sum(fill) < 330 else INK
        share = count / self._total(place)
        middle = x + self.width(said) / 2
        if side >= 46:
            size = 13 if side >= 64 else 10
            canvas.text(middle, y + side / 2 + 1, _percent(share), size=size, bold=True, colour=ink, align="middle")
            canvas.text(middle, y + side / 2 + 15, f"{count:,}", size=9.5, colour=ink, align="middle")
        else:
            canvas.text(middle, y + side / 2 + 4, _percent(share), size=8.5, colour=ink, align="middle")

    def _legend(self) -> None:
        y = self.canvas.height - 26
        self.canvas.line(_MARGIN, y - 20, self.canvas.width - _MARGIN, y - 20, colour=LINE)
        x = float(_MARGIN)
        for colour, text in ((GO_FILL, "right"), (BAD, "wrong"), (FAINT, "no answer: antenna silent")):
            self.canvas.box(x, y - 9, 11, 11, colour)
            x += 17 + self.canvas.text(x + 17, y, text, size=11.5, colour=SOFT) + 20
        self.canvas.text(self.canvas.width - _MARGIN, y, "% of each row", size=11.5, colour=FAINT, align="right")


def _percent(share: float) -> str:
    """A share so that only all is 100 %, and only nothing is 0 %."""
    if share >= 0.9995:
        return "100 %" if share == 1.0 else ">99.9 %"
    return f"{share:.1%}".replace("%", " %") if share >= 0.0005 else "<0.1 %"
