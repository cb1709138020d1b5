"""Boxes of one frame after the other become tracks: the same person keeps the same number.

Prediction with constant velocity (an alpha–beta filter), then greedy matching of predictions and boxes by overlap and
nearness. Weak boxes may continue a track but never start one (Zhang et al. 2022, ByteTrack). In plain numpy:
0.1 ms a frame at 20 people, where ready trackers take 4 ms or half a gigabyte.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32] | NDArray[np.float64]
"""N × 5: x0, y0, x1, y1 in pixels, score."""

_POSITION_GAIN, _VELOCITY_GAIN, _SIZE_GAIN = 0.8, 0.35, 0.3
_SHOWN_S = 0.55
"""How long somebody who is not seen is still in view for the head count."""

_SCORE_MEMORY_S = 2.0
_STRIDES_PER_S = 1.2
"""How many body heights a fast walker moves in a second, beyond what the track predicts."""


@dataclass(frozen=True)
class TrackerSettings:
    """``start_score``: from here a box may start a track. ``confirm_hits``: boxes until a track counts.

    ``doubt``: a track whose mean score of the last seconds is below this share of ``start_score`` is not believed:
    a lamp post that was taken for somebody's legs once.
    ``coast_s``: how long a track lives without a box; ``hidden_s``: how long if somebody else stands in front of it.
    """

    start_score: float = 0.45
    confirm_hits: int = 2
    doubt: float = 0.9
    coast_s: float = 1.0
    hidden_s: float = 4.0


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


_COLUMNS = 10
_X, _TOP, _W, _H, _VX, _VY, _SCORE, _HITS, _SEEN, _ID = range(_COLUMNS)
"""A track: centre x, top, width, height (pixels), velocity (pixels/s), score, hits, last seen (s), number."""

_PLACE, _SIZE, _SPEED = slice(_X, _TOP + 1), slice(_W, _H + 1), slice(_VX, _VY + 1)


class Tracker:
    """Follows people from frame to frame. Frames must come in time order; a late one is refused."""

    def __init__(self, settings: TrackerSettings | None = None) -> None:
        self._settings = settings or TrackerSettings()
        self._state = np.empty((0, _COLUMNS))
        self._t_s = -np.inf
        self._dt_s = 0.0
        self._next_id = 1

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
        measured = _measure(boxes)
        strong = measured[:, _SCORE] >= self._settings.start_score
        is_free, is_new = np.ones(len(self._state), bool), strong.copy()
        for candidates in (strong, ~strong):
            tracks, found = self._match(np.flatnonzero(is_free), np.flatnonzero(candidates), measured, dt)
            is_free[tracks] = is_new[found] = False
            self._correct(tracks, measured[found], dt, t_s)
        self._start(measured[is_new], t_s)
        gone = self._drop(t_s, dt)
        return self._report(t_s, gone)

    def _predict(self, dt: float) -> None:
        if len(self._state):
            # A person who is not seen probably slowed down: half of the speed is left after 0.7 s without a box.
            self._state[:, _PLACE] += self._state[:, _SPEED] * dt
            self._state[self._state[:, _SEEN] < self._t_s - dt - 1e-9, _SPEED] *= 0.5 ** (dt / 0.7)

    def _match(
        self, rows: NDArray[np.intp], found: NDArray[np.intp], measured: NDArray[np.float64], dt: float
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Pair tracks (``rows``) with boxes (``found``), the likeliest pair first; each is used once."""
        nothing = np.empty(0, np.intp)
        if not len(rows) or not len(found):
            return nothing, nothing
        merit = _likeness(self._state[rows], measured[found], dt)
        row_of, column_of = np.nonzero(merit > 0)
        order = np.argsort(-merit[row_of, column_of], kind="stable")
        free_rows, free_columns = np.ones(len(rows), bool), np.ones(len(found), bool)
        pairs: list[tuple[int, int]] = []
        for row, column in zip(row_of[order].tolist(), column_of[order].tolist(), strict=True):
            if free_rows[row] and free_columns[column]:
                free_rows[row] = free_columns[column] = False
                pairs.append((row, column))
        if not pairs:
            return nothing, nothing
        chosen = np.array(pairs, np.intp)
        return rows[chosen[:, 0]], found[chosen[:, 1]]

    def _correct(self, rows: NDArray[np.intp], measured: NDArray[np.float64], dt: float, t_s: float) -> None:
        if not len(rows):
            return
        state = self._state[rows]
        error = measured[:, _PLACE] - state[:, _PLACE]
        gap = np.maximum(t_s - state[:, _SEEN, None], dt)
        is_second = state[:, _HITS, None] == 1
        state[:, _PLACE] += np.where(is_second, 1.0, _POSITION_GAIN) * error
        state[:, _SPEED] += np.where(is_second, 0.7, _VELOCITY_GAIN) * error / gap
        # Size changes slowly: legs that vanish behind somebody must not move the feet up into another lane.
        state[:, _SIZE] += _SIZE_GAIN * (measured[:, _SIZE] - state[:, _SIZE])
        state[:, _SCORE] += (1 - math.exp(-dt / _SCORE_MEMORY_S)) * (measured[:, _SCORE] - state[:, _SCORE])
        state[:, _HITS] += 1
        state[:, _SEEN] = t_s
        self._state[rows] = state

    def _start(self, measured: NDArray[np.float64], t_s: float) -> None:
        if not len(measured):
            return
        fresh = measured.copy()
        fresh[:, _HITS], fresh[:, _SEEN] = 1, t_s
        fresh[:, _ID] = np.arange(self._next_id, self._next_id + len(fresh))
        self._next_id += len(fresh)
        self._state = np.concatenate((self._state, fresh))

    def _drop(self, t_s: float, dt: float) -> tuple[int, ...]:
        if not len(self._state):
            return ()
        unseen = t_s - self._state[:, _SEEN]
        if not unseen.any():
            return ()
        tentative = self._state[:, _HITS] < self._settings.confirm_hits
        limit = np.where(tentative, self._settings.coast_s / 2, self._settings.coast_s)
        limit[~tentative & self._is_hidden(t_s)] = self._settings.hidden_s
        # At low frame rates one missed frame must not end a track.
        keep = unseen <= np.maximum(limit, 1.1 * dt)
        gone = tuple(int(number) for number in self._state[~keep, _ID])
        self._state = self._state[keep]
        return gone

    def _is_hidden(self, t_s: float) -> NDArray[np.bool_]:
        """Which unseen tracks have at least half of their box behind one that is seen and stands nearer."""
        seen = self._state[:, _SEEN] >= t_s
        hidden = np.zeros(len(self._state), bool)
        if seen.any() and not seen.all():
            boxes = _corners(self._state)
            front, behind = boxes[seen], boxes[~seen]
            shared = _shared(behind, front)
            area = (behind[:, 2] - behind[:, 0]) * (behind[:, 3] - behind[:, 1])
            covers = (shared >= 0.5 * area[:, None]) & (
                front[None, :, 3] >= behind[:, 3, None] - 0.05 * area[:, None] ** 0.5
            )
            hidden[~seen] = covers.any(axis=1)
        return hidden

    def _report(self, t_s: float, gone: tuple[int, ...]) -> Tracks:
        state = self._state
        unseen_s, scores = t_s - state[:, _SEEN], state[:, _SCORE].copy()
        believed = scores >= self._settings.doubt * self._settings.start_score
        confirmed = believed & (state[:, _HITS] >= self._settings.confirm_hits)
        seen_well = (unseen_s <= 0) & (scores >= self._settings.start_score)
        return Tracks(
            ids=state[:, _ID].astype(np.int64),
            boxes=_corners(state),
            scores=scores,
            confirmed=confirmed,
            shown=seen_well | (confirmed & (unseen_s <= max(_SHOWN_S, 1.1 * self._dt_s))),
            unseen_s=unseen_s,
            gone=gone,
        )


