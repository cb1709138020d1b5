"""What stands where during a calibration walk, as the person who walks says it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

AWAY: Final = ""
"""The place of a known item that stands on no shelf."""


@dataclass
class Handled:
    """A person moved an item at ``t_ms``; ``noticed_ms`` is when presence said so, ``None`` while it has not."""

    t_ms: int
    item: str
    before: str
    after: str
    noticed_ms: int | None = None

    @property
    def delay_s(self) -> float | None:
        """Seconds until it was noticed; ``None``: never."""
        return None if self.noticed_ms is None else (self.noticed_ms - self.t_ms) / 1000


class Truth:
    """Items by name and the shelf on which each stands now; what was said holds until something else is said.

    An item that is in somebody's hand is *unsure*: nothing is judged of it. One that was placed or lifted less than
    ``settle_ms`` ago is not judged either, whatever was answered meanwhile: during a walk things are handled a
    hundred times as often as in a shop, and a decision may take its time. How long it took is in ``handled``.
    """

    def __init__(self, settle_ms: int) -> None:
        self.settle_ms = settle_ms
        self.places: dict[str, str] = {}
        self.unsure: frozenset[str] = frozenset()
        self.handled: list[Handled] = []
        self._since_ms: dict[str, int] = {}
        self._open: dict[str, Handled] = {}

    def say(self, t_ms: int, stands: Mapping[str, str], unsure: Collection[str] = ()) -> list[str]:
        """From now on ``stands`` holds (item → shelf); known items left out are away. Gives what changed."""
        self.unsure = frozenset(unsure)
        now = dict.fromkeys(self.places, AWAY) | dict(stands)
        changed = [item for item, place in now.items() if item not in self.unsure and self.places.get(item) != place]
        for item in changed:
            before, after = self.places.get(item), now[item]
            self.places[item] = after
            self._since_ms[item] = t_ms
            # An item that is met for the first time was not handled: it is where the walk begins.
            if before is not None:
                self._handle(Handled(t_ms, item, before, after))
        return changed

    def _handle(self, handled: Handled) -> None:
        """Remember a change; one that was undone soon, before anybody could say so, was only a look."""
        last = self._open.get(handled.item)
        if last and last.before == handled.after and handled.t_ms - last.t_ms < self.settle_ms:
            del self._open[handled.item]
            self.handled.remove(last)
            return
        self._open[handled.item] = handled
        self.handled.append(handled)

    def noticed(self, t_ms: int, item: str, place: str) -> None:
        """Presence says that ``item`` stands at ``place`` (or is ``AWAY``)."""
        handled = self._open.get(item)
        if handled is not None and handled.after == place:
            handled.noticed_ms = max(t_ms, handled.t_ms)
            del self._open[item]

    def place(self, item: str) -> str | None:
        """Where an item stands, ``AWAY``, or ``None`` while nobody can say."""
        return None if item in self.unsure else self.places.get(item)

    def is_settled(self, item: str, t_ms: int) -> bool:
        """Whether answers about an item are judged at ``t_ms``."""
        return item not in self.unsure and item in self.places and t_ms >= self._since_ms[item] + self.settle_ms
