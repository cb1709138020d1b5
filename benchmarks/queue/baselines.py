"""What else predicts a wait: the rules that are in use.

QL (queue length times the long-run mean; Whitt 1999), LES and HOL (the delay of the last one who entered service,
and of the one at the head of the line; Ibrahim and Whitt 2009), Little's law over ten minutes, and a smoothed QL.
The delay histories are given their true delays, which no camera sees; the others get what the camera counted.
"""

import math
from collections import deque
from dataclasses import dataclass, field

from firmware_stubs.queue_simulator.recording import LaneTruth, Line

WINDOW_S = 600.0
SMOOTHING_S = 60.0


@dataclass
class Counts:
    """What one lane's camera said lately."""

    last: int = 0
    smooth: float = 0.0
    window: deque[tuple[float, int, int]] = field(default_factory=deque)

    def take(self, t: float, people: int) -> None:
        """Take in one count."""
        drop = max(self.last - people, 0)
        self.last = people
        self.smooth += (people - self.smooth) * (1.0 - math.exp(-1.0 / SMOOTHING_S))
        self.window.append((t, people, drop))
        while self.window[0][0] < t - WINDOW_S:
            self.window.popleft()

    def little(self) -> float:
        """People on average over departures per second, of the last ten minutes."""
        people = sum(count for _, count, _ in self.window) / max(len(self.window), 1)
        gone = sum(drop for _, _, drop in self.window)
        return people * max(len(self.window), 1) / max(gone, 1)


class Baselines:
    """All lanes' baselines; `take` every line, `answer` beside a question."""

    def __init__(self) -> None:
        self._counts: dict[str, Counts] = {}

    def take(self, line: Line) -> None:
        """Take in one line of the recording."""
        if line["type"] == "count":
            self._counts.setdefault(line["lane"], Counts()).take(line["t"], line["value"])

    def answer(self, lane: str, truth: LaneTruth) -> dict[str, float]:
        """What each baseline says of one who joins `lane` now, seconds."""
        counts = self._counts.setdefault(lane, Counts())
        per_person = truth.long_run / truth.servers
        return {
            "QL long-run": counts.last * per_person,
            "QL smoothed": counts.smooth * per_person,
            "Little 10 min": counts.little(),
            "LES": truth.last_delay,
            "HOL": truth.head_delay,
        }
