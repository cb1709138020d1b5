"""Boxes of one frame after the other become tracks: the same person keeps the same number.

Prediction with constant velocity (an alpha–beta filter), then predictions and boxes paired by overlap and nearness.
Weak boxes may continue a track but never start one (Zhang et al. 2022, ByteTrack). In plain numpy: 0.1 ms a frame at
20 people, where ready trackers take 4 ms or half a gigabyte.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.core.lane.likeness import (
    COLUMNS,
    HITS,
    ID,
    PLACE,
    SCORE,
    SEEN,
    SIZE,
    SPEED,
    VX,
    VY,
    Boxes,
    H,
    Rows,
    corners,
    likeness,
    measure,
    shared,
)
from edge.core.lane.pairing import paired
from edge.core.lane.stature import Stature

_POSITION_GAIN, _VELOCITY_GAIN, _SIZE_GAIN = 0.8, 0.35, 0.3
_SHOWN_S = 0.55
"""How long somebody who is not seen is still in view for the head count."""

_SCORE_MEMORY_S = 2.0
_LONG, _STILL = 5, 0.15
"""Boxes of a track that is sure, and heights per second below which somebody stands."""


@dataclass(frozen=True)
class TrackerSettings:
    """``start_score``: from here a box may start a track. ``confirm_hits``: boxes until a track counts.

    ``doubt``: a track whose mean score of the last seconds is below this share of ``start_score`` is not believed:
    a lamp post that was taken for somebody's legs once.
    ``coast_s``: how long a track lives without a box; ``standing_s``: how long if they stood still, for those seldom
    vanish; ``hidden_s``: how long if somebody else stands in front of them.
    """

    start_score: float = 0.45
    confirm_hits: int = 2
    doubt: float = 0.9
    coast_s: float = 1.0
    standing_s: float = 3.0
    hidden_s: float = 8.0


@dataclass(frozen=True, eq=False)
class Tracks:
    """All tracks after a frame, row by row. ``boxes``: N × 4, smoothed. ``unseen_s``: time since the last box.

    ``confirmed`` tracks are counted in lanes and at doors. ``shown`` are the people in view now: confirmed ones that
    were seen a moment ago, and new ones that are seen well.
    """

    ids: NDArray[np.int64]
    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    confirmed: NDArray[np.bool_]
    shown: NDArray[np.bool_]
    unseen_s: NDArray[np.float64]
    gone: tuple[int, ...]

    def feet(self) -> NDArray[np.float64]:
        """N × 2: the middle of each box's lower edge, where the person stands."""
        return np.column_stack(((self.boxes[:, 0] + self.boxes[:, 2]) / 2, self.boxes[:, 3]))


