"""What waits for a disk that takes nothing."""

from edge.decide import without_oldest_telemetry
from models.messages.facts import DoorMinute, Fact, StockCounted


def minute(t_ms: int) -> Fact:
    return DoorMinute(t_ms=t_ms, door="main", entered=1, left=0)


def count(t_ms: int) -> Fact:
    return StockCounted(t_ms=t_ms, gtin="00614141001013", place="A1", quantity=1, by="clerk")


def test_the_oldest_telemetry_is_forgotten_first_and_no_ledger_fact_ever() -> None:
    waiting = [minute(1), count(2), minute(3), count(4), minute(5)]
    assert without_oldest_telemetry(waiting, 5) == waiting
    assert without_oldest_telemetry(waiting, 4) == [count(2), minute(3), count(4), minute(5)]
    assert without_oldest_telemetry(waiting, 1) == [count(2), count(4)]
