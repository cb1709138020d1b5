"""What a node tells: samples of lanes and doors, its retained status, and what the screen shows."""

from collections.abc import Callable
from importlib.metadata import version

from cloud_sync.mqtt import MqttLink
from cloud_sync.stream.outbox import Outbox
from cloud_sync.stream.writer import Writer
from edge.core.floor import Decided
from models.messages.codec import decode, encode
from models.messages.envelopes import Command
from models.messages.errors import WireError
from models.messages.samples import LaneSample, NodeStatus
from models.messages.topics import CommandTopic, DoorTopic, LaneTopic, StatusTopic
from models.process.clock import Clock
from models.process.health import Health

Refuse = Callable[[str, bytes, WireError], object]

TELL_EVERY_MS = 2000
"""A sample that did not change is told again this often, well within the time it is believed."""


def last_will(store: str, node: str, now_ms: int) -> tuple[str, bytes]:
    """What the broker says of a node that is gone."""
    return str(StatusTopic(store, node)), encode(NodeStatus(node=node, t_ms=now_ms, state="offline"))


class Teller:
    """Publishes samples when they change, and now and then when they do not."""

    def __init__(self, link: MqttLink, show: Callable[[LaneSample], None], *, store: str) -> None:
        self._link, self._show, self._store = link, show, store
        self._told: dict[str, tuple[LaneSample, int]] = {}

    def tell(self, decided: Decided) -> None:
        """Tell the screen first (it needs no broker), then everybody else."""
        for sample in decided.lanes:
            self._show(sample)
            if self._is_news(sample):
                self._link.publish(str(LaneTopic(self._store, sample.lane)), encode(sample), retain=True)
        for door in decided.doors:
            self._link.publish(str(DoorTopic(self._store, door.door)), encode(door), retain=True)

    def _is_news(self, sample: LaneSample) -> bool:
        told, told_ms = self._told.get(sample.lane, (None, 0))
        if told is not None and sample.t_ms - told_ms < TELL_EVERY_MS:
            same = (told.people, told.state, told.wait_s) == (sample.people, sample.state, sample.wait_s)
            if same:
                return False
        self._told[sample.lane] = (sample, sample.t_ms)
        return True

    def take_lane(self, _topic: str, payload: bytes) -> None:
        """Show a lane that another node decides about. One that cannot be read is the gateway's to keep and tell."""
        try:
            self._show(decode(payload, LaneSample))
        except WireError:
            return


class StatusReporter:
    """Keeps the node's retained status current."""

    def __init__(
        self,
        link: MqttLink,
        writer: Writer,
        outbox: Outbox,
        *,
        store: str,
        node: str,
        clock: Clock,
        health: Health,
        on_refused: Refuse,
    ) -> None:
        """``on_refused(topic, payload, error)`` gets each command that cannot be read."""
        self._link, self._writer, self._outbox = link, writer, outbox
        self._store, self._node, self._clock, self._health = store, node, clock, health
        self._on_refused = on_refused

    def report(self) -> None:
        """Publish the status now."""
        with self._writer.reading() as connection:
            streams = self._outbox.states(connection)
        status = NodeStatus(
            node=self._node,
            t_ms=self._clock.now_ms(),
            state="online",
            version=version("aisle"),
            problems=self._health.problems()[:100],
            streams=streams,
        )
        self._link.publish(str(StatusTopic(self._store, self._node)), encode(status), qos=1, retain=True)

    def command_topic(self) -> str:
        """Where the gateway's commands arrive."""
        return str(CommandTopic(self._store, self._node))

    def take_command(self, topic: str, payload: bytes) -> None:
        """Carry out a command."""
        try:
            decode(payload, Command)
        except WireError as error:
            self._on_refused(topic, payload, error)
            return
        self.report()
