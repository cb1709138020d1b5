"""A product and its stock, as the API tells them."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.store.stock import StockOf

Gtin = Annotated[str, StringConstraints(pattern=r"^[0-9]{8,14}$")]
"""A GTIN as people type it; inside it has fourteen digits."""
PlaceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
"""An id that a client made, so that what is sent twice counts once."""
TimeMs = Annotated[int, Field(ge=0, le=253_402_300_799_999)]


class Body(BaseModel):
    """What a client sends: a key that nobody knows is refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)


class PlaceStock(BaseModel):
    """One product in one place; ``state`` says how far to believe it."""

    place: str
    kind: Literal["shelf", "backroom", "counter"]
    quantity: int
    p: float
    last_seen_ms: int
    state: Literal["sure", "unsure", "unknown"]
    age_ms: int | None
    """How old the count is, of goods without tags."""


class OtherStore(BaseModel):
    """What another store has, as headquarters knew it at ``t_ms``."""

    store: str
    store_name: str
    on_hand: int
    t_ms: int


class Belongs(BaseModel):
    """A shelf where the plan wants a product: facings, room, and what it calls low."""

    shelf: str
    facings: int
    capacity: int
    low: int


class Product(BaseModel):
    """A product, its price now, where it stands, and where it belongs."""

    gtin: str
    name_en: str
    name_zh: str
    category: str
    price_minor: int
    currency: str
    tagged: bool
    on_hand: int
    places: list[PlaceStock]
    belongs: list[Belongs]
    elsewhere: list[OtherStore]


class Found(BaseModel):
    """What a search found."""

    as_of_ms: int
    products: list[Product]


def values_of(stock: StockOf, currency: str) -> dict[str, Any]:
    """A product and its stock as plain JSON values, in the shape of ``Product``.

    ``currency`` is the store's, for a product without a price.
    """
    row = stock.product
    return {
        "gtin": row["gtin"],
        "name_en": row["name_en"],
        "name_zh": row["name_zh"],
        "category": row["category"],
        "price_minor": row["price_minor"],
        "currency": row["currency"] or currency,
        "tagged": bool(row["tagged"]),
        "on_hand": stock.on_hand,
        "places": [asdict(place) for place in stock.places],
        "belongs": [
            {"shelf": slot.shelf, "facings": slot.facings, "capacity": slot.capacity, "low": slot.low}
            for slot in stock.belongs
        ],
        "elsewhere": [
            {name: other[name] for name in ("store", "store_name", "on_hand", "t_ms")} for other in stock.elsewhere
        ],
    }


def product_of(stock: StockOf, currency: str) -> Product:
    """A product and its stock; ``currency`` as for ``values_of``."""
    return Product.model_validate(values_of(stock, currency))
