"""What a person does during a calibration walk: put everything up, let it stand, move some, lift some."""

import random
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from edge.core.survey.truth import AWAY

StepKind = Literal["move", "lift", "put_back"]


class Step(NamedTuple):
    """Take ``item`` from shelf ``before`` to shelf ``after`` (``AWAY``: keep it away from all shelves)."""

    kind: StepKind
    item: str
    before: str
    after: str


def plan_steps(places: Mapping[str, str], shelves: Sequence[str], *, moves: int, lifts: int, seed: int) -> list[Step]:
    """Moves to the next shelf and lifts, spread over all shelves; each lifted item is put back.

    ``places``: item → shelf at the beginning. Each item is handled once at most; a walk with fewer items than steps
    has fewer steps. With one shelf there is nowhere to move to.
    """
    draw = random.Random(seed)  # noqa: S311 - which item is moved guards nothing
    waiting = {shelf: sorted(item for item, place in places.items() if place == shelf) for shelf in shelves}
    for items in waiting.values():
        draw.shuffle(items)
    steps: list[Step] = []
    turns = [*(["move"] * moves if len(shelves) > 1 else []), *["lift"] * lifts]
    for number, kind in enumerate(turns):
        shelf = next((one for one in _from(shelves, number) if waiting[one]), None)
        if shelf is None:
            break
        item = waiting[shelf].pop()
        if kind == "move":
            beside = shelves[(list(shelves).index(shelf) + 1) % len(shelves)]
            steps.append(Step("move", item, shelf, beside))
        else:
            steps += [Step("lift", item, shelf, AWAY), Step("put_back", item, AWAY, shelf)]
    return steps


def _from(shelves: Sequence[str], number: int) -> list[str]:
    start = number % len(shelves)
    return [*shelves[start:], *shelves[:start]]
