"""Playing reads of a doorway to the node's doors."""

from collections.abc import Iterable

from edge.core.exit import Exits
from firmware_stubs.llrp.doorway import EPC, Read, reads, stay, turn_back, walk
from models.messages.goods import ItemExited

START = 1_763_769_600_000

__all__ = ["EPC", "START", "Read", "play", "reads", "stay", "turn_back", "walk"]


def play(exits: Exits, all_reads: Iterable[Read], *, ticks: int = 120, from_s: int = 0) -> list[ItemExited]:
    """Hear reads as time passes, in the order given; what is told."""
    told: list[ItemExited] = []
    waiting = list(all_reads)
    for second in range(from_s, from_s + ticks):
        now_ms = START + second * 1000
        while waiting and waiting[0][3] <= now_ms:
            exits.read(*waiting.pop(0))
        told += exits.tick(now_ms)
    return told
