"""The simulator as a recording for ``aisle replay shelf``, and the truth beside it."""

import json
from collections.abc import Iterator
from typing import Any

from firmware_stubs.shelf_simulator.air import hear
from firmware_stubs.shelf_simulator.settings import ShelfSettings
from firmware_stubs.shelf_simulator.shop import Shop


def epc(tag: int) -> str:
    """The EPC of a tag number: an SGTIN-96 of a company that has no other goods."""
    return f"3034257BF7194E40{tag:08X}"


def hello(settings: ShelfSettings) -> dict[str, Any]:
    """The first line: antennas 1, 2, … on shelves A1, A2, …, in a ring."""
    count = settings.antennas
    return {
        "t_ms": 0,
        "type": "hello",
        "antennas": {str(number + 1): f"A{number + 1}" for number in range(count)},
        "neighbours": {f"A{n + 1}": [f"A{(n - 1) % count + 1}", f"A{(n + 1) % count + 1}"] for n in range(count)},
        "cycle_ms": settings.cycle_ms,
    }


def lines(settings: ShelfSettings, seed: int, *, ask_every_s: int = 60) -> Iterator[dict[str, Any]]:
    """Lines of the recording; a line of type ``truth`` follows each ask, and is ignored by the replay."""
    shop = Shop(settings, seed)
    yield hello(settings)
    told = 0
    cycles = round(settings.hours * 3_600_000 / settings.cycle_ms)
    ticked_s = 0
    for cycle in range(cycles):
        t_s = cycle * settings.cycle_ms / 1000
        shop.to(t_s)
        for event in shop.events[told:]:
            if event.kind == "silent_announced":
                t_ms, antenna = round(event.t_s * 1000), str(event.place + 1)
                yield {"t_ms": t_ms, "type": "reader", "value": "antenna_disconnected", "antenna": antenna}
        told = len(shop.events)
        heard = hear(shop, t_s)
        for tag, antenna, rssi, at_s in zip(*(part.tolist() for part in heard), strict=True):
            t_ms = int(at_s * 1000)
            yield {"t_ms": t_ms, "type": "read", "epc": epc(tag), "antenna": str(antenna + 1), "rssi_dbm": rssi}
        while (ticked_s + 1) * 1000 <= (cycle + 1) * settings.cycle_ms:
            ticked_s += 1
            yield {"t_ms": ticked_s * 1000, "type": "tick"}
            if ticked_s % ask_every_s == 0:
                yield {"t_ms": ticked_s * 1000, "type": "ask", "id": f"q{ticked_s}"}
                yield truth(shop, ticked_s * 1000)


def truth(shop: Shop, t_ms: int) -> dict[str, Any]:
    """What stands where now."""
    standing = (shop.place >= 0).nonzero()[0].tolist()
    return {"t_ms": t_ms, "type": "truth", "items": {epc(tag): f"A{shop.place[tag] + 1}" for tag in standing}}


def write(settings: ShelfSettings, seed: int) -> Iterator[bytes]:
    """The recording as JSON lines."""
    for line in lines(settings, seed):
        yield json.dumps(line, separators=(",", ":")).encode() + b"\n"
