"""What readers and cameras say, as signals for the floor's thread."""

from collections.abc import Callable, Mapping, Sequence

from edge.adapters.mqtt_devices import Signal
from edge.adapters.tag_reader import ReaderEvent, Sighting
from edge.core.floor import Floor
from edge.core.lane.told import CameraCounts, CameraSums


class Signals:
    """Callbacks for adapters; each hands one signal on and returns at once."""

    def __init__(
        self,
        signal: Callable[[Signal], None],
        antennas: Mapping[str, list[int]],
        debounce_ms: Mapping[str, int] | None = None,
    ) -> None:
        """``antennas``: reader → its antennas, for what a reader says of all of them.

        ``debounce_ms``: reader → how long an input must stay as it is before it is told.
        """
        self._signal = signal
        self._antennas = antennas
        self._debounce_ms = debounce_ms or dict.fromkeys(antennas, 0)

    def read(self, reader: str, sightings: Sequence[Sighting]) -> None:
        """A reader saw tags."""

        def take(floor: Floor) -> None:
            for epc, antenna, rssi_dbm, t_ms in sightings:
                floor.read(epc, f"{reader}:{antenna}", rssi_dbm, t_ms)

        self._signal(take)

    def event(self, reader: str, event: ReaderEvent) -> None:
        """Something happened to a reader, to one of its antennas or to one of its inputs."""
        if event.value in {"input_high", "input_low"}:
            port, is_high, debounce_ms = event.antenna or 0, event.value == "input_high", self._debounce_ms[reader]
            self._signal(lambda floor: floor.input(reader, port, event.t_ms, high=is_high, debounce_ms=debounce_ms))
            return
        numbers = self._antennas[reader] if event.antenna is None else [event.antenna]

        def take(floor: Floor) -> None:
            for number in numbers:
                floor.reader(event.value, f"{reader}:{number}", event.t_ms)

        self._signal(take)

    def counts(self, counts: CameraCounts) -> None:
        """A camera counted people in lanes, and in and out by doors since the call before."""

        def take(floor: Floor) -> None:
            for lane, people in counts.lanes.items():
                floor.people(lane, people, counts.t_ms)
            for lane, flow in counts.flows.items():
                floor.flowed(lane, flow)
            for door, (entered, left) in counts.doors.items():
                floor.crossed(door, entered, left, counts.t_ms)

        self._signal(take)

    def blind(self, lanes: Sequence[str], doors: Sequence[str]) -> None:
        """A camera's picture turned out to be wrong: nobody knows how these lanes and doors are."""
        self._signal(lambda floor: floor.blind(lanes, doors))

    def sums(self, camera: str, sums: CameraSums) -> None:
        """A camera says how long people stayed in its zones, and where they stood."""
        self._signal(lambda floor: floor.stayed(camera, sums))
