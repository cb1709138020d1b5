"""The kinds of day: who comes when, with what baskets, to which lanes."""

from dataclasses import dataclass
from typing import Final

LONG_RUN_STAFFED_S: Final = 86.0
LONG_RUN_KIOSK_S: Final = 175.0


@dataclass(frozen=True)
class Scenario:
    """One kind of day; `arrivals` in people a minute, in equal parts of the day."""

    name: str
    arrivals: tuple[float, ...]
    lanes: int = 6
    open_lanes: int = 3
    kiosks: int = 0
    hours: float = 2.0
    baskets: float = 1.0
    speed_spread: float = 0.18
    hour_spread: float = 0.15
    stop_chance: float = 0.002
    stop_s: float = 240.0
    patience_s: float = 2400.0
    jockeying: float = 0.35
    shifts_s: float = 5400.0


SCENARIOS: Final = {
    scenario.name: scenario
    for scenario in (
        Scenario("quiet", arrivals=(0.7, 0.9, 1.1, 0.8), lanes=5, open_lanes=2, baskets=0.8),
        Scenario("lunch", arrivals=(1.5, 3.2, 4.6, 4.2, 2.6, 1.6), lanes=8, open_lanes=3, baskets=0.55),
        Scenario("saturday", arrivals=(3.2, 4.2, 4.8, 5.0, 4.6, 4.0), lanes=10, open_lanes=5, baskets=1.35),
        Scenario("breakdown", arrivals=(2.0, 2.6, 2.8, 2.4), lanes=6, open_lanes=4, stop_chance=0.025, stop_s=330.0),
        Scenario("kiosks", arrivals=(2.4, 3.0, 3.6, 3.0), lanes=4, open_lanes=2, kiosks=6, baskets=0.9),
    )
}
