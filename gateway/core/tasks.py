"""What there is to do on the floor: from the plan, what stands, the back room and what sells, to tasks for clerks.

Tasks do not flap: a shelf is low at ``low`` and is no longer only a quarter of its remaining room above that; what
a clerk has claimed stays until the shelf sees the goods, the plan changes, or the claim runs out; and a reader that
does not look neither raises a task nor ends one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Final, Literal

TaskType = Literal["replenish", "tidy", "count"]
TaskState = Literal["open", "claimed", "done", "dropped"]
Ending = Literal["done", "dropped"]
Reason = Literal["empty", "low", "misplaced", "never_counted", "old_count", "unsure", "count_differs"]
Knowledge = Literal["seen", "counted", "unknown"]
"""How we know what stands: a reader looks now, people counted, or nobody can say."""

SURE_ENOUGH: Final = 0.5
"""Books that are less likely right than wrong send nobody with goods, but somebody to count."""
ARRIVED_SHARE: Final = 0.8
"""A task is done when this part of what was to be brought stands there: meanwhile shoppers take some."""
BRISK_PER_DAY: Final = 5.0
"""A product that sells so many a day is half as urgent as one that sells without end."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A product on a shelf where it belongs: room and threshold of the plan, and what stands there, how sure."""

    shelf: str
    capacity: int
    low: int
    standing: int
    knowledge: Knowledge
    p: float = 1.0

    @property
    def room(self) -> int:
        """How many pieces would still fit."""
        return max(self.capacity - self.standing, 0)

    @property
    def relief(self) -> int:
        """Above so many pieces a shelf that was low no longer is."""
        return self.low + max((self.capacity - self.low) // 4, 1)


@dataclass(frozen=True, slots=True)
class Goods:
    """One product as the store knows it now.

    ``backroom`` is ``None`` where nobody ever looked; ``pace`` is in pieces sold a day; ``strays`` are EPCs by shelf
    where the plan does not want them; ``lifted`` are EPCs in somebody's hands, ``home`` those that stand where they
    belong or in the back room.
    """

    gtin: str
    spots: Sequence[Spot]
    backroom: int | None
    backroom_p: float = 1.0
    pace: float = 0.0
    strays: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lifted: frozenset[str] = frozenset()
    home: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Want:
    """Something that should be done; ``shelf`` is where the clerk is wanted."""

    type: TaskType
    shelf: str
    reason: Reason
    priority: int
    quantity: int = 0
    on_shelf: int = 0
    backroom: int = 0
    from_place: str = ""
    to_place: str = ""
    epcs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """A task that is open or claimed, as it was written down; ``base`` is the least that stood there since."""

    task: str
    state: TaskState
    base: int
    want: Want


@dataclass(slots=True)
class Decision:
    """What becomes of one product's tasks: new ones, others' new numbers, and those that are over."""

    raised: list[Want] = field(default_factory=list)
    changed: list[tuple[Task, Want, int]] = field(default_factory=list)
    """The task, its numbers now, its base now."""
    over: list[tuple[Task, Ending]] = field(default_factory=list)


def decide(goods: Goods, tasks: Iterable[Task], backroom: str) -> Decision:
    """Compare what should be done with what is written down. ``backroom`` is the name of that place."""
    decision = Decision()
    by_subject = {(task.want.type, task.want.shelf): task for task in tasks}
    _Filling(goods, by_subject, backroom).decide(decision)
    _tidy(goods, by_subject, decision)
    return decision


def needed(quantity: int) -> int:
    """How many of ``quantity`` pieces a shelf has to see before a task is done."""
    return max(ceil(quantity * ARRIVED_SHARE), 1)


def priority(spot: Spot, quantity: int, pace: float) -> int:
    """How urgent it is to bring ``quantity`` pieces, 1 to 100: how empty, how fast it sells, how much there is.

    An empty shelf of something that sells without end, all of it at hand: 100; that never sold: 40.
    """
    emptiness = spot.room / spot.capacity
    demand = 0.4 + 0.6 * pace / (pace + BRISK_PER_DAY)
    at_hand = 0.5 + 0.5 * min(quantity / max(spot.room, 1), 1.0)
    return max(1, min(100, round(100 * emptiness * demand * at_hand)))


class _Filling:
    """Decides about one product's shelves that have to be filled."""

    def __init__(self, goods: Goods, tasks: Mapping[tuple[TaskType, str], Task], backroom: str) -> None:
        self._goods, self._tasks, self._backroom = goods, tasks, backroom
        self._left = goods.backroom or 0

    def decide(self, decision: Decision) -> None:
        found = {shelf: task for (kind, shelf), task in self._tasks.items() if kind == "replenish"}
        spots = sorted(self._goods.spots, key=lambda spot: (spot.standing / spot.capacity, spot.shelf))
        gone = found.keys() - {spot.shelf for spot in spots}
        decision.over += [(found[shelf], "dropped") for shelf in sorted(gone)]
        # What somebody already carries is spoken for, then the emptiest shelf comes first.
        claimed = {shelf for shelf, task in found.items() if task.state == "claimed"}
        for spot in spots:
            if spot.shelf in claimed:
                self._left -= self._follow_claimed(found[spot.shelf], spot, decision)
        for spot in spots:
            if spot.shelf in claimed or spot.knowledge == "unknown":
                continue
            if spot.shelf in found:
                self._left -= self._follow_open(found[spot.shelf], spot, decision)
            elif spot.standing <= spot.low:
                self._left -= self._raise(spot, decision)

    def _follow_claimed(self, task: Task, spot: Spot, decision: Decision) -> int:
        """Keep a claimed task up to date; gives how many pieces of the back room are spoken for."""
        if spot.knowledge == "unknown":
            return task.want.quantity
        base = min(task.base, spot.standing)
        arrived = spot.standing - base
        if spot.knowledge == "seen" and (arrived >= needed(task.want.quantity) or spot.room == 0):
            decision.over.append((task, "done"))
            return 0
        want = _want(task.want.reason, spot, task.want.quantity, self._goods, task.want.from_place)
        _change(task, want, base, decision)
        return max(task.want.quantity - arrived, 0)

    def _follow_open(self, task: Task, spot: Spot, decision: Decision) -> int:
        quantity = min(spot.room, max(self._left, 0))
        base = min(task.base, spot.standing)
        if spot.standing > spot.relief or quantity == 0:
            did_arrive = spot.knowledge == "seen" and spot.standing - base >= needed(task.want.quantity)
            decision.over.append((task, "done" if did_arrive else "dropped"))
            return 0
        want = _want("low" if spot.standing else "empty", spot, quantity, self._goods, task.want.from_place)
        _change(task, want, base, decision)
        return quantity

    def _raise(self, spot: Spot, decision: Decision) -> int:
        doubtful = self._doubtful(spot)
        if doubtful is not None:
            if ("count", doubtful) not in self._tasks and all(want.shelf != doubtful for want in decision.raised):
                decision.raised.append(
                    count_want(doubtful, "unsure", priority(spot, spot.room, self._goods.pace) // 2)
                )
            return 0
        quantity = min(spot.room, max(self._left, 0))
        if quantity > 0:
            reason: Reason = "low" if spot.standing else "empty"
            decision.raised.append(_want(reason, spot, quantity, self._goods, self._backroom))
        return quantity

    def _doubtful(self, spot: Spot) -> str | None:
        """The place whose books are too old to send anybody with goods."""
        if spot.knowledge == "counted" and spot.p < SURE_ENOUGH:
            return spot.shelf
        return self._backroom if self._goods.backroom == 0 and self._goods.backroom_p < SURE_ENOUGH else None


def count_want(place: str, reason: Reason, urgency: int) -> Want:
    """The wish to have a product counted in a place. It says nothing of the books: the count is blind."""
    return Want("count", place, reason, max(1, min(urgency, 100)), from_place=place, to_place=place)


def _want(reason: Reason, spot: Spot, quantity: int, goods: Goods, backroom: str) -> Want:
    return Want(
        "replenish",
        spot.shelf,
        reason,
        priority(spot, quantity, goods.pace),
        quantity=quantity,
        on_shelf=spot.standing,
        backroom=goods.backroom or 0,
        from_place=backroom,
        to_place=spot.shelf,
    )


def _tidy(goods: Goods, tasks: Mapping[tuple[TaskType, str], Task], decision: Decision) -> None:
    found = {shelf: task for (kind, shelf), task in tasks.items() if kind == "tidy"}
    for shelf in sorted({*goods.strays, *found}):
        task = found.get(shelf)
        strays = set(goods.strays.get(shelf, ()))
        if task is not None:
            # Somebody carries them: to where they belong, or only to look at.
            strays |= goods.lifted & set(task.want.epcs)
        if strays and goods.spots:
            want = _tidy_want(goods, shelf, tuple(sorted(strays)))
            if task is None:
                decision.raised.append(want)
            else:
                _change(task, want, 0, decision)
        elif task is not None:
            decision.over.append((task, "done" if goods.home & set(task.want.epcs) else "dropped"))


def _tidy_want(goods: Goods, shelf: str, epcs: tuple[str, ...]) -> Want:
    """Bring them to where there is most room; more urgent the more there are, and where they are lacking."""
    spot = max(goods.spots, key=lambda spot: (spot.room, spot.shelf))
    lacking = 20 if spot.knowledge != "unknown" and spot.standing <= spot.low else 0
    return Want(
        "tidy",
        shelf,
        "misplaced",
        20 + 2 * min(len(epcs), 10) + lacking,
        quantity=len(epcs),
        on_shelf=spot.standing,
        backroom=goods.backroom or 0,
        from_place=shelf,
        to_place=spot.shelf,
        epcs=epcs,
    )


def _change(task: Task, want: Want, base: int, decision: Decision) -> None:
    if want != task.want or base != task.base:
        decision.changed.append((task, want, base))
