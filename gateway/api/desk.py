"""The desk: what every route of the gateway works with, made once by the composition root."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from fastapi import Request

from cloud_sync.stream.outbox import Outbox
from cloud_sync.stream.set_aside import Retried
from cloud_sync.stream.writer import Writer
from gateway.api.samples import Samples
from gateway.api.watchers import Watchers
from gateway.core.pin import Throttle
from gateway.core.stock import Floor
from gateway.settings import GatewaySettings
from gateway.store import alarms
from gateway.store.fold import ALARMS, HQ, Touched
from gateway.store.life import Turn
from gateway.store.readers import Readers
from gateway.store.seal import Seal
from gateway.store.stock import watches
from models.messages.envelopes import Command
from models.messages.facts import Fact
from models.messages.samples import BasketsSample
from models.process.clock import Clock
from models.process.health import Health

STOCK: Final = "stock"
LANES: Final = "lanes"
STATUS: Final = "status"
TASKS: Final = "tasks"


@dataclass(frozen=True)
class Desk:
    """What a store's routes share."""

    settings: GatewaySettings
    clock: Clock
    health: Health
    writer: Writer
    outbox: Outbox
    seal: Seal
    touched: Touched
    samples: Samples
    watchers: Watchers
    readers: Readers
    pins: Throttle = field(default_factory=Throttle)
    enrolments: Throttle = field(default_factory=lambda: Throttle(tries=20, pause_s=60.0, forget_s=300.0))
    """Slows down who guesses enrolment codes, by address."""
    baskets: Throttle = field(default_factory=lambda: Throttle(tries=120, pause_s=20.0, forget_s=5.0))
    """Slows down who takes baskets without end; a whole shop behind one address does not come so fast."""
    wakes: list[Callable[[], None]] = field(default_factory=list)
    """Called when there may be something new for headquarters."""
    node_links: list[Callable[[str, Command], bool]] = field(default_factory=list)
    """Each hands a command to a node; false while the broker is not there."""
    late: list[Callable[[], Retried]] = field(default_factory=list)
    """Each folds again what was set aside, since our own fold broke on it; waits until it is committed."""
    basket_links: list[Callable[[BasketsSample], bool]] = field(default_factory=list)
    """Each tells all nodes what is known of baskets; false while the broker is not there."""
    noticers: list[Callable[[set[str]], None]] = field(default_factory=list)
    """Called with the products that were touched, after what touched them was committed."""

    def floor(self, connection: sqlite3.Connection) -> Floor:
        """What the stock look-up needs to know of the store now."""
        store = self.settings.store
        return Floor(store.backroom, store.counter, watches(connection, self.samples.online()))

    def send(self, connection: sqlite3.Connection, *facts: Fact) -> None:
        """Put facts into the outbox for headquarters, in the change that caused them."""
        if self.settings.hq is not None:
            self.outbox.append(connection, HQ, facts)

    def settle(self, connection: sqlite3.Connection, turns: Sequence[Turn], by: str | None = None) -> None:
        """Items turned, in this change: close what was missing and alarms that it explains, tell headquarters."""
        facts = alarms.settle(connection, turns, self.clock.now_ms(), by)
        self.send(connection, *facts)
        self.touched.add({turn.gtin for turn in turns if turn.gtin is not None})
        if facts:
            self.touched.tell(ALARMS)

    def tell_node(self, node: str, command: Command) -> bool:
        """Hand a command to a node; false while nobody can reach it."""
        return any(link(node, command) for link in self.node_links)

    def announce(self) -> None:
        """Tell those who watch, and headquarters, that something was committed; from any thread."""
        gtins, baskets = self.touched.take()
        if gtins:
            self.watchers.tell(STOCK, gtins)
            for notice in self.noticers:
                notice(gtins)
        for topic, names in self.touched.take_topics().items():
            self.watchers.tell(topic, names)
        for basket in baskets:
            self.watchers.tell(basket_topic(basket))
        for wake in self.wakes:
            wake()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for one look-up; keep it for milliseconds."""
        with self.readers.reading() as connection:
            yield connection


def basket_topic(basket: str) -> str:
    """What a watcher of one basket listens to."""
    return f"basket/{basket}"


def desk_of(request: Request) -> Desk:
    """The desk of the application that serves this request."""
    desk: Desk = request.app.state.desk
    return desk
