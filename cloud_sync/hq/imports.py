"""Catalogues from CSV files: line by line, bad ones named, good ones entered, progress to look at."""

import asyncio
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import structlog

from cloud_sync.hq.answers import ImportState, LineError
from cloud_sync.hq.ports import Log
from cloud_sync.stream.errors import StorageError
from models.codes.errors import BadGtin
from models.codes.gtin import normalise_gtin
from models.messages.facts import PriceChanged, ProductChanged
from models.process.clock import Clock
from models.process.web import Refused

_log = structlog.get_logger(__name__)

COLUMNS: Final = ("gtin", "name_en", "name_zh", "category", "tagged", "price_minor", "currency")
PORTION: Final = 200
MOST_ERRORS: Final = 200
KEPT: Final = 20
_YES: Final = {"1", "true", "yes", "y", "是"}
_NO: Final = {"", "0", "false", "no", "n", "否"}

Change = ProductChanged | PriceChanged


class BadLine(ValueError):
    """A line that is left out; the text says what is wrong with it."""


@dataclass
class Import:
    """One import on its way."""

    number: int
    lines: int
    done: int = 0
    entered: int = 0
    state: str = "running"
    wrong: int = 0
    errors: list[LineError] = field(default_factory=list)

    def to_json(self) -> ImportState:
        """What people are shown."""
        return {"import": self.number, "state": self.state, "lines": self.lines, "done": self.done,
                "entered": self.entered, "wrong": self.wrong, "errors": self.errors}  # fmt: skip


class Imports:
    """Runs imports one after the other, in portions, so that everything else goes on."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self._log, self._clock = log, clock
        self._imports: dict[int, Import] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._last = 0

    def start(self, body: bytes) -> ImportState:
        """Begin an import. Raises ``Refused`` when the file is no CSV with the columns that are needed."""
        rows = _rows(body)
        self._last += 1
        running = Import(self._last, len(rows))
        self._imports[running.number] = running
        for old in sorted(self._imports)[:-KEPT]:
            del self._imports[old]
        task = asyncio.get_running_loop().create_task(self._run(running, rows))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return running.to_json()

    def progress(self, number: int) -> ImportState:
        """How far an import is. Raises ``Refused`` 404 when nobody remembers it."""
        if number not in self._imports:
            raise Refused(404, "unknown", "No such import is remembered.", "Look at the catalogue, or import again.")
        return self._imports[number].to_json()

    async def finish(self) -> None:
        """Wait for what runs."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def _run(self, running: Import, rows: list[tuple[int, dict[str, str]]]) -> None:
        async with self._turn:
            try:
                for start in range(0, len(rows), PORTION):
                    await self._portion(running, rows[start : start + PORTION])
                running.state = "done"
            except StorageError as error:
                running.state = "stopped"
                running.errors.append({"line": rows[running.done][0], "message": f"stopped here: {error}"})
                _log.warning("import_stopped", number=running.number, error=str(error))

    async def _portion(self, running: Import, rows: list[tuple[int, dict[str, str]]]) -> None:
        changes: list[Change] = []
        good = 0
        for line, row in rows:
            try:
                changes += changes_of(row, self._clock.now_ms())
                good += 1
            except BadLine as error:
                running.wrong += 1
                if len(running.errors) < MOST_ERRORS:
                    running.errors.append({"line": line, "message": str(error)})
        if changes:
            await self._log.enter(changes)
        running.done += len(rows)
        running.entered += good


def _rows(body: bytes) -> list[tuple[int, dict[str, str]]]:
    """Line number and values of each row that says anything."""
    try:
        text = body.decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        missing = {"gtin"} - set(reader.fieldnames or ())
        if missing or not {"name_en", "name_zh"} & set(reader.fieldnames or ()):
            raise Refused(422, "columns", "The first line must name the columns.", f"Columns: {', '.join(COLUMNS)}.")
        return [(reader.line_num, row) for row in _whole(reader)]
    except UnicodeDecodeError as error:
        raise Refused(422, "encoding", "The file is not UTF-8.", "Save it as CSV UTF-8 and try again.") from error
    except csv.Error as error:
        raise Refused(422, "csv", f"The file is not CSV: {error}.", "Save it as CSV UTF-8 and try again.") from error


def _whole(reader: "csv.DictReader[str]") -> Iterator[dict[str, str]]:
    for row in reader:
        named = {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}
        if any(named.values()):
            yield named


def changes_of(row: dict[str, str], now_ms: int) -> list[Change]:
    """What one line says. Raises ``BadLine``."""
    try:
        gtin = normalise_gtin(row.get("gtin", ""))
    except BadGtin as error:
        raise BadLine(str(error)) from error
    name_en, name_zh, category = (row.get(name, "") for name in ("name_en", "name_zh", "category"))
    if not (name_en or name_zh):
        raise BadLine("no name")
    if any(len(text) > 200 or not text.isprintable() for text in (name_en, name_zh, category)):
        raise BadLine("a text is longer than 200 characters or has characters that cannot be shown")
    tagged = row.get("tagged", "").lower()
    if tagged not in _YES | _NO:
        raise BadLine(f"tagged is {tagged[:20]!r}, expected yes or no")
    changes: list[Change] = [
        ProductChanged(
            t_ms=now_ms, gtin=gtin, name_en=name_en, name_zh=name_zh, category=category, tagged=tagged in _YES
        )
    ]
    if price := row.get("price_minor", ""):
        currency = row.get("currency", "").upper()
        if not (price.isascii() and price.isdigit() and len(price) <= 12):
            raise BadLine(f"price_minor is {price[:20]!r}, expected whole cents or fen")
        if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise BadLine(f"currency is {currency[:20]!r}, expected three letters such as EUR")
        changes.append(
            PriceChanged(t_ms=now_ms, gtin=gtin, price_minor=int(price), currency=currency, from_ms=now_ms)
        )
    return changes
