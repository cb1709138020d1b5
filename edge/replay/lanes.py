"""`aisle replay lanes`: a recording of queues in, one line per question out. The protocol is in docs/replay.md."""

from collections.abc import Callable, Iterable
from typing import Any, Final, TextIO

import msgspec

from edge.core.wait.waits import LaneSetup, Waits

Line = dict[str, Any]

MOST_ITEMS: Final = 10_000


UNANSWERED: Final[dict[str, Line]] = {
    "ask": {"mean": None, "p90": None},
    "recommend": {"best": None},
    "advise": {"open": [], "close": []},
}
"""What each question is answered when it cannot be understood: whoever asked must not wait for ever."""


class BadLine(ValueError):
    """A line that cannot be understood; it is told, counted, and passed over.

    `answer` is what a question gets all the same.
    """

    answer: str | None = None


def number(line: Line, name: str) -> float:
    """A finite number of the line."""
    value = line.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e12 < value < 1e12:
        raise BadLine(f"{name} has to be a number")
    return float(value)


def text(line: Line, name: str) -> str:
    """A word of the line; a number is taken as its spelling."""
    value = line.get(name)
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadLine(f"{name} has to be a word")


def words(line: Line, name: str) -> list[str]:
    """A list of words; missing is empty."""
    value = line.get(name) or []
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise BadLine(f"{name} has to be a list of words")
    return value


def items_of(line: Line) -> float:
    """The pieces of a basket."""
    items = number(line, "items")
    if not 0.0 <= items <= MOST_ITEMS:
        raise BadLine(f"items has to be a number from 0 to {MOST_ITEMS}")
    return items


class Replay:
    """Feeds lines to the core and gives the answers."""

    def __init__(self) -> None:
        self.waits = Waits()
        self._handlers: dict[str, Callable[[float, Line], Line | None]] = {
            "count": self._count,
            "txn": self._txn,
            "basket": self._basket,
            "level": self._level,
            "ask": self._ask,
            "recommend": self._recommend,
            "advise": self._advise,
            "lane": self._lane,
            "hello": self._hello,
        }

    def line(self, raw: str | bytes) -> str | None:
        """Take one line; give its answer if it is a question. Raises `BadLine`."""
        try:
            line = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadLine(f"not JSON: {error}") from None
        if not isinstance(line, dict):
            raise BadLine("not a JSON object")
        kind = str(line.get("type"))
        handler = self._handlers.get(kind)
        if handler is None:
            return None
        try:
            answer = handler(number(line, "t"), line)
        except BadLine as error:
            if kind in UNANSWERED:
                nothing = {"id": line.get("id"), **UNANSWERED[kind], "error": str(error)}
                error.answer = msgspec.json.encode(nothing).decode()
            raise
        return msgspec.json.encode(answer).decode() if answer is not None else None

    def _hello(self, t: float, line: Line) -> None:
        setups = []
        for lane in line.get("lanes") or []:
            if not isinstance(lane, dict):
                raise BadLine("lanes has to be a list of objects")
            servers = lane.get("servers", 1)
            if isinstance(servers, bool) or not isinstance(servers, int) or not 1 <= servers <= 100:
                raise BadLine("servers has to be a whole number from 1 to 100")
            kind = str(lane.get("kind", "staffed"))
            setups.append(LaneSetup(text(lane, "id"), kind, servers, bool(lane.get("open", True))))
        means = line.get("mean_service") or {}
        if not isinstance(means, dict):
            raise BadLine("mean_service has to be an object of seconds")
        usual = {kind: number(means, kind) for kind in means}
        if any(not 1.0 <= mean <= 7200.0 for mean in usual.values()):
            raise BadLine("mean_service has to be between 1 and 7200 seconds")
        self.waits.hello(t, setups, pos=bool(line.get("pos")), mean_service=usual)

    def _lane(self, t: float, line: Line) -> None:
        value = line.get("value")
        if value not in {"open", "closed"}:
            raise BadLine("value has to be open or closed")
        self.waits.lane(t, text(line, "lane"), is_open=value == "open")

    def _count(self, t: float, line: Line) -> None:
        people = number(line, "value")
        busy = number(line, "busy") if line.get("busy") is not None else None
        if people < 0 or (busy is not None and busy < 0):
            raise BadLine("a count cannot be below 0")
        self.waits.count(t, text(line, "lane"), round(people), round(busy) if busy is not None else None)

    def _txn(self, t: float, line: Line) -> None:
        value = line.get("value")
        if value not in {"start", "item", "end"}:
            raise BadLine("value has to be start, item or end")
        items = max(number(line, "items"), 0.0) if line.get("items") is not None else None
        server = int(number(line, "server")) if line.get("server") is not None else 0
        self.waits.txn(t, text(line, "lane"), str(value), items=items, server=server)

    def _basket(self, t: float, line: Line) -> None:
        self.waits.basket(t, text(line, "lane"), items_of(line))

    def _level(self, t: float, line: Line) -> None:
        self.waits.level(t, text(line, "source"), number(line, "items"))

    def _ask(self, t: float, line: Line) -> Line:
        wait = self.waits.ask(t, text(line, "lane"))
        return {"id": line.get("id"), "mean": round(wait.mean, 2), "p90": round(wait.p90, 2)}

    def _recommend(self, t: float, line: Line) -> Line:
        return {"id": line.get("id"), "best": self.waits.recommend(t, words(line, "lanes"))}

    def _advise(self, t: float, line: Line) -> Line:
        advice = self.waits.advise(t, words(line, "open"), words(line, "closed"))
        return {"id": line.get("id"), "open": list(advice.open), "close": list(advice.close)}


def replay_lanes(lines: Iterable[str | bytes], out: TextIO, complaints: TextIO) -> int:
    """Answer every question of `lines` with exactly one flushed line; give how many lines were bad."""
    replay = Replay()
    bad = 0
    for at, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        try:
            answer = replay.line(raw)
        except BadLine as error:
            bad += 1
            complaints.write(f"line {at}: {error}\n")
            answer = error.answer
        if answer is not None:
            out.write(answer + "\n")
            out.flush()
    if bad:
        complaints.write(f"{bad} bad lines were passed over\n")
    return bad
