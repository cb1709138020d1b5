"""What comes to the pretend store: cartons of tagged goods, and some without tags; the same for all who ask."""

from dataclasses import dataclass
from typing import Any

from firmware_stubs.store.catalogue import CATALOGUE, COMPANY_PREFIX
from models.codes.epc import encode_uri
from models.codes.gtin import check_digit

SUPPLIER = "Demo Textiles"
_FIRST_SERIAL = 700_000
_PIECES = 6
_UNTAGGED_PIECES = 12
_CARTONS = 3


@dataclass(frozen=True)
class Carton:
    """A logistic unit: its SSCC, the tag with it, and the EPCs of its pieces by product."""

    sscc: str
    epc: str
    pieces: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Delivery:
    """One delivery, the ``number``th of the day, due ``due_s`` seconds after it begins.

    ``loose`` are pieces without tags by GTIN. ``forgotten`` was announced and does not come.
    """

    number: int
    due_s: float
    cartons: tuple[Carton, ...]
    loose: dict[str, int]
    forgotten: frozenset[str]

    @property
    def name(self) -> str:
        """What papers call it."""
        return f"DN-{1000 + self.number}"

    def announcement(self, begun_ms: int, speed: float) -> dict[str, Any]:
        """The shipping notice as the gateway takes it; ``speed``: pretended seconds that pass in one."""
        units: list[dict[str, Any]] = [
            {
                "sscc": carton.sscc,
                "lines": [
                    {"gtin": gtin, "quantity": len(epcs), "epcs": list(epcs)} for gtin, epcs in carton.pieces.items()
                ],
            }
            for carton in self.cartons
        ]
        units.append({"lines": [{"gtin": gtin, "quantity": quantity} for gtin, quantity in self.loose.items()]})
        due_ms = begun_ms + round(self.due_s / speed * 1000)
        return {"delivery": self.name, "supplier": SUPPLIER, "due_ms": due_ms, "units": units}


def delivery(number: int, due_s: float) -> Delivery:
    """The ``number``th delivery (from 1): every third carton's worth of the range, in turn."""
    tagged = [product for product in CATALOGUE if product.tagged]
    untagged = [product for product in CATALOGUE if not product.tagged]
    cartons = []
    for carton in range(_CARTONS):
        unit = number * _CARTONS + carton
        pieces = {}
        for place in range(2):
            product = tagged[(unit * 2 + place) % len(tagged)]
            first = _FIRST_SERIAL + (unit * 2 + place) * 100
            pieces[product.gtin] = tuple(product.epc(first + piece) for piece in range(_PIECES))
        cartons.append(Carton(_sscc(unit), _sscc_epc(unit), pieces))
    loose = [untagged[(number * 2 + place) % len(untagged)] for place in range(2)]
    # Every second delivery lacks a piece, so that there is something to find out.
    lacks = next(iter(cartons[0].pieces.values()))[-1:] if number % 2 == 0 else ()
    return Delivery(number, due_s, tuple(cartons), {one.gtin: _UNTAGGED_PIECES for one in loose}, frozenset(lacks))


def _sscc(unit: int) -> str:
    body = f"0{COMPANY_PREFIX}{unit:09d}"
    return body + check_digit(body)


def _sscc_epc(unit: int) -> str:
    return encode_uri(f"urn:epc:id:sscc:{COMPANY_PREFIX}.0{unit:09d}").hex
