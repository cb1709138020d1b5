"""A planogram as CSV, as stores and headquarters read and write it: ``shelf,gtin,facings,capacity,low``.

A line that cannot be used is left out and named with why; the others count. ``facings`` of 0 says that the product no
longer belongs on that shelf. Spreadsheets that cut leading zeros off a GTIN do no harm: its check digit stays right.
"""

import csv
import io
import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from models.codes.errors import BadCode, BadGtin
from models.codes.gtin import is_digits, normalise_gtin

COLUMNS: Final = ("shelf", "gtin", "facings", "capacity", "low")
MOST_LINES: Final = 50_000
MOST_PIECES: Final = 100_000
_SHELF: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_SHORTEST_CUT_GTIN: Final = 7


class BadPlan(BadCode):
    """A file that is no planogram at all: not UTF-8, not CSV, without the columns, or endless."""


class PlanLine(Struct, frozen=True, gc=False):
    """One line: a product on a shelf, so many facings, room for ``capacity`` pieces, low at ``low``."""

    line: int
    shelf: str
    gtin: str
    facings: int
    capacity: int
    low: int


class BadPlanLine(Struct, frozen=True, gc=False):
    """A line that is left out, and why."""

    line: int
    why: str


def read_plan(body: bytes) -> tuple[list[PlanLine], list[BadPlanLine]]:
    """The good lines and the bad ones, in the file's order.

    Raises:
        BadPlan: the file as a whole cannot be read.
    """
    good: dict[tuple[str, str], PlanLine] = {}
    bad: list[BadPlanLine] = []
    for line, row in _rows(body):
        try:
            found = _line(line, row)
        except BadCode as error:
            bad.append(BadPlanLine(line, str(error)))
            continue
        first = good.setdefault((found.shelf, found.gtin), found)
        if first is not found:
            bad.append(BadPlanLine(line, f"line {first.line} speaks of this product on this shelf already"))
    return list(good.values()), bad


def write_plan(lines: Iterable[tuple[str, str, int, int, int]]) -> str:
    """The CSV of shelf, GTIN, facings, capacity, low."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(lines)
    return out.getvalue()


def check_numbers(facings: int, capacity: int, low: int) -> str | None:
    """Why these three cannot be meant, or ``None``."""
    if facings == 0:
        return None
    if not 0 < facings <= MOST_PIECES or not 0 <= low <= MOST_PIECES or not 0 < capacity <= MOST_PIECES:
        return f"facings, capacity and low are whole numbers up to {MOST_PIECES}, and capacity is at least 1"
    if facings > capacity:
        return f"{facings} facings do not fit where there is room for {capacity} pieces"
    if low >= capacity:
        return f"low is {low}, which has to be less than the capacity of {capacity}: a full shelf is not low"
    return None


def _rows(body: bytes) -> list[tuple[int, dict[str, str]]]:
    try:
        reader = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
        missing = set(COLUMNS) - set(reader.fieldnames)
        if missing:
            raise BadPlan(f"the first line must name the columns {', '.join(COLUMNS)}; {min(missing)} is missing")
        rows = []
        for row in reader:
            named = {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}
            if any(named.values()):
                rows.append((reader.line_num, named))
            if len(rows) > MOST_LINES:
                raise BadPlan(f"the file has more than {MOST_LINES} lines; send it in parts")
    except UnicodeDecodeError as error:
        raise BadPlan("the file is not UTF-8; save it as CSV UTF-8") from error
    except csv.Error as error:
        raise BadPlan(f"the file is not CSV: {error}") from error
    return rows


def _line(line: int, row: dict[str, str]) -> PlanLine:
    shelf, gtin = row["shelf"], row["gtin"]
    if not _SHELF.fullmatch(shelf):
        raise BadCode(f"{shelf[:40]!r} is no shelf: letters, digits, dot, dash and underscore, at most 32 of them")
    if is_digits(gtin) and _SHORTEST_CUT_GTIN <= len(gtin) <= 14:
        gtin = gtin.zfill(14)
    try:
        gtin = normalise_gtin(gtin)
    except BadGtin as error:
        raise BadCode(str(error)) from error
    facings, capacity, low = (_number(row, name) for name in ("facings", "capacity", "low"))
    why = check_numbers(facings, capacity, low)
    if why is not None:
        raise BadCode(why)
    return PlanLine(line, shelf, gtin, facings, capacity, low)


def _number(row: dict[str, str], name: str) -> int:
    text = row[name]
    if not is_digits(text) or len(text) > 9:
        raise BadCode(f"{name} is {text[:20]!r}, expected a whole number")
    return int(text)
