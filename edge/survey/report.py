"""What a walk comes to: two pictures, figures as JSON and CSV, and a summary in plain words."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from edge.core.survey.advice import NEIGHBOUR_RATE, Advice, Names, advise, power_hints
from edge.core.survey.airwaves import Airwaves
from edge.core.survey.survey import Survey
from edge.core.survey.truth import AWAY
from edge.survey.confusion import ConfusionPicture
from edge.survey.plan import Plan
from edge.survey.reliability import ReliabilityPicture

GOOD_SHELF: Final = 0.99
MOST_ADVICE: Final = 12
FILES: Final = ("confusion.png", "reliability.png", "survey.json", "items.csv", "antennas.csv", "summary.txt")


@dataclass(frozen=True)
class Report:
    """The figures of one walk. ``power_dbm`` is what the settings say of each antenna's reader."""

    survey: Survey
    plan: Plan
    power_dbm: Mapping[str, float | None]

    @cached_property
    def air(self) -> Airwaves:
        """What the antennas hear."""
        radio = self.survey.radio
        return Airwaves(radio.antennas, radio.heard(), radio.reads)

    @property
    def never_read(self) -> dict[str, str]:
        """Item → shelf on which it stood without being read once."""
        seen = self.survey.radio.seen
        return {item: place for item, place in self.survey.truth.places.items() if place != AWAY and item not in seen}

    def advice(self) -> list[Advice]:
        """What to do, the most urgent first."""
        return advise(self.air, self.never_read, Names(self.power_dbm, self.plan.labels))

    @property
    def is_judged(self) -> bool:
        """Whether any answer could be judged."""
        return self.survey.tally.answers > 0

    def write(self, folder: Path) -> list[Path]:
        """Write every file into ``folder``; gives their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        title = f"{self._size()} · {self._share(self.survey.tally.right_shelf)} on the right shelf"
        ConfusionPicture(self.survey.tally.confusion, self.survey.shelves, title).canvas.save(folder / FILES[0])
        bins = self.survey.tally.reliability()
        ReliabilityPicture(bins, self._panel(), self._size()).canvas.save(folder / FILES[1])
        texts = (
            json.dumps(self.figures(), indent=1, ensure_ascii=False) + "\n",
            self._items_csv(),
            self._antennas_csv(),
            self.summary(),
        )
        for name, text in zip(FILES[2:], texts, strict=True):
            (folder / name).write_text(text, encoding="utf-8")
        return [folder / name for name in FILES]

    def figures(self) -> dict[str, Any]:
        """Every figure, as ``survey.json`` has it."""
        tally, air = self.survey.tally, self.air
        begun_ms = self.survey.begun_ms or 0
        return {
            "begun_ms": begun_ms,
            "seconds": round((self.survey.now_ms - begun_ms) / 1000, 1),
            "items": len(self.survey.truth.places),
            "asks": self.survey.asks,
            "answers": tally.answers,
            "unknown": tally.unknown,
            "right_shelf": tally.right_shelf,
            "right": tally.right,
            "brier": tally.brier,
            "ece": tally.ece,
            "confusion": [
                {"stood": place or "away", "said": said, "answers": count}
                for (place, said), count in sorted(tally.confusion.items())
            ],
            "reliability": [one._asdict() for one in tally.reliability()],
            "handled": [
                {"t_ms": one.t_ms, "item": one.item, "from": one.before or "away", "to": one.after or "away",
                 "noticed_after_s": one.delay_s}
                for one in self.survey.truth.handled
            ],
            "antennas": [
                {**one._asdict(), "hears": {shelf: crossing.rate for shelf in air.shelves
                                            if (crossing := air.crossing(shelf, one.antenna)) is not None}}
                for one in air.antennas
            ],
            "never_read": [{"item": item, "shelf": shelf} for item, shelf in sorted(self.never_read.items())],
            "strangers": len(self.survey.strangers()),
            "neighbours": air.neighbours(NEIGHBOUR_RATE),
            "power": power_hints(air, self.power_dbm),
            "advice": [one._asdict() for one in self.advice()],
        }  # fmt: skip

    def summary(self) -> str:
        """The walk in plain words."""
        tally = self.survey.tally
        lines = [self._verdict(), "", self._size()]
        lines += [f"  {figure:>9}  {name}" for name, figure in self._panel()]
        if handled := self._handled():
            lines.append(handled)
        if tally.unknown:
            share = self._share(tally.unknown / tally.answers)
            lines.append(f"  {share:>9}  of the answers were unknown, while antennas were silent")
        if strangers := self.survey.strangers():
            lines.append(f"  {len(strangers):>9}  other tags stood here, of which nobody said where: not judged")
        lines += ["", *self._to_do()]
        lines += ["", "For edge.toml (which shelves hear each other's tags, as measured)", "", self.neighbours_toml()]
        return "\n".join(lines) + "\n"

    def _to_do(self) -> list[str]:
        advice = self.advice()
        if not advice:
            return ["Nothing needs to be done."]
        more = len(advice) - MOST_ADVICE
        rest = [f"  … and {more} things more, in survey.json: walk again when these are done"] if more > 0 else []
        return ["What to do", *(f"  - {one.text}" for one in advice[:MOST_ADVICE]), *rest]

    def neighbours_toml(self) -> str:
        """The measured neighbours as a table for ``edge.toml``."""
        pairs = self.air.neighbours(NEIGHBOUR_RATE)
        inner = ", ".join(f"{json.dumps(shelf)} = {json.dumps(others)}" for shelf, others in pairs.items())
        return f"[shelves]\nneighbours = {{ {inner} }}" if inner else "[shelves]\nneighbours = {}"

    def _verdict(self) -> str:
        tally, missing = self.survey.tally, len(self.never_read)
        if not self.is_judged:
            return "Nothing could be judged: no item stood still for long enough. Walk again, or lower --settle."
        shelf = tally.right_shelf or 0.0
        if shelf >= GOOD_SHELF and not missing:
            return f"Good: {self._share(shelf)} of the items that were said to stand were on the shelf that was said."
        lacks = [f"{missing} of the items {'was' if missing == 1 else 'were'} never read"] if missing else []
        lacks += [f"only {self._share(shelf)} were said to stand on their shelf"] if shelf < GOOD_SHELF else []
        return f"Not good yet: {', and '.join(lacks)}."

    def _size(self) -> str:
        tally, places = self.survey.tally, self.survey.truth.places
        seconds = (self.survey.now_ms - (self.survey.begun_ms or 0)) / 1000
        took = f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"
        return f"{len(places)} items, {len(self.survey.shelves)} shelves, {tally.answers:,} answers in {took}"

    def _panel(self) -> list[tuple[str, str]]:
        tally = self.survey.tally
        return [
            ("on the right shelf, of those said to stand", self._share(tally.right_shelf)),
            ("of all answers right, shelf or away", self._share(tally.right)),
            ("Brier score (0 is perfect)", _number(tally.brier)),
            ("expected calibration error", _number(tally.ece)),
        ]

    def _handled(self) -> str:
        handled = self.survey.truth.handled
        if not handled:
            return ""
        delays = sorted(one.delay_s for one in handled if one.delay_s is not None)
        middle = f", half of them within {delays[(len(delays) - 1) // 2]:.0f} s" if delays else ""
        return f"  {f'{len(delays)} of {len(handled)}':>9}  moves and lifts were noticed{middle}"

    @staticmethod
    def _share(share: float | None) -> str:
        return "–" if share is None else f"{share * 100:.2f} %"

    def _items_csv(self) -> str:
        rows: list[list[object]] = [
            [one.item, self.plan.labels.get(one.item, ""), one.shelf, _number(one.rate), _dbm(one.rssi_dbm),
             one.other, _number(one.other_rate), _dbm(one.other_rssi_dbm)]
            for one in sorted(self.air.items)
        ]  # fmt: skip
        header = ["item", "label", "shelf", "read_rate", "rssi_dbm", "other_antenna", "other_rate", "other_rssi_dbm"]
        return _sheet(header, rows)

    def _antennas_csv(self) -> str:
        """One row an antenna: its own figures, then how it hears each shelf (reads per cycle)."""
        air = self.air
        rows: list[list[object]] = []
        for one in air.antennas:
            heard = [air.crossing(shelf, one.antenna) for shelf in air.shelves]
            rows.append(
                [one.antenna, one.shelf, one.reads, one.stands, _number(one.rate), _number(one.worst),
                 _dbm(one.rssi_dbm), *("" if crossing is None else _number(crossing.rate) for crossing in heard)]
            )  # fmt: skip
        header = ["antenna", "shelf", "reads", "items", "read_rate", "worst_item", "rssi_dbm"]
        return _sheet([*header, *(f"hears {shelf}" for shelf in air.shelves)], rows)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _dbm(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _sheet(header: list[str], rows: list[list[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
