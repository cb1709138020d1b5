"""A walk as a recording: the lines of ``aisle replay shelf``, and one of type ``truth`` for what stands where.

    {"t_ms":60000,"type":"truth","items":{"3034257BF7194E4000001A85":"A1"},"unsure":["3034257BF7194E4000001A86"]}

What a truth line says holds until the next one; an item that it leaves out, and that an earlier one had, stands
nowhere; ``unsure`` items are in somebody's hand, ``labels`` are what people call them. An item is an EPC, or
``GTIN/serial``. ``aisle replay shelf`` passes over such lines, so a walk is a recording like any.
"""

import math
from collections.abc import Iterable
from typing import IO, Any, Final

import msgspec

from edge.core.shelf.settings import PresenceSettings
from edge.core.survey.survey import Survey
from edge.replay.shelf import Ask, Hello, Read, Reader, Tick
from edge.survey.plan import Plan, read_plan

_REPORTED: Final = 20
_encode: Final = msgspec.json.Encoder().encode


class Truth(msgspec.Struct, tag_field="type", tag="truth"):
    """What stands where, from now on."""

    t_ms: float
    items: dict[str, str]
    unsure: list[str] = []
    labels: dict[str, str] = {}


class _Other(msgspec.Struct):
    type: str


Line = Hello | Read | Tick | Reader | Ask | Truth
_decoder: Final = msgspec.json.Decoder(Line)
_other: Final = msgspec.json.Decoder(_Other)
_TYPES: Final = frozenset({"hello", "read", "tick", "reader", "ask", "truth"})


class Recorder:
    """Writes a walk down as it happens."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def line(self, kind: str, t_ms: int, **fields: Any) -> None:  # noqa: ANN401 - the fields of one line
        """Write one line; ticks are flushed, so that a walk that is cut off is there up to its last second."""
        self._out.write(_encode({"t_ms": t_ms, "type": kind, **fields}) + b"\n")
        if kind == "tick":
            self._out.flush()


class BadRecording(ValueError):
    """A recording that cannot be judged; the text says what is missing."""


class Replayed:
    """A recording worked through: its survey, the plan by which its items are called, and the lines refused.

    ``ask_every_s`` is for recordings that do not ask themselves (``asks_itself``); else ``None``.
    """

    def __init__(self, plan_text: str | None, *, settle_ms: int, ask_every_s: float | None) -> None:
        self.survey: Survey | None = None
        self.plan = Plan(())
        self.plan_refused: list[str] = []
        self.refused = 0
        self.complaints: list[str] = []
        self._plan_text = plan_text
        self._settle_ms = settle_ms
        self._ask_every_ms = None if ask_every_s is None else round(ask_every_s * 1000)
        self._asked_ms: int | None = None

    def run(self, lines: Iterable[bytes]) -> None:
        """Work through all lines; what cannot be used is counted and passed over.

        Raises:
            BadPlan: the sheet does not fit the shelves of the recording.
        """
        for number, line in enumerate(lines, start=1):
            try:
                message = _decoder.decode(line) if line.strip() else None
                if message is not None:
                    self._take(message)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                self._refuse(number, line, error)
            except (OverflowError, _Early) as error:
                self._refuse(number, line, error)

    def judged(self) -> Survey:
        """The survey.

        Raises:
            BadRecording: it has no hello, or says nowhere what stands where.
        """
        if self.survey is None:
            raise BadRecording("the recording has no hello line, which says what antenna hears what shelf")
        if not self.survey.truth.places:
            raise BadRecording(
                "nothing says what stands where: give a sheet, or use a recording with truth lines, such as a walk's"
            )
        return self.survey

    def _take(self, message: Line) -> None:
        t_ms = _whole(message.t_ms)
        if isinstance(message, Hello):
            self._begin(message, t_ms)
            return
        survey = self.survey
        if survey is None:
            raise _Early("it comes before hello")
        match message:
            case Read(epc=epc, antenna=antenna, rssi_dbm=rssi):
                loud = -math.inf if rssi is None or not -200 <= rssi <= 100 else float(rssi)
                survey.read(self.plan.name_of(epc), str(antenna), loud, t_ms)
            case Tick():
                survey.tick(t_ms)
                self._ask_sometimes(survey, t_ms)
            case Reader(value=value, antenna=antenna):
                survey.reader(value, None if antenna is None else str(antenna), t_ms)
            case Ask():
                survey.ask(t_ms)
            case Truth(items=items, unsure=unsure, labels=labels):
                self.plan.meet(items, labels)
                survey.say(t_ms, items, unsure)

    def _ask_sometimes(self, survey: Survey, t_ms: int) -> None:
        if self._ask_every_ms is None:
            return
        if self._asked_ms is None or t_ms >= self._asked_ms + self._ask_every_ms:
            self._asked_ms = t_ms
            survey.ask(t_ms)

    def _begin(self, hello: Hello, t_ms: int) -> None:
        if self.survey is not None:
            raise _Early("a second hello: a survey is of one installation")
        settings = PresenceSettings(cycle_ms=min(60_000, max(10, round(hello.cycle_ms))))
        shelves = dict.fromkeys(hello.antennas.values())
        self.plan = Plan(list(shelves))
        if self._plan_text is not None:
            self.plan, self.plan_refused = read_plan(self._plan_text, list(shelves))
        self.survey = Survey(hello.antennas, hello.neighbours, settings, settle_ms=self._settle_ms)
        self.survey.tick(t_ms)
        if self.plan.places:
            self.survey.say(t_ms, self.plan.places)

    def _refuse(self, number: int, line: bytes, error: Exception) -> None:
        if _is_other_type(line):
            return
        self.refused += 1
        if len(self.complaints) < _REPORTED:
            self.complaints.append(f"line {number}: {error}")


def asks_itself(lines: Iterable[bytes]) -> bool:
    """Whether a recording has asks of its own."""
    return any(b'"ask"' in line for line in lines)


class _Early(ValueError):
    """A line that cannot come here."""


def _whole(t_ms: float) -> int:
    if not 0 <= t_ms < 253_402_300_800_000:
        raise _Early(f"t_ms is {t_ms}, expected milliseconds since 1970")
    return round(t_ms)


def _is_other_type(line: bytes) -> bool:
    try:
        return _other.decode(line).type not in _TYPES
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
