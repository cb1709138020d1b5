"""Facts a second from a node to the gateway, committed with FULL and folded, beside a bare paho subscriber.

Two rows: batches of 100 facts, and single messages, both drained from a backlog. The bare subscriber decodes with
msgspec, inserts with executemany and commits every 50 ms; ours also numbers, skips duplicates, refuses gaps, keeps
each item's place and history, and passes every fact on to headquarters' outbox, all in the same commit (``aisle``).
``stream`` is ours with the bare one's insert for a fold: what the protocol alone costs. The processor ratio compares
facts per second of processor time; it says more than the other on a machine that is busy with something else.
"""

import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.facts_feeder import Feeder
from models.messages.codec import encode
from models.messages.facts import Evidence, ItemMoved

EPOCH = "0123456789abcdef"
TOPIC = "aisle/v1/bench/node/node-1/facts/ledger"
ITEMS = 5000


def fact(draw: random.Random, n: int) -> bytes:
    evidence = Evidence(reads=draw.randint(1, 9), rssi_dbm=-draw.randint(30, 80), read_rate=round(draw.random(), 2))
    item = draw.randrange(ITEMS)
    moved = ItemMoved(
        t_ms=1_760_000_000_000 + n, epc=f"3034257BF7194E4{item:09X}", shelf=f"A{draw.randint(1, 9)}", from_shelf="A0",
        p=round(draw.uniform(0.5, 1), 3), gtin=f"0{item % 500:013d}", serial=str(item), evidence=evidence,
    )  # fmt: skip
    return encode(moved)


def payloads(facts: int, size: int) -> list[bytes]:
    draw = random.Random(1)
    raws = [fact(draw, n) for n in range(facts)]
    return [
        b'{"epoch":"%s","first":%d,"facts":[%s],"v":1}' % (EPOCH.encode(), n + 1, b",".join(raws[n : n + size]))
        for n in range(0, facts, size)
    ]


def measure(kind: str, backlog: list[bytes], facts: int) -> tuple[float, float]:
    """Facts a second, and facts per second of processor time, of one subscriber, a process of its own."""
    feeder = Feeder(TOPIC, backlog)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.facts_subscriber", kind, str(feeder.port), str(facts)]
        done = subprocess.run([*command, str(Path(folder) / "facts.db")], check=True, capture_output=True, text=True)
    feeder.close()
    wall_s, cpu_s = map(float, done.stdout.split())
    return facts / wall_s, facts / cpu_s


def row(facts: int, size: int, rounds: int) -> dict[str, object]:
    """All subscribers in turn, so that what else the machine does hits all."""
    backlog = payloads(facts, size)
    rates: dict[str, list[tuple[float, float]]] = {"bare": [], "stream": [], "aisle": []}
    for _ in range(rounds):
        for kind, found in rates.items():
            found.append(measure(kind, backlog, facts))
    figures: dict[str, object] = {"facts": facts, "batch": size}
    for kind, found in rates.items():
        figures[f"{kind}_per_s"] = round(statistics.median(wall for wall, _ in found))
    for kind in ("stream", "aisle"):
        pairs = list(zip(rates[kind], rates["bare"], strict=True))
        figures[f"{kind}_ratio"] = round(statistics.median(ours[0] / bare[0] for ours, bare in pairs), 3)
        figures[f"{kind}_ratios"] = [round(ours[0] / bare[0], 3) for ours, bare in pairs]
        figures[f"{kind}_processor_ratio"] = round(statistics.median(ours[1] / bare[1] for ours, bare in pairs), 3)
    return figures


def run(quick: bool) -> dict[str, object]:  # noqa: FBT001 - every benchmark is called so
    rounds = 1 if quick else 5
    return {
        "batches_of_100": row(20_000 if quick else 300_000, 100, rounds),
        "single_messages": row(5_000 if quick else 60_000, 1, rounds),
    }


def main() -> None:
    for name, figures in run(quick="--quick" in sys.argv).items():
        assert isinstance(figures, dict)
        print(name)
        for key, value in figures.items():
            print(f"  {key:24} {value}")


if __name__ == "__main__":
    main()
