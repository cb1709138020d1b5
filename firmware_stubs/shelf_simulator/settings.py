"""How the pretend shelves, tags and people are. Rates are per hour, durations in seconds, RSSI in dBm."""

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True)
class ShelfSettings:
    """A row of antennas, one shelf each, and what happens before them."""

    antennas: int = 20
    tags: int = 5_000
    tags_per_product: int = 10
    cycle_ms: int = 1_000
    hours: float = 8.0

    read_rate: Range = (0.40, 0.95)
    own_rssi: tuple[float, float, float] = (-56.0, 3.0, 2.0)  # mean, spread between tags, noise of a read
    cross_share: Range = (0.0, 0.35)  # of its own rate, by the nearer neighbour; the farther one a third of it
    cross_quieter_db: Range = (6.0, 14.0)
    hidden_rate: float = 0.08  # of its own rate
    hides_per_tag: float = 0.01
    hidden_s: Range = (60.0, 1_800.0)

    shadows_per_antenna: float = 25.0
    shadow_s: Range = (2.0, 40.0)
    shadow_factor: Range = (0.1, 0.7)
    shadow_db: Range = (0.0, 6.0)
    shadow_width: Range = (0.4, 1.0)  # of the shelf's length
    interference: float = 6.0
    interference_s: Range = (1.0, 12.0)
    interference_factor: Range = (0.1, 0.7)
    silences_per_antenna: float = 0.1
    silence_s: Range = (30.0, 900.0)
    silence_announced: float = 0.3

    looks_per_tag: float = 0.3
    takes_per_tag: float = 0.1
    misplacements_per_tag: float = 0.03
    returns_of_taken: float = 0.1
    hand_s: Range = (2.0, 30.0)
    thief_s: Range = (1.0, 4.0)
    thefts: float = 0.15  # of takes: gone at once
    hand_rate: float = 0.15  # of its own rate, by the shelf that it was lifted from
    basket_rate: float = 0.35
    basket_rssi: tuple[float, float] = (-66.0, 6.0)
    strays: float = 15.0
    stray_tags: tuple[int, int] = (1, 8)
    stops: tuple[int, int] = (1, 6)
    stop_s: Range = (2.0, 20.0)
    deliveries: float = 1.0  # of takes: as many new items come


SMALL = ShelfSettings(antennas=4, tags=400, hours=0.5)
"""Small enough to run many times."""
