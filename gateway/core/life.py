"""The life of a tagged item: its states, what happens to it, and the one table that says what follows from what.

What happened to an item is kept as steps. Its state is what the table makes of them in the order of their times, so
that a step which comes late, or twice, ends where it would have ended in time. An event without a row for a state
changes nothing and is kept as evidence.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

State = Literal[
    "back_room", "on_shelf", "misplaced", "picked_up", "in_basket", "paid", "left", "missing", "returned"
]  # fmt: skip

NEW: Final = "new"
"""Before anything happened; no item is kept in this state."""

BACK_ROOM: Final = "back_room"
ON_SHELF: Final = "on_shelf"
MISPLACED: Final = "misplaced"
PICKED_UP: Final = "picked_up"
IN_BASKET: Final = "in_basket"
PAID: Final = "paid"
LEFT: Final = "left"
MISSING: Final = "missing"
RETURNED: Final = "returned"
STATES: Final = (BACK_ROOM, ON_SHELF, MISPLACED, PICKED_UP, IN_BASKET, PAID, LEFT, MISSING, RETURNED)
STANDING: Final = (ON_SHELF, MISPLACED, BACK_ROOM)
"""Stands where a reader or a clerk saw it: stock. A returned item is stock too, at the counter."""

STANDS: Final = "stands"
STANDS_ELSEWHERE: Final = "stands_elsewhere"
STANDS_IN_BACK_ROOM: Final = "stands_in_back_room"
LIFTED: Final = "lifted"
SCANNED: Final = "scanned"
UNSCANNED: Final = "unscanned"
SALE: Final = "paid"
PASSED_DOOR: Final = "passed_door"
BROUGHT_BACK: Final = "brought_back"
GIVEN_UP: Final = "given_up"
FOUND: Final = "found"
RETRACTED: Final = "retracted"
"""What the store had concluded (given up, paid by inference) and something later proved wrong: evidence only."""

_ALL: Final = (NEW, *STATES)


def _row(after: str, *before: str) -> dict[str, str]:
    return dict.fromkeys(before, after)


TABLE: Final[Mapping[str, Mapping[str, str]]] = {
    STANDS: _row(ON_SHELF, *_ALL),
    STANDS_ELSEWHERE: _row(MISPLACED, *_ALL),
    STANDS_IN_BACK_ROOM: _row(BACK_ROOM, *_ALL),
    LIFTED: _row(PICKED_UP, NEW, *STANDING, RETURNED),
    SCANNED: _row(IN_BASKET, NEW, *STANDING, PICKED_UP, RETURNED, MISSING),
    UNSCANNED: _row(PICKED_UP, IN_BASKET),
    SALE: _row(PAID, NEW, *STANDING, PICKED_UP, IN_BASKET, RETURNED, MISSING),
    PASSED_DOOR: _row(LEFT, NEW, *STANDING, PICKED_UP, IN_BASKET, PAID, RETURNED),
    BROUGHT_BACK: _row(RETURNED, NEW, *STANDING, PICKED_UP, IN_BASKET, PAID, LEFT, MISSING),
    GIVEN_UP: _row(MISSING, *STANDING, PICKED_UP, IN_BASKET, LEFT, RETURNED),
    FOUND: _row(ON_SHELF, NEW, PICKED_UP, IN_BASKET, PAID, LEFT, MISSING, RETURNED),
}
"""Event → state before → state after. The whole of what is allowed."""

EVENTS: Final = (*TABLE, RETRACTED)

PLACING: Final = frozenset({STANDS, STANDS_ELSEWHERE, STANDS_IN_BACK_ROOM, LIFTED, BROUGHT_BACK, FOUND})
"""Events that say where the item is, or from where it was lifted."""

SEEING: Final = PLACING | {SCANNED, SALE, PASSED_DOOR}
"""Events in which somebody or something saw the item; the rest is concluded."""

_STANDS: Final = frozenset({STANDS, STANDS_ELSEWHERE, STANDS_IN_BACK_ROOM, FOUND})

REFUTING: Final = frozenset({STANDS, STANDS_ELSEWHERE, STANDS_IN_BACK_ROOM, SCANNED, SALE, BROUGHT_BACK, FOUND})
"""Whoever learns one of these, from before an item was given up, had given it up for not knowing it."""

_NO_ROWS: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to an item; ``seen_ms`` is when it was last read for it."""

    t_ms: int
    event: str
    place: str
    p: float
    seen_ms: int


@dataclass(frozen=True, slots=True)
class Life:
    """How an item is: what its steps come to.

    ``t_ms`` is the time of its newest step, ``since_ms`` of the one that brought its state. ``stood`` is the state in
    which it still stands as far as its shelf knows, though somebody scanned it.
    """

    state: str = NEW
    place: str = ""
    p: float = 0.0
    t_ms: int = 0
    seen_ms: int = 0
    since_ms: int = 0
    stood: str | None = None


def after(state: str, event: str) -> str | None:
    """The state that ``event`` leads to, or ``None`` where it changes nothing."""
    return TABLE.get(event, _NO_ROWS).get(state)


def lived(life: Life, step: Step) -> Life:
    """One step further; ``step`` is not older than what is known."""
    state = after(life.state, step.event)
    t_ms = max(life.t_ms, step.t_ms)
    if state is None:
        # The shelf misses what somebody has scanned already.
        return replace(life, t_ms=t_ms, stood=None if step.event == LIFTED else life.stood)
    if step.event == UNSCANNED and life.stood is not None:
        # No shelf has missed it: who scanned it has put it back, or never took it.
        state = life.stood
    stood = state if state in STANDING else life.stood if step.event == SCANNED else None
    return Life(
        state=state,
        place=step.place if step.event in PLACING else life.place or step.place,
        p=step.p,
        t_ms=t_ms,
        seen_ms=step.seen_ms if step.event in SEEING else life.seen_ms,
        since_ms=life.since_ms if state == life.state else step.t_ms,
        stood=stood,
    )


def replay(steps: Iterable[Step]) -> Life:
    """What all the steps of an item come to; ``steps`` in the order of their times."""
    life = Life()
    for step in steps:
        life = lived(life, step)
    return life


def states_after(steps: Iterable[Step]) -> list[tuple[str, str]]:
    """State and place after each of ``steps``, in their order."""
    life, found = Life(), []
    for step in steps:
        life = lived(life, step)
        found.append((life.state, life.place))
    return found


def refuted(steps: Sequence[Step], late: Step) -> list[int]:
    """Which of ``steps`` (their indexes) ``late`` proves wrong: conclusions that were drawn without knowing it.

    A sale clears an item though it was given up before: who paid has not stolen.
    """
    if late.event not in REFUTING:
        return []
    stood = max((index for index, step in enumerate(steps) if step.event in _STANDS), default=-1)
    return [
        index
        for index, step in enumerate(steps)
        if step.event == GIVEN_UP and (late.t_ms < step.t_ms or (late.event == SALE and index > stood))
    ]


def given_up_before_ms(now_ms: int, missing_after_ms: int, closed_ms: int | None) -> int:
    """Items that were picked up before this are given up: too long ago, or before the store last closed."""
    return max(now_ms - missing_after_ms, -1 if closed_ms is None else closed_ms)


def table_page() -> str:
    """The table as Markdown, for ``docs/stock.md``: a row per event, a column per state, what follows in a cell."""
    head = ["event", *(state.replace("_", " ") for state in _ALL)]
    rows = [
        [event.replace("_", " "), *((row.get(state) or "·").replace("_", " ") for state in _ALL)]
        for event, row in TABLE.items()
    ]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
