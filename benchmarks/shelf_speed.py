"""Reads through presence per second of one core's time, and its memory, beside a bare last-seen table."""

import gc
import json
import math
import random
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from edge.core.shelf.presence import Presence
from edge.core.shelf.settings import PresenceSettings

_ROOT: Final = Path(__file__).resolve().parent.parent
Read = tuple[str, str, float, int]


def cycles(tags: int, count: int, *, antennas: int = 20) -> list[list[Read]]:
    """Reads of ``count`` cycles: every tag by its own antenna 7 times of 10, a tenth by a neighbour."""
    draw = random.Random(1)
    epcs = [f"3034257BF7194E40{tag:08X}" for tag in range(tags)]
    made = []
    for cycle in range(count):
        reads = []
        for tag, epc in enumerate(epcs):
            if draw.random() < 0.7:
                reads.append(
                    (epc, str(tag % antennas), -56.0 + draw.gauss(0, 2), cycle * 1000 + draw.randrange(1000))
                )
            if draw.random() < 0.1:
                near = str((tag + 1) % antennas)
                reads.append((epc, near, -66.0 + draw.gauss(0, 2), cycle * 1000 + draw.randrange(1000)))
        draw.shuffle(reads)
        made.append(reads)
    return made


def presence_rate(made: list[list[Read]], *, antennas: int = 20, warm: int = 3) -> float:
    """Reads per second, ticks included, after ``warm`` cycles in which the tags are met."""
    presence = Presence(PresenceSettings(), {str(number): f"A{number}" for number in range(antennas)})
    presence.tick(0)
    spent, count = 0.0, 0
    for cycle, reads in enumerate(made):
        began = time.process_time()
        for epc, antenna, rssi, t_ms in reads:
            presence.read(epc, antenna, rssi, t_ms)
        presence.tick((cycle + 1) * 1000)
        if cycle >= warm:
            spent += time.process_time() - began
            count += len(reads)
    return count / spent


def bare_rate(made: list[list[Read]], *, warm: int = 3) -> float:
    """The baseline: remember when and where each tag was read last, and look for who is missing once a cycle."""
    last: dict[str, tuple[int, str, float]] = {}
    spent, count = 0.0, 0
    for cycle, reads in enumerate(made):
        began = time.process_time()
        for epc, antenna, rssi, t_ms in reads:
            last[epc] = (t_ms, antenna, rssi)
        _gone = [epc for epc, seen in last.items() if seen[0] < cycle * 1000 - 30_000]
        if cycle >= warm:
            spent += time.process_time() - began
            count += len(reads)
    return count / spent


def memory_mb(tags: int) -> float:
    """Peak memory of a process that holds ``tags`` tags, less the same process with ten, in MB."""
    peaks = []
    for count in (tags, 10):
        code = f"from benchmarks.shelf_speed import hold; hold({count})"
        answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        peaks.append(json.loads(answer.stdout))
    return float(peaks[0] - peaks[1])


def hold(tags: int) -> None:
    """Keep ``tags`` tags for some cycles and print the peak of resident memory in MB."""
    presence = Presence(PresenceSettings(), {str(number): f"A{number}" for number in range(20)})
    presence.tick(0)
    for cycle in range(12):
        for tag in range(tags):
            presence.read(f"3034257BF7194E40{tag:08X}", str(tag % 20), -56.0, cycle * 1000 + tag % 1000)
        presence.tick((cycle + 1) * 1000)
    # ru_maxrss would be the parent's where that was larger before exec.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")))


_REPLAY: Final = """
import atexit, pathlib, sys
def tell():
    lines = pathlib.Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    print(next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), file=sys.stderr)
atexit.register(tell)
sys.argv = ["aisle", "replay", "shelf"]
import aisle
aisle.main()
"""


def process_mb(tags: int, *, seconds: int = 12) -> float:
    """Peak memory of the whole ``aisle replay shelf``, libraries and an ask included, in MB."""
    with TemporaryFile() as recording:
        antennas = {str(number): f"A{number}" for number in range(20)}
        recording.write(json.dumps({"t_ms": 0, "type": "hello", "antennas": antennas}).encode() + b"\n")
        for cycle, reads in enumerate(cycles(tags, seconds)):
            for epc, antenna, rssi, t_ms in reads:
                line = f'{{"t_ms":{t_ms},"type":"read","epc":"{epc}","antenna":"{antenna}","rssi_dbm":{rssi:.1f}}}\n'
                recording.write(line.encode())
            recording.write(b'{"t_ms":%d,"type":"tick"}\n' % ((cycle + 1) * 1000))
        recording.write(b'{"t_ms":%d,"type":"ask","id":"q"}\n' % (seconds * 1000))
        recording.seek(0)
        command = [sys.executable, "-c", _REPLAY]
        answer = subprocess.run(command, check=True, stdin=recording, capture_output=True, cwd=_ROOT)
    return float(answer.stderr.split()[-1])


def speed(*, quick: bool) -> dict[str, float]:
    """Rates at several sizes, the ratio to the bare table, how flat it is, and the memory."""
    figures: dict[str, float] = {}
    sizes = (500, 5_000) if quick else (5_000, 15_000, 50_000)
    for tags in sizes:
        gc.collect()
        made = cycles(tags, max(7, math.ceil(60_000 / tags)))
        figures[f"reads_per_s_{tags}"] = round(presence_rate(made))
        figures[f"ratio_to_bare_{tags}"] = round(figures[f"reads_per_s_{tags}"] / bare_rate(made), 3)
    rates = [figures[f"reads_per_s_{tags}"] for tags in sizes]
    figures["cost_largest_to_smallest"] = round(rates[0] / rates[-1], 3)
    figures["memory_mb_50000"] = round(memory_mb(5_000 if quick else 50_000), 1)
    figures["process_mb_50000"] = round(process_mb(5_000 if quick else 50_000), 1)
    return figures
