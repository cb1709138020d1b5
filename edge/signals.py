"""What readers and cameras say, as signals for the floor's thread."""

from collections.abc import Callable, Mapping, Sequence

from edge.adapters.mqtt_devices import Signal
from edge.adapters.tag_reader import ReaderEvent, Sighting
from edge.core.floor import Floor


class Signals:
    """Callbacks for adapters; each hands one signal on and returns at once."""

    def __init__(self, signal: Callable[[Signal], None], antennas: Mapping[str, list[int]]) -> None:
        """``antennas``: reader → its antennas, for what a reader says of all of them."""
        self._signal = signal
        self._antennas = antennas

    def read(self, reader: str, sightings: Sequence[Sighting]) -> None:
        """A reader saw tags."""

        def take(floor: Floor) -> None:
            for epc, antenna, rssi_dbm, t_ms in sightings:
                floor.read(epc, f"{reader}:{antenna}", rssi_dbm, t_ms)

        self._signal(take)

    def event(self, reader: str, event: ReaderEvent) -> None:
        """Something happened to a reader or to one of its antennas."""
        numbers = self._antennas[reader] if event.antenna is None else [event.antenna]

        def take(floor: Floor) -> None:
            for number in numbers:
                floor.reader(event.value, f"{reader}:{number}", event.t_ms)

        self._signal(take)

    def counts(self, lanes: Mapping[str, int], doors: Mapping[str, tuple[int, int]], t_ms: int) -> None:
        """A camera counted people in lanes, and in and out by doors since the call before."""

        def take(floor: Floor) -> None:
            for lane, people in lanes.items():
                floor.people(lane, people, t_ms)
            for door, (entered, left) in doors.items():
                floor.crossed(door, entered, left, t_ms)

        self._signal(take)
