"""What Presence says of one item."""

from typing import Literal, NamedTuple

ItemState = Literal["present", "unknown", "taken"]


class ItemBelief(NamedTuple):
    """``p`` is the probability that the item stands on ``shelf`` now.

    ``state`` is ``unknown`` while nothing can be seen of that shelf.
    """

    shelf: str
    p: float
    state: ItemState
