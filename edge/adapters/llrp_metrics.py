"""What a node's readers have said, as metrics: read from their counts whenever somebody asks."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from edge.adapters.llrp import LlrpReader

_WHAT = {
    "connections": "Times that a reader began to read",
    "reports": "Reports of a reader",
    "sightings": "Tags that a reader saw",
    "ignored": "Tags of others, by how their EPC begins",
    "elsewhere": "Tags seen by antennas that are not configured",
    "refused": "Messages of a reader that could not be read",
    "overflows": "Times that a reader lost reads: its buffer was full",
    "warnings": "Times that a reader's buffer was nearly full",
    "rivals": "Attempts of other clients to connect to a reader of ours",
    "exceptions": "Times that a reader said that something is wrong with it",
}


class ReaderMetrics(Collector):
    """Counts of all readers of one node, by reader."""

    def __init__(self, readers: Iterable[LlrpReader], registry: CollectorRegistry) -> None:
        self._readers = list(readers)
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """One family for each count, and whether each reader reads now."""
        reading = GaugeMetricFamily("aisle_reader_reading", "Whether a reader is read now", labels=["reader"])
        families = {
            name: CounterMetricFamily(f"aisle_reader_{name}", what, labels=["reader"]) for name, what in _WHAT.items()
        }
        for reader in self._readers:
            reading.add_metric([reader.name], float(reader.made is not None))
            for name, value in asdict(reader.counts).items():
                families[name].add_metric([reader.name], value)
        yield reading
        yield from families.values()
