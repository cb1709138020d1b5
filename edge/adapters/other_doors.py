"""Doors that other nodes watch: who came in there, from the doors' samples."""

from collections.abc import Callable, Collection

from models.messages.codec import decode
from models.messages.errors import WireError
from models.messages.samples import DoorSample


class OtherDoors:
    """Tells how many came in since the sample before. A door that begins its day anew begins from nobody."""

    def __init__(self, own: Collection[str], tell: Callable[[int], None]) -> None:
        """``own`` doors are counted by this node itself."""
        self._own, self._tell = frozenset(own), tell
        self._entered: dict[str, int] = {}

    def take(self, _topic: str, payload: bytes) -> None:
        """A door's sample. One that cannot be read is the gateway's to keep and tell."""
        try:
            sample = decode(payload, DoorSample)
        except WireError:
            return
        if sample.door in self._own:
            return
        before = self._entered.get(sample.door)
        self._entered[sample.door] = sample.entered
        if before is not None:
            came = sample.entered - before if sample.entered >= before else sample.entered
            if came > 0:
                self._tell(came)
