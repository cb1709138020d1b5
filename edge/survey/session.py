"""One walk while it goes on: what readers say is recorded and judged, and a screen can ask how far it is."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from edge.adapters.tag_reader import ReaderEvent, Sighting
from edge.core.survey.survey import Survey
from edge.core.survey.truth import AWAY
from edge.survey.plan import Plan
from edge.survey.recording import Recorder
from models.process.clock import Clock


class ShelfProgress(NamedTuple):
    """One shelf now: how many should stand there, were ever read, are said to stand there; whether it is silent."""

    shelf: str
    expected: int
    read: int
    standing: int
    silent: bool


class Session:
    """Takes what readers say, on one event loop. ``hello`` describes the installation, as a recording begins."""

    def __init__(
        self,
        survey: Survey,
        plan: Plan,
        recorder: Recorder,
        clock: Clock,
        *,
        hello: Mapping[str, Any],
        ask_every_s: float,
    ) -> None:
        self.survey, self.plan, self.clock = survey, plan, clock
        self.recorder = recorder
        self.reads = 0
        self._ask_every_ms = round(ask_every_s * 1000)
        self._asked_ms = 0
        self._said_labels = 0
        now_ms = clock.now_ms()
        recorder.line("hello", now_ms, **hello)
        survey.tick(now_ms)

    def read(self, device: str, sightings: Iterable[Sighting]) -> None:
        """A reader, or a shelf that speaks MQTT, read tags."""
        for epc, antenna, rssi_dbm, t_ms in sightings:
            key = f"{device}:{antenna}"
            if key not in self.survey.antennas:
                continue
            self.reads += 1
            loud = {"rssi_dbm": round(rssi_dbm, 1)} if rssi_dbm > -200 else {}
            self.recorder.line("read", t_ms, epc=epc, antenna=key, **loud)
            self.survey.read(self.plan.name_of(epc), key, rssi_dbm, t_ms)

    def event(self, device: str, event: ReaderEvent) -> None:
        """Something happened to a reader or to one of its antennas."""
        self.connection(device, event.value, event.antenna)

    def connection(self, device: str, value: str, antenna: int | None) -> None:
        """A device, or one antenna of it, is connected or disconnected."""
        if not value.endswith("connected"):
            return
        value = "antenna_disconnected" if value.endswith("disconnected") else "antenna_connected"
        now_ms = self.clock.now_ms()
        for key in self.survey.antennas:
            if key.startswith(f"{device}:") and antenna in {None, int(key.rpartition(":")[2])}:
                self.recorder.line("reader", now_ms, value=value, antenna=key)
                self.survey.reader(value, key, now_ms)

    def say(self, places: Mapping[str, str], unsure: Collection[str] = ()) -> None:
        """The person says what stands where from now on (``AWAY``: nowhere)."""
        now_ms = self.clock.now_ms()
        stands = {item: shelf for item, shelf in places.items() if shelf != AWAY}
        fields: dict[str, Any] = {"items": stands}
        if unsure:
            fields["unsure"] = sorted(unsure)
        if len(self.plan.labels) != self._said_labels:
            self._said_labels = len(self.plan.labels)
            fields["labels"] = dict(self.plan.labels)
        self.recorder.line("truth", now_ms, **fields)
        self.survey.say(now_ms, stands, unsure)

    def tick(self) -> None:
        """Time passes; now and then presence is asked."""
        now_ms = self.clock.now_ms()
        self.recorder.line("tick", now_ms)
        self.survey.tick(now_ms)
        if now_ms - self._asked_ms >= self._ask_every_ms:
            self._asked_ms = now_ms
            self.recorder.line("ask", now_ms, id=self.survey.asks)
            self.survey.ask(now_ms)

    def progress(self) -> list[ShelfProgress]:
        """Every shelf, as far as the walk is."""
        said, seen = self.survey.now(), self.survey.radio.seen
        silent = {self.survey.antennas[key] for key in self.survey.silent()}
        places = self.survey.truth.places or self.plan.places
        rows = []
        for shelf in self.survey.shelves:
            expected = [item for item, place in places.items() if place == shelf]
            standing = sum(said.get(item) == shelf for item in expected)
            read = sum(item in seen for item in expected)
            rows.append(ShelfProgress(shelf, len(expected), read, standing, shelf in silent))
        return rows
