"""The state of all tags as a structure of arrays: one row a tag, small enough for 50,000 tags on a Pi."""

from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

EXPLANATIONS: Final = ("stands", "hidden", "shaded", "gone", "carried", "new")
SLOTS: Final = 4
"""Antennas that are remembered per tag: its own and the neighbours that see it too."""

FIELDS: Final[dict[str, tuple[type, int, float]]] = {
    # The belief: one probability per explanation, summing to one.
    "stands": (np.float32, 0, 0.0),  # on its home shelf, read as it always was
    "hidden": (np.float32, 0, 0.0),  # on its home shelf, behind another item: read rarely, for long
    "shaded": (np.float32, 0, 0.0),  # on its home shelf, behind a person, as others of its antenna are
    "gone": (np.float32, 0, 1.0),  # in a hand, a basket or outside: not read
    "carried": (np.float32, 0, 0.0),  # in a hand or a basket near an antenna: read now and then, anyhow
    "new": (np.float32, 0, 0.0),  # stands, but not as its profile says: elsewhere, or placed anew
    # Seconds since the mass in gone and carried left the shelf, on average.
    "age": (np.float16, 0, 0.0),
    "home": (np.int16, 0, -1),  # antenna of the shelf it stands on; -1: none yet
    "anchor": (np.int16, 0, -1),  # antenna of the shelf that «new» means
    "last": (np.int32, 0, -1),  # bin of the last read
    "reads": (np.int32, 0, 0),  # bins with a read
    "first": (np.int32, 0, -1),  # bin of the first read
    "spells": (np.int16, 0, 0),  # times it was read after a pause
    "stay": (np.float16, 0, 0.0),  # seconds that it has been read near the same antenna
    "claim": (np.float16, 0, 0.0),  # how much more it looks like standing there than being carried there, in nats
    "afar": (np.int8, 0, 0),  # 1: it looks like standing beside the anchor, at an antenna that is dark
    "out_s": (np.float16, 0, 0.0),  # its age when it was last believed to be away
    "outing": (np.int8, 0, 0),  # 1: off its shelf, may come back; 2: counted as taken; 3: a newcomer
    "pulse": (np.float16, 0, 0.0),  # reads by its home antenna in the last three or four bins
    "heard": (np.uint16, 0, 0),  # one bit a bin, the last one lowest: read by its home antenna
    "drop": (np.float16, 0, 0.0),  # by how many dB those reads were quieter than usual, added up
    # The profile while it stands at home, per remembered antenna.
    "antenna": (np.int16, SLOTS, -1),
    "hits": (np.float32, SLOTS, 0.0),
    "tries": (np.float32, SLOTS, 0.0),
    "rssi": (np.float32, SLOTS, 0.0),
    # The same over the last few seconds, wherever it is.
    "now_hits": (np.float32, SLOTS, 0.0),
    "now_tries": (np.float32, SLOTS, 0.0),
    "now_rssi": (np.float32, SLOTS, 0.0),
}


class Tags:
    """Arrays named as in ``FIELDS``, each of ``capacity`` rows; unused rows are blank and change nothing."""

    stands: Floats
    hidden: Floats
    shaded: Floats
    gone: Floats
    carried: Floats
    new: Floats
    age: Floats
    home: npt.NDArray[np.int16]
    anchor: npt.NDArray[np.int16]
    last: Ints
    reads: Ints
    first: Ints
    spells: npt.NDArray[np.int16]
    stay: Floats
    claim: Floats
    afar: npt.NDArray[np.int8]
    out_s: Floats
    pulse: Floats
    heard: npt.NDArray[np.uint16]
    drop: Floats
    outing: npt.NDArray[np.int8]
    antenna: npt.NDArray[np.int16]
    hits: Floats
    tries: Floats
    rssi: Floats
    now_hits: Floats
    now_tries: Floats
    now_rssi: Floats

    def __init__(self, arrays: dict[str, npt.NDArray[Any]]) -> None:
        self.__dict__.update(arrays)

    @classmethod
    def blank(cls, capacity: int) -> Self:
        """``capacity`` rows of tags that were never seen."""
        return cls(
            {
                name: np.full((capacity, columns) if columns else capacity, blank, dtype)
                for name, (dtype, columns, blank) in FIELDS.items()
            }
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All arrays by name."""
        return {name: self.__dict__[name] for name in FIELDS}

    @property
    def at_home(self) -> Floats:
        """Probability of standing on the home shelf as known, shape (n,)."""
        return self.stands + self.hidden + self.shaded

    @property
    def away(self) -> Floats:
        """Probability of not standing anywhere, shape (n,)."""
        return self.gone + self.carried

    def __len__(self) -> int:
        return len(self.home)

    def rows(self, low: int, high: int) -> "Tags":
        """A view of rows ``low`` to ``high``: what is written there is written here."""
        return Tags({name: array[low:high] for name, array in self.arrays().items()})

    def resized(self, capacity: int) -> "Tags":
        """A copy with ``capacity`` rows, cut or filled with blank ones."""
        copy = Tags.blank(capacity)
        kept = min(capacity, len(self))
        for name, array in self.arrays().items():
            copy.__dict__[name][:kept] = array[:kept]
        return copy

    def erase(self, rows: int | npt.NDArray[Any]) -> None:
        """Make rows blank."""
        for name, (_, _, blank) in FIELDS.items():
            self.__dict__[name][rows] = blank
