"""How busy the tills will be in 15 and 30 minutes: from the load now, from what is usual, and from who came in.

Three forecasts stand beside each other, and each is weighed by how well it did in this store lately (inverse mean
squared error; Bates and Granger 1969, "The combination of forecasts"):

- `now`: as it is now.
- `usual`: what is usual then (by quarter of an hour of the week), times what the last hour was to what it usually is.
- `visitors`: who came in by the doors pays a shopping time later. The share and the time are learnt.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np

from edge.core.wait.service import Floats

MINUTE_MS: Final = 60_000
SLOT_MIN: Final = 15
SLOTS: Final = 7 * 24 * 60 // SLOT_MIN
AHEAD_MIN: Final = (15, 30)
LAGS_MIN: Final = (5, 10, 15, 20, 25, 30, 40, 50)
SPREAD_MIN: Final = 15
"""Over so many minutes those are spread who came in together."""

LOAD_MIN: Final = 10
"""The load now is that of so many minutes: shorter is chance, longer is past."""
MOOD_MIN: Final = 60
"""Of so many minutes it is seen how busy this day is."""
MOST_MOOD: Final = 3.0

WEEKS: Final = 4.0
"""What is usual is the mean of about so many weeks."""

FORGETS: Final = 0.995
"""Of what was learnt about doors and errors, with each minute of which something is known: about three hours."""

QUIET: Final = 0.3
"""Lanes kept busy below which hardly anybody comes."""


@dataclass(frozen=True)
class Ahead:
    """The load in `minutes`, in lanes kept busy; which forecast moves it most, and how wrong it was lately."""

    minutes: int
    load: float
    reason: str
    amount: float | None = None
    error: float = 0.0


class _Memory(msgspec.Struct):
    usual: list[float] = msgspec.field(default_factory=lambda: [0.0] * SLOTS)
    seen: list[float] = msgspec.field(default_factory=lambda: [0.0] * SLOTS)
    crossed: list[float] = msgspec.field(default_factory=lambda: [0.0] * len(LAGS_MIN))
    squares: list[float] = msgspec.field(default_factory=lambda: [0.0] * len(LAGS_MIN))
    power: float = 0.0
    errors: dict[str, float] = {}
    weights: dict[str, float] = {}


@dataclass
class Outlook:
    """One store's load, minute by minute. `slot_of(t_ms)` says which quarter of an hour of the week a time is."""

    slot_of: Callable[[int], int]
    _memory: _Memory = field(default_factory=_Memory)
    _minute: int | None = None
    _loads: deque[float] = field(default_factory=lambda: deque(maxlen=MOOD_MIN))
    _usuals: deque[float] = field(default_factory=lambda: deque(maxlen=MOOD_MIN))
    _entered: deque[float] = field(default_factory=lambda: deque(maxlen=max(LAGS_MIN) + SPREAD_MIN))
    _coming: float = 0.0
    _has_doors: bool = False
    _pending: deque[tuple[int, int, str, float]] = field(default_factory=lambda: deque(maxlen=400))

    # --- observations -----------------------------------------------------------------------------------------------

    def entered(self, people: float) -> None:
        """So many came in by the doors."""
        self._has_doors = True
        self._coming += people

    def observe(self, t_ms: int, load: float) -> None:
        """The tills' load at `t_ms`, in lanes kept busy; called about once a minute, gaps are passed over."""
        minute = t_ms // MINUTE_MS
        if self._minute is not None and minute <= self._minute:
            return
        if self._minute is not None and minute - self._minute > SLOT_MIN:
            # A node that slept knows neither who came in nor how the forecasts did.
            self._loads.clear()
            self._usuals.clear()
            self._entered.clear()
            self._pending.clear()
        self._minute = minute
        self._loads.append(load)
        self._entered.append(self._coming)
        self._coming = 0.0
        self._usuals.append(self._memory.usual[self.slot_of(t_ms)])
        self._learn_usual(t_ms, load)
        now = self.now
        self._score(minute, now)
        self._learn_doors(now)
        for minutes in AHEAD_MIN:
            for expert, value in self._forecasts(t_ms, minutes).items():
                self._pending.append((minute + minutes, minutes, expert, value))

    # --- answers ----------------------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """The load now, in lanes kept busy."""
        return float(np.mean(list(self._loads)[-LOAD_MIN:])) if self._loads else 0.0

    def ahead(self, t_ms: int, minutes: int) -> Ahead:
        """The load in `minutes`."""
        forecasts = self._forecasts(t_ms, minutes)
        if not forecasts:
            return Ahead(minutes, 0.0, "quiet")
        weights = {expert: 1.0 / (self._error(expert, minutes) + 0.01) for expert in forecasts}
        load = sum(weights[e] * value for e, value in forecasts.items()) / sum(weights.values())
        error = float(np.sqrt(1.0 / sum(weights.values())))
        if load < QUIET:
            return Ahead(minutes, load, "quiet", None, error)
        pulls = {e: weights[e] * (value - self.now) for e, value in forecasts.items() if e != "now"}
        strongest = max(pulls, key=lambda expert: abs(pulls[expert]), default="")
        if not strongest or abs(load - self.now) < 0.15:
            return Ahead(minutes, load, "load", round(load, 2), error)
        if strongest == "visitors":
            return Ahead(minutes, load, "visitors", round(sum(list(self._entered)[-SPREAD_MIN:])), error)
        return Ahead(minutes, load, "usual", round(load, 2), error)

    def dump(self) -> bytes:
        """What was learnt, for a restart."""
        return msgspec.json.encode(self._memory)

    def load(self, kept: bytes) -> None:
        """Go on with what was learnt; what cannot be read is left out."""
        try:
            memory = msgspec.json.decode(kept, type=_Memory)
        except msgspec.DecodeError:
            return
        if len(memory.usual) == len(memory.seen) == SLOTS and len(memory.crossed) == len(LAGS_MIN):
            self._memory = memory

    # --- the three forecasts ----------------------------------------------------------------------------------------

    def _forecasts(self, t_ms: int, minutes: int) -> dict[str, float]:
        if not self._loads:
            return {}
        found = {"now": self.now}
        there, memory = self.slot_of(t_ms + minutes * MINUTE_MS), self._memory
        if memory.seen[there] >= SLOT_MIN:
            # An hour of an average lane is taken to be as usual: where little is usual, little says anything.
            mood = (sum(self._loads) + MOOD_MIN / 4) / (sum(self._usuals) + MOOD_MIN / 4)
            found["usual"] = memory.usual[there] * min(mood, MOST_MOOD)
        door = self._by_doors(minutes)
        if door is not None:
            found["visitors"] = door
        return found

    def _by_doors(self, minutes: int) -> float | None:
        """The load that those will make who came in a shopping time before then; the doors must be known for long."""
        if not self._knows_doors or self._memory.power < 30.0:
            return None
        skill = self._skill()
        # Who comes in after the moment that is asked for has not come yet.
        known = [index for index, lag in enumerate(LAGS_MIN) if lag >= minutes and self._memory.squares[index] > 0.0]
        if not known:
            return None
        best = max(known, key=lambda index: float(skill[index]))
        share = self._memory.crossed[best] / self._memory.squares[best]
        return share * self._came(LAGS_MIN[best] - minutes)

    @property
    def _knows_doors(self) -> bool:
        return self._has_doors and len(self._entered) == self._entered.maxlen

    def _came(self, lag: int) -> float:
        """People a minute who came in `lag` minutes ago, over `SPREAD_MIN` minutes."""
        entered = list(self._entered)
        end = len(entered) - lag
        return float(np.mean(entered[max(end - SPREAD_MIN, 0) : end])) if end > 0 else 0.0

    def _skill(self) -> Floats:
        crossed, squares = np.array(self._memory.crossed), np.array(self._memory.squares)
        skill: Floats = np.where(squares > 0, crossed / np.sqrt(np.maximum(squares, 1e-9)), 0.0)
        return skill

    # --- learning ---------------------------------------------------------------------------------------------------

    def _learn_usual(self, t_ms: int, load: float) -> None:
        slot = self.slot_of(t_ms)
        memory = self._memory
        # A slot is seen for fifteen minutes a week.
        memory.seen[slot] = min(memory.seen[slot] + 1.0, WEEKS * SLOT_MIN)
        memory.usual[slot] += (load - memory.usual[slot]) / memory.seen[slot]

    def _learn_doors(self, load: float) -> None:
        if not self._knows_doors:
            return
        memory = self._memory
        if not any(self._entered) and load <= 0.0:
            return  # a closed store teaches nothing
        memory.power = memory.power * FORGETS + 1.0
        for index, lag in enumerate(LAGS_MIN):
            came = self._came(lag)
            memory.crossed[index] = memory.crossed[index] * FORGETS + came * load
            memory.squares[index] = memory.squares[index] * FORGETS + came * came

    def _score(self, minute: int, now: float) -> None:
        """Hold what was foretold for now against what is."""
        while self._pending and self._pending[0][0] < minute - max(AHEAD_MIN):
            self._pending.popleft()
        memory, rest = self._memory, deque[tuple[int, int, str, float]](maxlen=self._pending.maxlen)
        for due, minutes, expert, value in self._pending:
            if due > minute:
                rest.append((due, minutes, expert, value))
            elif due == minute:
                key = f"{expert}/{minutes}"
                memory.weights[key] = memory.weights.get(key, 0.0) * FORGETS + 1.0
                memory.errors[key] = memory.errors.get(key, 0.0) * FORGETS + (value - now) ** 2
        self._pending = rest

    def _error(self, expert: str, minutes: int) -> float:
        """The mean squared error of a forecast lately; a prior of a quarter of an hour's worth keeps it from luck."""
        key = f"{expert}/{minutes}"
        return (self._memory.errors.get(key, 0.0) + 15 * 0.3) / (self._memory.weights.get(key, 0.0) + 15)
