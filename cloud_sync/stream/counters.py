"""What streams count for Prometheus, one object per process end."""

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from prometheus_client import CollectorRegistry, Counter

from cloud_sync.stream.inbox import Origin, Receipt

_made: WeakKeyDictionary[CollectorRegistry, dict[str, Counter]] = WeakKeyDictionary()


def _counter(registry: CollectorRegistry, name: str, text: str, labels: Iterable[str]) -> Counter:
    """The registry's counter of this name; two links of one process share it."""
    known = _made.setdefault(registry, {})
    if name not in known:
        known[name] = Counter(name, text, tuple(labels), registry=registry)
    return known[name]


class SenderCounters:
    """What was sent, by peer and class."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        labels = ("peer", "stream")
        self.facts = _counter(registry, "aisle_facts_sent", "Facts given to a transport, repeats included", labels)
        self.batches = _counter(registry, "aisle_batches_sent", "Batches given to a transport", labels)
        self.rewinds = _counter(registry, "aisle_sender_rewinds", "Times that a sender went back", labels)


class ReceiverCounters:
    """What was received, by node and class."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        labels = ("node", "stream")
        self.folded = _counter(registry, "aisle_facts_folded", "Facts folded into tables", labels)
        self.duplicates = _counter(registry, "aisle_facts_duplicate", "Facts skipped as known", labels)
        self.gaps = _counter(registry, "aisle_batches_gap", "Batches refused behind a gap", labels)
        self.dropped = _counter(registry, "aisle_facts_dropped", "Facts that a sender had to drop", labels)
        self.dead_letters = _counter(registry, "aisle_dead_letters", "Messages refused", ("reason",))

    def add(self, origin: Origin, receipt: Receipt) -> None:
        """Count what a committed receipt says."""
        labels = (origin.node, origin.stream.value)
        for counter, amount in (
            (self.folded, receipt.folded),
            (self.duplicates, receipt.duplicates),
            (self.gaps, receipt.gaps),
            (self.dropped, receipt.dropped),
        ):
            if amount:
                counter.labels(*labels).inc(amount)
        for reason in receipt.refused:
            self.dead_letters.labels(reason).inc()