class Tracker:
    """Follows people from frame to frame. Frames must come in time order; a late one is refused."""

    def __init__(self, settings: TrackerSettings | None = None) -> None:
        self._settings = settings or TrackerSettings()
        self._state = np.empty((0, COLUMNS))
        self._t_s = -np.inf
        self._dt_s = 0.0
        self._next_id = 1
        self._stature = Stature()

    def update(self, boxes: Boxes, t_s: float) -> Tracks:
        """Fold in one frame's boxes (N × 5) seen at ``t_s``.

        Raises:
            ValueError: ``t_s`` is not later than the frame before.
        """
        if not t_s > self._t_s:
            raise ValueError(f"frame at {t_s} s after one at {self._t_s} s")
        dt = self._dt_s = min(t_s - self._t_s, 5.0)
        self._t_s = t_s
        self._predict(dt)
        measured = measure(boxes)
        strong = measured[:, SCORE] >= self._settings.start_score
        is_cut = self._stature.complete(measured, strong, self._state)
        tracks, found = self._match(measured, strong, dt)
        self._correct(tracks, measured[found], is_cut[found], dt, t_s)
        strong[found] = False
        self._start(measured[strong], t_s)
        gone = self._drop(t_s, dt)
        return self._report(t_s, gone)

    def _predict(self, dt: float) -> None:
        if len(self._state):
            # A person who is not seen probably slowed down: half of the speed is left after 0.7 s without a box.
            self._state[:, PLACE] += self._state[:, SPEED] * dt
            self._state[self._state[:, SEEN] < self._t_s - dt - 1e-9, SPEED] *= 0.5 ** (dt / 0.7)

    def _match(self, measured: Rows, strong: NDArray[np.bool_], dt: float) -> tuple[list[int], list[int]]:
        """Pair tracks with boxes, strong boxes before weak ones."""
        if not len(self._state) or not len(measured):
            return [], []
        return paired(likeness(self._state, measured, dt), strong)

    def _correct(self, rows: list[int], measured: Rows, is_cut: NDArray[np.bool_], dt: float, t_s: float) -> None:
        if not rows:
            return
        state = self._state[rows]
        error = measured[:, PLACE] - state[:, PLACE]
        gap = np.maximum(t_s - state[:, SEEN, None], dt)
        is_second = state[:, HITS, None] == 1
        state[:, PLACE] += np.where(is_second, 1.0, _POSITION_GAIN) * error
        state[:, SPEED] += np.where(is_second, 0.7, _VELOCITY_GAIN) * error / gap
        # Size changes slowly: legs that vanish behind somebody must not move the feet up into another lane.
        size = measured[:, SIZE] - state[:, SIZE]
        size[is_cut & (size[:, 1] < 0), 1] = 0.0
        state[:, SIZE] += _SIZE_GAIN * size
        state[:, SCORE] += (1 - math.exp(-dt / _SCORE_MEMORY_S)) * (measured[:, SCORE] - state[:, SCORE])
        state[:, HITS] += 1
        state[:, SEEN] = t_s
        self._state[rows] = state

    def _start(self, measured: NDArray[np.float64], t_s: float) -> None:
        if not len(measured):
            return
        fresh = measured.copy()
        fresh[:, HITS], fresh[:, SEEN] = 1, t_s
        fresh[:, ID] = np.arange(self._next_id, self._next_id + len(fresh))
        self._next_id += len(fresh)
        self._state = np.concatenate((self._state, fresh))

    def _drop(self, t_s: float, dt: float) -> tuple[int, ...]:
        if not len(self._state):
            return ()
        unseen = t_s - self._state[:, SEEN]
        if not unseen.any():
            return ()
        tentative = self._state[:, HITS] < self._settings.confirm_hits
        limit = np.where(tentative, self._settings.coast_s / 2, self._settings.coast_s)
        limit[~tentative & self._is_standing()] = self._settings.standing_s
        limit[~tentative & self._is_hidden(t_s)] = self._settings.hidden_s
        # At low frame rates one missed frame must not end a track.
        keep = unseen <= np.maximum(limit, 1.1 * dt)
        gone = tuple(int(number) for number in self._state[~keep, ID])
        self._state = self._state[keep]
        return gone

    def _is_standing(self) -> NDArray[np.bool_]:
        """Which tracks have been followed for a while and do not move."""
        speed = np.hypot(self._state[:, VX], self._state[:, VY])
        standing: NDArray[np.bool_] = (self._state[:, HITS] >= _LONG) & (speed < _STILL * self._state[:, H])
        return standing

    def _is_hidden(self, t_s: float) -> NDArray[np.bool_]:
        """Which unseen tracks have at least half of their box behind one that is seen and stands nearer."""
        seen = self._state[:, SEEN] >= t_s
        hidden = np.zeros(len(self._state), bool)
        if seen.any() and not seen.all():
            boxes = corners(self._state)
            front, behind = boxes[seen], boxes[~seen]
            area = (behind[:, 2] - behind[:, 0]) * (behind[:, 3] - behind[:, 1])
            is_covered = shared(behind, front) >= 0.5 * area[:, None]
            is_nearer = front[None, :, 3] >= behind[:, 3, None] - 0.05 * area[:, None] ** 0.5
            hidden[~seen] = (is_covered & is_nearer).any(axis=1)
        return hidden

    def _report(self, t_s: float, gone: tuple[int, ...]) -> Tracks:
        state = self._state
        unseen_s, scores = t_s - state[:, SEEN], state[:, SCORE].copy()
        believed = scores >= self._settings.doubt * self._settings.start_score
        confirmed = believed & (state[:, HITS] >= self._settings.confirm_hits)
        seen_well = (unseen_s <= 0) & (scores >= self._settings.start_score)
        return Tracks(
            ids=state[:, ID].astype(np.int64),
            boxes=corners(state),
            scores=scores,
            confirmed=confirmed,
            shown=seen_well | (confirmed & (unseen_s <= max(_SHOWN_S, 1.1 * self._dt_s))),
            unseen_s=unseen_s,
            gone=gone,
        )
