"""The known items of a walk and their places: from a sheet, or scanned one by one."""

import csv
import io
from collections.abc import Collection, Mapping
from typing import Final

from models.codes.epc import identify
from models.codes.errors import BadCode
from models.codes.gs1 import ParsedCode, parse_code
from models.codes.gtin import normalise_gtin

_ITEM_COLUMNS: Final = ("epc", "code", "gtin")
_KNOWN_NAMES: Final = 100_000


class BadPlan(ValueError):
    """A sheet or a code that cannot be used; the text says what was expected."""


class Plan:
    """Items by name: an EPC in upper-case hexadecimal, or ``GTIN/serial`` where only these are known.

    ``names`` of tags are found by ``name_of``, so that a sheet without EPCs serves as well.
    """

    def __init__(self, shelves: Collection[str]) -> None:
        self.shelves = list(shelves)
        self.places: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def name_of(self, epc: str) -> str:
        """What the item with this EPC is called here; the EPC itself for an item that nobody planned."""
        name = self._names.get(epc)
        if name is None:
            decoded = identify(epc)
            numbered = f"{decoded.gtin}/{decoded.serial}"
            name = numbered if numbered in self.places else epc
            if len(self._names) < _KNOWN_NAMES:
                self._names[epc] = name
        return name

    def add(self, code: str, shelf: str, *, serial: str = "", label: str = "") -> str:
        """Add an item by what is printed or written on it; gives its name.

        Raises:
            BadPlan: the code names no single item, the shelf has no antenna, or the item stands elsewhere already.
        """
        if shelf not in self.shelves:
            raise BadPlan(f"no antenna hears a shelf {shelf!r}; there are {', '.join(self.shelves)}")
        name = _name(code, serial)
        if name in self.places:
            raise BadPlan(f"{name} stands on {self.places[name]} already")
        self.places[name] = shelf
        self._names.clear()
        self.labels[name] = label or short_name(name)
        return name

    def meet(self, places: Mapping[str, str], labels: Mapping[str, str]) -> None:
        """Know the items of a recording that says itself what stands where; those that are known already stay."""
        for name in places.keys() - self.places.keys():
            self.places[name] = places[name]
            self.labels[name] = labels.get(name) or short_name(name)
            self._names.clear()


def read_plan(text: str, shelves: Collection[str]) -> tuple[Plan, list[str]]:
    """A sheet with the columns ``shelf`` and ``epc`` (or ``code``, or ``gtin`` and ``serial``), perhaps ``label``.

    Gives the plan and, for each row that cannot be used, a line that says why; the others count.

    Raises:
        BadPlan: no such columns, or no row that can be used.
    """
    plan, refused = Plan(shelves), []
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), dialect=_dialect(text))
    columns = [str(name).strip().lower() for name in rows.fieldnames or ()]
    rows.fieldnames = columns
    if "shelf" not in columns or not set(_ITEM_COLUMNS) & set(columns):
        raise BadPlan(
            'the first line has to name the columns: "epc,shelf" or "gtin,serial,shelf"; "label" if you like'
        )
    for row in rows:
        given = {key: (value or "").strip() for key, value in row.items() if isinstance(value, str) or value is None}
        code = next((given[column] for column in _ITEM_COLUMNS if given.get(column)), "")
        if not code and not given.get("shelf"):
            continue
        try:
            plan.add(code, given.get("shelf", ""), serial=given.get("serial", ""), label=given.get("label", ""))
        except BadPlan as error:
            refused.append(f"line {rows.line_num}: {error}")
    if not plan.places:
        raise BadPlan("; ".join(refused[:5]) or "it has no items: write one line for each, or scan them instead")
    return plan, refused


def _dialect(text: str) -> type[csv.Dialect]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)

    class Sheet(csv.excel):
        """As spreadsheets of this country write it."""

    Sheet.delimiter = delimiter
    return Sheet


def _name(code: str, serial: str) -> str:
    try:
        if serial:
            return f"{normalise_gtin(code)}/{serial}"
        parsed = parse_code(code)
    except BadCode as error:
        raise BadPlan(str(error)) from error
    return _one_item(parsed, code)


def _one_item(parsed: ParsedCode, code: str) -> str:
    if parsed.epc:
        return parsed.epc
    if parsed.gtin and parsed.serial:
        return f"{parsed.gtin}/{parsed.serial}"
    if parsed.gtin:
        raise BadPlan(f"{code[:80]} names a product, not one item of it: its serial number, or its EPC, is needed")
    raise BadPlan(f"{code[:80]!r} is neither an EPC nor a GTIN with a serial number")


def short_name(name: str) -> str:
    """An EPC as a person can compare it with a label: its serial, where it has one, and its end."""
    if "/" in name:
        return name
    decoded = identify(name)
    return f"{decoded.gtin}/{decoded.serial}" if decoded.gtin and decoded.serial else f"…{name[-8:]}"
