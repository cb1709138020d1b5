"""One line of the truth: what really happened in the pretend store."""

from msgspec import Struct


class Happening(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened ``t_s`` seconds after the day began; what does not apply is left out.

    ``kind``:

    - goods: stocked, delivered (a piece came into the back room), unit_delivered (a carton with its own tag), moved
      (by a clerk), counted (``quantity`` pieces without tags stand on ``shelf``);
    - shoppers: entered, lifted, put_back, misplaced (put back on a wrong shelf), scanned, joined, service_started
      (``quantity`` pieces, of which ``epcs`` carry tags), rung_up (``quantity`` of them so far), sold, stolen (leaves
      without paying, now), passed (goes through the door with ``epcs``), left;
    - lanes: lane_opened, lane_closed.
    """

    t_s: float
    kind: str
    shopper: int | None = None
    epc: str | None = None
    gtin: str | None = None
    shelf: str | None = None
    lane: str | None = None
    door: str | None = None
    transaction: str | None = None
    delivery: str | None = None
    code: str | None = None
    """What a scanner reads; the product's number where it is left out."""
    quantity: int | None = None
    gtins: tuple[str, ...] = ()
    epcs: tuple[str, ...] = ()
    member: bool = False
