"""LLRP: tags decoded per second on one core, beside a bare struct walk that keeps four fields, in the same run.

The bare walk follows lengths and types and checks nothing; the fixed format beside it knows the one layout by heart,
which is as fast as Python gets. Ours reads any report, keeps six fields and refuses bad bytes.
"""

import random
import struct
import time
from collections.abc import Callable, Sequence

from models.llrp.codec import Frame, decode_message
from models.llrp.messages import RoAccessReport
from models.llrp.tags import decode_tags

_BARE = struct.Struct(">HHB12sBHBbBQBQBH")


def report(tags: int, seed: int = 1) -> bytes:
    """The body of a report of ``tags`` tags as an Impinj reader orders its fields."""
    draw = random.Random(seed)
    now = 1_760_000_000_000_000
    length = _BARE.size
    return b"".join(
        _BARE.pack(240, length, 0x8D, draw.randbytes(12), 0x81, draw.randint(1, 4), 0x86, draw.randint(-80, -30),
                   0x82, now + place, 0x84, now + place + 900, 0x88, draw.randint(1, 40))
        for place in range(tags)
    )  # fmt: skip


def bare_walk(body: bytes) -> list[tuple[bytes, int, int, int]]:
    """The baseline: EPC, antenna, RSSI, first seen, by each field's type, as any reader's report needs."""
    sizes = {0x8D: 12, 0x81: 2, 0x86: 1, 0x82: 8, 0x84: 8, 0x88: 2}
    seen, at = [], 0
    while at < len(body):
        _, length = struct.unpack_from(">HH", body, at)
        place, end = at + 4, at + length
        epc, antenna, rssi, first = b"", 0, 0, 0
        while place < end:
            kind = body[place]
            if kind == 0x8D:
                epc = body[place + 1 : place + 13]
            elif kind == 0x81:
                (antenna,) = struct.unpack_from(">H", body, place + 1)
            elif kind == 0x86:
                (rssi,) = struct.unpack_from(">b", body, place + 1)
            elif kind == 0x82:
                (first,) = struct.unpack_from(">Q", body, place + 1)
            place += 1 + sizes[kind]
        seen.append((epc, antenna, rssi, first))
        at = end
    return seen


def fixed_format(body: bytes) -> list[tuple[bytes, int, int, int]]:
    """EPC, antenna, RSSI, first seen, by one format that fits this very report and no other."""
    seen = []
    for at in range(0, len(body), _BARE.size):
        _, _, _, epc, _, antenna, _, rssi, _, first, _, _, _, _ = _BARE.unpack_from(body, at)
        seen.append((epc, antenna, rssi, first))
    return seen


def full_codec(body: bytes) -> int:
    """Our codec of every message, typed parameter by typed parameter."""
    message = decode_message(Frame(1, RoAccessReport.TYPE, 1, body))
    return len(message.children) if isinstance(message, RoAccessReport) else 0


def rates(
    decoders: dict[str, Callable[[bytes], object]], bodies: Sequence[bytes], tags: int, rounds: int
) -> dict[str, float]:
    """Tags per second of each decoder, the best of ``rounds``; they take turns, so that none has the quiet moment."""
    best = dict.fromkeys(decoders, 0.0)
    for _ in range(rounds):
        for name, decode in decoders.items():
            start = time.perf_counter()
            for body in bodies:
                decode(body)
            best[name] = max(best[name], tags * len(bodies) / (time.perf_counter() - start))
    return best


def run(quick: bool) -> dict[str, object]:  # noqa: FBT001 - every benchmark's signature
    """Rates by size of report, and their ratios to the bare walk."""
    decoders: dict[str, Callable[[bytes], object]] = {
        "bare_walk": bare_walk,
        "fixed_format": fixed_format,
        "decode": decode_tags,
        "full_codec": full_codec,
    }
    rows: dict[str, object] = {}
    for tags in (1, 10, 200, 5000):
        bodies = [report(tags, seed) for seed in range(max(1, 10_000 // tags))]
        best = rates(decoders, bodies, tags, 3 if quick else 9)
        row: dict[str, object] = {f"{name}_tags_per_s": round(rate) for name, rate in best.items()}
        row["ratio_to_bare_walk"] = round(best["decode"] / best["bare_walk"], 2)
        rows[f"report_of_{tags}"] = row
    return rows


def main() -> dict[str, object]:
    """Print the table."""
    rows = run(quick=False)
    for name, row in rows.items():
        print(name, row)
    return rows


if __name__ == "__main__":
    main()
