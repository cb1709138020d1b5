"""What streams count for Prometheus, one object per process end."""

from prometheus_client import CollectorRegistry, Counter

from cloud_sync.stream.inbox import Origin, Receipt


class SenderCounters:
    """What was sent, by peer and class."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        labels = ("peer", "stream")
        self.facts = Counter(
            "aisle_facts_sent", "Facts given to a transport, repeats included", labels, registry=registry
        )
        self.batches = Counter("aisle_batches_sent", "Batches given to a transport", labels, registry=registry)
        self.rewinds = Counter("aisle_sender_rewinds", "Times that a sender went back", labels, registry=registry)


class ReceiverCounters:
    """What was received, by node and class."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        labels = ("node", "stream")
        self.folded = Counter("aisle_facts_folded", "Facts folded into tables", labels, registry=registry)
        self.duplicates = Counter("aisle_facts_duplicate", "Facts skipped as known", labels, registry=registry)
        self.gaps = Counter("aisle_batches_gap", "Batches refused behind a gap", labels, registry=registry)
        self.dropped = Counter("aisle_facts_dropped", "Facts that a sender had to drop", labels, registry=registry)
        self.dead_letters = Counter("aisle_dead_letters", "Messages refused", ("reason",), registry=registry)

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