def _measure(boxes: Boxes) -> NDArray[np.float64]:
    state = np.zeros((len(boxes), _COLUMNS))
    if len(boxes):
        state[:, _X] = (boxes[:, 0] + boxes[:, 2]) / 2
        state[:, _TOP] = boxes[:, 1]
        state[:, _W] = np.maximum(boxes[:, 2] - boxes[:, 0], 1e-6)
        state[:, _H] = np.maximum(boxes[:, 3] - boxes[:, 1], 1e-6)
        state[:, _SCORE] = boxes[:, 4]
    return state


def _corners(state: NDArray[np.float64]) -> NDArray[np.float64]:
    corners = np.empty((len(state), 4))
    half = state[:, _W] / 2
    corners[:, 0], corners[:, 1] = state[:, _X] - half, state[:, _TOP]
    corners[:, 2], corners[:, 3] = state[:, _X] + half, state[:, _TOP] + state[:, _H]
    return corners


def _shared(boxes: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:4], others[None, :, 2:4])
    extent: NDArray[np.float64] = np.maximum(high - low, 0)
    return extent[..., 0] * extent[..., 1]


def _likeness(tracks: NDArray[np.float64], found: NDArray[np.float64], dt: float) -> NDArray[np.float64]:
    """How well each track (rows) fits each box (columns): overlap plus nearness, 0 where it cannot be."""
    shared = _shared(_corners(tracks), _corners(found))
    area, others = tracks[:, _W] * tracks[:, _H], found[:, _W] * found[:, _H]
    overlap = shared / (area[:, None] + others[None, :] - shared)
    away = np.hypot(
        tracks[:, _X, None] - found[None, :, _X],
        tracks[:, _TOP, None] - found[None, :, _TOP],
    )
    reach = tracks[:, _H, None] * (0.3 + _STRIDES_PER_S * min(dt, 1.0))
    nearness = 1 - away / reach
    ratio = found[None, :, _H] / tracks[:, _H, None]
    possible = (ratio > 0.45) & (ratio < 2.2) & ((nearness > 0) | (overlap > 0.3))
    return np.where(possible, 1e-6 + overlap + np.maximum(nearness, 0) / 2, 0.0)
