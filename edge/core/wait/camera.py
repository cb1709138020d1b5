"""What a camera shows of a lane with h heads in it: people hidden for seconds, passers-by, and nothing for certain.

Heads are the people who queue and the companions who stay as long as the one they are with (`belief` counts both).
Each head that is seen may get hidden in the next second, more often the longer the queue, and each hidden one may
come back; passers-by come and go. So the error e = y - h is a chain: minus those hidden, plus those passing. Its
one-second kernel is the product of binomial and Poisson generating functions, read off by a Fourier transform.

How often heads get hidden and come back, and how often strangers pass and for how long, is learnt from the smoothed
belief (`belief` carries the sums along) by expectation and maximisation online (Cappé 2011, "Online EM algorithm for
hidden Markov models"), shared by all lanes of a kind.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from edge.core.wait.service import Floats

Transform = npt.NDArray[np.complex128]

GROWTH: Final = 0.35
"""How much more often a head is hidden for each one that stands before it."""

FLOOR: Final = 1e-4
"""The chance of what no model foresees."""

OVER: Final = 4
"""How many more may be seen than are there."""

FORGET_AFTER: Final = 40_000.0
"""Counts after which what was learnt weighs half."""

STAY, JOIN, JOIN_TWO, LEAVE, LEAVE_TWO = range(5)
"""What people do within a second: nothing, one comes, one with a companion comes, one goes, one goes with theirs."""

MOVES: Final = (0, 1, 2, -1, -2)
HIDDEN, BACK, PASSED, GONE, HIDDEN_S, PASSING_S = range(6)
SUMS: Final = 6
"""What is summed: got hidden, came back, passed by, went; seconds hidden and seconds passing."""

PRIOR: Final = (3.0, 10.0, 1.5, 8.0, 50.0, 24.0)
PRIOR_EXPOSED: Final = 400.0
PRIOR_COUNTS: Final = 300.0
JOINED_PRIOR, COMPANION_PRIOR = 20.0, 0.8
REVERSAL_S: Final = 6.0
SEEN_BACK: Final = 1.5
"""Errors to one that is taken back so soon, as they last for some six seconds."""

LEARN_EVERY: Final = 300.0


class CameraModel:
    """The tables over heads and errors, and what is learnt. Sizes grow with the longest queue seen."""

    def __init__(self, size: int = 28, *, doubt: float = 1.0) -> None:
        """`doubt` is how many errors are supposed to begin with, over the usual number."""
        self.size = size
        self._sums: Floats = np.array(PRIOR) * doubt
        self._exposed, self._counts = PRIOR_EXPOSED, PRIOR_COUNTS
        self._joined, self._accompanied = JOINED_PRIOR, COMPANION_PRIOR
        self._changes, self._reversals, self._expected = 10.0, 4.0, 2.0
        self._since = 0.0
        self._maximise()

    def errs(self, people: float) -> float:
        """How many errors begin per second over a queue of `people`."""
        return self.hide * people * (1.0 + GROWTH * max(people - 1.0, 0.0) / 2.0) + self.passing

    def grow(self, size: int) -> None:
        """Make room for up to `size - 1` heads."""
        if size > self.size:
            self.size = size
            self._build()

    # --- tables -------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        size = self.size
        heads = np.arange(size)
        self.growth: Floats = 1.0 + GROWTH * np.maximum(heads - 1, 0) / 2.0
        self.errors = size + OVER
        hide = np.minimum(self.hide * self.growth, 0.5)
        kernel, self.sums = self._kernel(hide)
        self.missing: Floats = hide / (hide + self.back)
        e = np.arange(self.errors)
        apart = np.abs(e[:, None] - e[None, :])
        floor = FLOOR * 0.5**apart
        kernel = (1.0 - 4.0 * FLOOR) * kernel + floor
        self.moves: Floats = np.ascontiguousarray([self._moved(kernel, move) for move in MOVES])
        self.often: Floats = self._stationary()

    def _kernel(self, hide: Floats) -> tuple[Floats, Floats]:
        """P(e -> e') by heads, and the expected numbers that got hidden, came back, passed by and went."""
        size, errors, back, gone = self.size, self.errors, self.back, self.gone
        points = 1 << (2 * errors - 1).bit_length()
        z = np.exp(-2j * np.pi * np.arange(points) / points)
        less = 1.0 / z
        m = np.maximum(size - 1 - np.arange(errors), 0)
        x = np.maximum(np.arange(errors) - (size - 1), 0)
        still = back + (1.0 - back) * less
        lost = (1.0 - hide)[:, None] + hide[:, None] * less[None, :]
        going = gone + (1.0 - gone) * z
        powers = np.arange(size)
        seen = np.clip(np.arange(size)[:, None] - m[None, :], 0, size - 1)
        hidden_part = (still[None, :] ** powers[:, None])[m]
        passing_part = (going[None, :] ** np.arange(OVER + 1)[:, None])[x] * np.exp(self.passing * (z - 1.0))
        seen_part = lost[:, None, :] ** seen[:, :, None]
        whole = seen_part * (hidden_part * passing_part)[None]
        places = (np.arange(errors) - (size - 1)) % points

        def coefficients(transform: Transform) -> Floats:
            taken: Floats = np.fft.ifft(transform, axis=-1).real[..., places]
            return np.maximum(taken, 0.0, out=taken)

        kernel = coefficients(whole)
        got_hidden = seen[:, :, None] * coefficients(whole * (hide[:, None] * less / lost)[:, None, :])
        came_back = m[None, :, None] * coefficients(whole * (back / still))
        passed = self.passing * coefficients(whole * z)
        went = x[None, :, None] * coefficients(whole * (gone / going))
        events = np.stack([got_hidden, came_back, passed, went]) / np.maximum(kernel, 1e-9)
        return kernel, np.ascontiguousarray(events)

    def _moved(self, kernel: Floats, move: int) -> Floats:
        """The kernel for a lane whose heads change by `move`, indexed by the heads and the error before.

        The error after is counted from the heads before as well. Who comes or goes may be hidden.
        """
        if move == 0:
            return kernel
        size, errors = self.size, self.errors
        moved = np.zeros_like(kernel)
        missed = self.missing[1]
        target = np.clip(np.arange(size) + move, 0, size - 1)
        after = kernel[target]
        toward = -1 if move > 0 else 1
        hidden = np.zeros_like(after)
        if toward < 0:
            hidden[:, 1:] = after[:, :-1]
        else:
            hidden[:, :-1] = after[:, 1:]
        after = (1.0 - missed) * after + missed * hidden
        if move > 0:
            moved[:, :, move:] = after[:, :, : errors - move]
        else:
            moved[:, :, :move] = after[:, :, -move:]
        return np.maximum(moved, FLOOR * FLOOR, out=moved)

    def _stationary(self) -> Floats:
        """P(y | heads), over (y, heads)."""
        often = np.zeros((self.errors, self.size))
        strange = min(self.passing / self.gone, 1.0)
        for heads in range(self.size):
            k = np.arange(heads + 1)
            ways = np.array([math.comb(heads, int(i)) for i in k], dtype=float)
            missed = self.missing[heads]
            seen = ways * (1 - missed) ** k * missed ** (heads - k)
            for more in range(OVER + 1):
                chance = math.exp(-strange) * strange**more / math.factorial(more)
                fit = min(heads + 1, self.errors - more)
                often[more : more + fit, heads] += chance * seen[:fit]
        error = np.arange(self.errors)[:, None] - np.arange(self.size)[None, :]
        mixed: Floats = (1.0 - 4 * FLOOR) * often + FLOOR * 0.5 ** np.abs(error)
        return mixed

    def weights(self, before: int, now: int) -> Floats:
        """P(now seen | before seen) for each of the `MOVES`, over the heads before."""
        return self._read(self.moves, before, now, FLOOR * FLOOR)

    def events(self, before: int, now: int) -> Floats:
        """The expected numbers that got hidden, came back, passed by and went if nobody came or left, over heads."""
        return self._read(self.sums, before, now, 0.0)

    def _read(self, tables: Floats, before: int, now: int, otherwise: float) -> Floats:
        size, errors = self.size, self.errors
        first = max(before - OVER, now - OVER, 0)
        got = np.full((len(tables), size), otherwise)
        if first < size:
            flat = tables.reshape(len(tables), -1)
            begin = first * errors * errors + (before - first + size - 1) * errors + now - first + size - 1
            got[:, first:] = flat[:, begin :: errors * errors - errors - 1][:, : size - first]
        return got

    # --- learning -----------------------------------------------------------------------------------------------

    def flickered(self, changes: float, reversals: float, expected: float) -> None:
        """Take in how often counts changed, how often a change was taken back within `REVERSAL_S`, and how many
        changes were expected of people who come and go.
        """
        self._expected += expected
        self._changes += changes
        self._reversals += reversals

    def learn(self, sums: Floats, exposed: float, counts: float, joined: float, accompanied: float) -> None:
        """Take in the sums of `counts` counts; `exposed` is what was exposed to being hidden in them.

        `joined` came to the lane meanwhile, `accompanied` of them with a companion.
        """
        self._sums += sums
        np.maximum(self._sums, 1e-3, out=self._sums)
        self._exposed += exposed
        self._counts += counts
        self._joined += max(joined, 0.0)
        self._accompanied = min(max(self._accompanied + accompanied, 0.0), self._joined)
        self._since += counts
        if self._since >= max(LEARN_EVERY * (self.size / 28) ** 2, 0.15 * self._counts):
            self._since = 0.0
            self._maximise()

    def _maximise(self) -> None:
        sums = self._sums
        self.hide = float(min(max(sums[HIDDEN] / self._exposed, 1e-5), 0.2))
        self.back = float(min(max(sums[BACK] / sums[HIDDEN_S], 0.03), 0.95))
        self.passing = float(min(max(sums[PASSED] / self._counts, 1e-5), 0.2))
        self.gone = float(min(max(sums[GONE] / sums[PASSING_S], 0.05), 0.95))
        self.companions = float(min(max(self._accompanied / self._joined, 1e-4), 0.4))
        # Most errors are taken back within seconds: there cannot be many more of them than changes that were, beyond
        # those that people make by chance. So a camera that never errs is found to be one.
        moves = min(self._expected, self._changes)
        by_chance = 0.75 * moves * (1.0 - math.exp(-REVERSAL_S * moves / self._counts))
        begun = self.hide * self._exposed + self.passing * self._counts
        most = SEEN_BACK * max(self._reversals - by_chance, 0.0) + 0.02 * begun
        most = min(most, 0.8 * max(self._changes - 0.8 * moves, 0.0) + 0.02 * begun)
        if begun > most:
            self.hide *= most / begun
            self.passing *= most / begun
        if self._counts > FORGET_AFTER:
            self._changes *= 0.5
            self._reversals *= 0.5
            self._expected *= 0.5
            self._sums = sums * 0.5
            self._exposed *= 0.5
            self._counts *= 0.5
            self._joined *= 0.5
            self._accompanied *= 0.5
        self._build()
