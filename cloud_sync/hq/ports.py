"""The seam between the routes and where things are kept: a log that takes facts in and out, and views to read.

The small size keeps both in one SQLite file (``log.py``, ``views.py``). The routes do not know which size they have.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from cloud_sync.hq.answers import (
    FootfallDay,
    HqDeliveries,
    Losses,
    Members,
    Overview,
    Product,
    Sales,
    StorePlan,
    WaitsNow,
)
from cloud_sync.hq.days import Minutes, StoreDay
from cloud_sync.hq.letters import Refused
from cloud_sync.stream.set_aside import Retried
from models.messages.envelopes import Ack, FactBatch
from models.messages.facts import PriceChanged, ProductChanged
from models.messages.goods import DeliveryExpected, PlanogramChanged
from models.messages.ids import StreamClass


class Log(Protocol):
    """Facts of stores come in, what headquarters says goes out. What a call gives is committed."""

    async def receive(self, store: str, node: str, stream: StreamClass, batch: FactBatch) -> Ack:
        """Fold a batch of a store's stream; the acknowledgement says what is committed."""

    async def refuse(self, source: str, reason: str, detail: str, body: bytes) -> None:
        """Keep a message that will never be good."""

    async def retry(self) -> Retried:
        """Fold again what was set aside, since our own fold broke on it."""

    async def following(self, store: str, stream: StreamClass, ack: Ack, wait_s: float) -> bytes | None:
        """What follows ``ack`` for a store, encoded; ``None`` when nothing came within ``wait_s``."""

    async def plan(self, store: str, wished: Sequence[PlanogramChanged]) -> int:
        """Change a store's plan and tell the store; gives how many slots really changed."""

    async def announce(self, store: str, notice: DeliveryExpected) -> bool:
        """Announce a delivery to a store; ``False`` where it has been received already."""

    async def enter(self, changes: Sequence[ProductChanged | PriceChanged]) -> None:
        """Enter what staff changed in the catalogue and tell the stores what is new of it."""

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after each commit that changed what views show; gives a function that ends it."""


class Views(Protocol):
    """What people look at. Shapes in ``answers.py``."""

    def overview(self) -> Overview:
        """All stores at a glance, and all together."""

    def stock(self, text: str, limit: int) -> list[Product]:
        """Products that match ``text``, with what each store has."""

    def product(self, gtin: str) -> Product | None:
        """One product, with what each store has."""

    def sales(self, day: str | None) -> Sales:
        """Sales of a day (each store's own today for ``None``) by store, and the products that sold most."""

    def footfall(self, day: str | None) -> FootfallDay:
        """Who came and went by store and hour of a day."""

    def day(self, store: str, day: str | None, step_min: int) -> StoreDay:
        """A store's day (its own today for ``None``): queues and visitors."""

    def lane_minutes(self, store: str, day: str | None) -> tuple[str, str, Minutes]:
        """(time zone, day, every minute of every lane) of a store's day."""

    def door_minutes(self, store: str, day: str | None) -> tuple[str, str, Minutes]:
        """(time zone, day, every minute of every door) of a store's day."""

    def waits(self, minutes: int) -> WaitsNow:
        """Waits by store and lane over the last minutes."""

    def members(self) -> Members:
        """How many members there are, by store, and how many points."""

    def plan(self, store: str) -> StorePlan:
        """What belongs where in a store."""

    def deliveries(self, store: str | None, limit: int) -> HqDeliveries:
        """What is on its way to a store (or to any) and what came."""

    def losses(self, days: int) -> Losses:
        """What each store missed in the last days, and the alarms that ring."""

    def refused(self, limit: int) -> Refused:
        """What was refused: counts by reason, and the newest."""
