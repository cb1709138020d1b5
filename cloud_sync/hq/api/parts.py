"""What routes are given: the ports, and who may call."""

from dataclasses import dataclass

from cloud_sync.hq.access import Sessions, StoreKeys
from cloud_sync.hq.imports import Imports
from cloud_sync.hq.ports import Log, Views
from models.process.clock import Clock


@dataclass(frozen=True)
class Parts:
    """Everything that a route may use."""

    log: Log
    views: Views
    keys: StoreKeys
    sessions: Sessions
    imports: Imports
    clock: Clock
    stores: frozenset[str]
    """The stores that there are."""
    is_secure: bool
    """Whether browsers come by HTTPS: then cookies are sent by nothing else."""
    poll_s: float = 20.0
    """How long a store's question for news may wait."""
    beat_s: float = 10.0
    """How often pages are told something even when nothing happened."""
