"""Doors: who left, by our weighing of visits, beside the rules in use, on the same made-up reads.

`any read` is what a door alarm does: every tag that it reads went out (once a minute). `RSP, 30 s` is Intel RSP's
exit rule: a tag that was read at the door and then not for 30 s is gone. Both tell who turns back, who comes in and
what lies on a shelf beside the door as leaving; neither can know better.
"""

import random
from collections.abc import Callable, Iterator, Sequence

from edge.core.exit import DoorAntenna, Exits
from firmware_stubs.llrp.doorway import Path, Read, reads, stay, turn_back, walk

START = 1_763_769_600_000
ONE = ({"gate:1": DoorAntenna("main")}, {"gate:1": 0.0})
TWO = (
    {"gate:1": DoorAntenna("main", "inside"), "gate:2": DoorAntenna("main", "outside")},
    {"gate:1": -1.0, "gate:2": 1.0},
)
Rule = Callable[[Sequence[Read]], list[int]]
"""Reads of one tag → when it is told to have left, ms."""


def ours(antennas: dict[str, DoorAntenna]) -> Rule:
    def rule(heard: Sequence[Read]) -> list[int]:
        exits, told, at = Exits(antennas), [], 0
        last = (heard[-1][3] if heard else START) + 20_000
        for now_ms in range(START, last, 250):
            while at < len(heard) and heard[at][3] <= now_ms:
                exits.read(*heard[at])
                at += 1
            told += [fact.t_ms for fact in exits.tick(now_ms)]
        return told

    return rule


def any_read(heard: Sequence[Read]) -> list[int]:
    told: list[int] = []
    for _, _, _, t_ms in heard:
        if not told or t_ms - told[-1] >= 60_000:
            told.append(t_ms)
    return told


def rsp(heard: Sequence[Read]) -> list[int]:
    times = [t_ms for _, _, _, t_ms in heard]
    after = [*times[1:], 10**18] if times else []
    return [t_ms + 30_000 for t_ms, following in zip(times, after, strict=True) if following - t_ms > 30_000]


def visits(kind: str, count: int, places: dict[str, float], seed: int) -> Iterator[list[Read]]:
    """Reads of ``count`` tags that all do the same, each at its own speed and read rate."""
    draw = random.Random(seed)
    for number in range(count):
        speed, rate = draw.uniform(0.6, 2.2), draw.uniform(0.25, 0.7)
        paths: dict[str, tuple[Path, float]] = {
            "walks out": (walk(speed), 12 / speed + 2),
            "comes in": (walk(-speed, 6.0), 12 / speed + 2),
            "turns back at 3 m": (turn_back(speed, furthest=-3.0), 8 / speed + 2),
            "turns back in the door": (turn_back(speed), 12 / speed + 2),
            "lies beside the door": (stay(draw.uniform(-3, 0)), 600.0),
        }
        path, seconds = paths[kind]
        yield sorted(reads(path, seconds, places, seed=seed + number, rate=rate), key=lambda read: read[3])


def run(quick: bool) -> dict[str, object]:  # noqa: FBT001 - every benchmark's signature
    """Of 100 who do the same, so many are told to have left; and how long after the last read."""
    count = 20 if quick else 400
    rows: dict[str, object] = {}
    for name, (antennas, places) in {"one antenna": ONE, "inside and outside": TWO}.items():
        rules: dict[str, Rule] = {"ours": ours(antennas), "any_read": any_read, "rsp_30s": rsp}
        for kind in ("walks out", "comes in", "turns back at 3 m", "turns back in the door", "lies beside the door"):
            many = count // 10 if kind.startswith("lies") else count
            told: dict[str, list[list[int]]] = {rule: [] for rule in rules}
            heard = list(visits(kind, many, places, 1000))
            for one in heard:
                for rule, decide in rules.items():
                    told[rule].append(decide(one))
            row: dict[str, object] = {
                f"{rule}_per_100": round(100 * sum(map(len, all_told)) / many, 1) for rule, all_told in told.items()
            }
            if kind == "walks out":
                for rule, all_told in told.items():
                    late = sorted(t[-1] - one[-1][3] for t, one in zip(all_told, heard, strict=True) if t)
                    row[f"{rule}_p50_s_after_the_last_read"] = round(late[len(late) // 2] / 1000, 1)
            rows[f"{name}: {kind}"] = row
    return rows


def main() -> dict[str, object]:
    """Print the table."""
    rows = run(quick=False)
    for name, row in rows.items():
        print(name, row)
    return rows


if __name__ == "__main__":
    main()
