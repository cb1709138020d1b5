"""How the pretend day goes."""

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True)
class DaySettings:
    """Times in seconds; the demo's day is a busy one, so that a minute shows something.

    Shares are of shoppers (``…_share``) or of lifts (``put_back_share``, ``misplace_share``).
    """

    seed: int = 1
    shelves: tuple[str, ...] = ("A1", "A2", "A3", "A4", "B1", "B2")
    untagged_shelf: str = "C1"
    """Where goods without tags stand; no antenna hears it."""
    backroom: str = "backroom"
    door: str = "main"
    lanes: tuple[str, ...] = ("1", "2", "3", "4")
    closed_lanes: tuple[str, ...] = ("4",)
    items_per_product: int = 12
    """Room for so many of each on its shelf; not every shelf is full when the day begins."""
    opening_shares: tuple[float, ...] = (1.0, 0.6, 1.0, 0.3, 0.85)
    backroom_per_product: int = 8
    loose_per_product: int = 24
    inside_at_first: int = 14
    """Shoppers who are in the store already, and soon at the checkouts."""
    opening_s: float = 8.0
    """Nobody lifts a tagged piece before: readers have to see the goods first."""
    arrivals_per_minute: float = 9.0
    mean_items: float = 3.0
    walk_s: float = 5.0
    put_back_share: float = 0.15
    misplace_share: float = 0.02
    browse_s: Range = (2.0, 12.0)
    service_base_s: float = 8.0
    service_per_item_s: float = 4.0
    member_share: float = 0.3
    scan_share: float = 0.3

    first_misplaced_s: float = 30.0
    """Once for certain, so that there is something to tidy up."""
    first_theft_s: float = 25.0
    thefts_per_hour: float = 15.0
    first_sweep_s: float = 90.0
    sweeps_per_hour: float = 4.0
    sweep_pieces: tuple[int, int] = (6, 8)
    linger_s: Range = (30.0, 60.0)
    """A thief goes on looking innocent for so long; who carries many, for longer."""
    sweeper_lingers_s: Range = (80.0, 110.0)

    first_delivery_s: float = 75.0
    deliveries_per_hour: float = 6.0

    has_clerk: bool = False
    """Somebody does the tasks; else shelves fill and tidy themselves."""
    refill_below: int = 6
    refill_after_s: float = 20.0
    tidy_after_s: float = 120.0
