"""The shapes of what people look at. Times are ms since 1970, money is in minor units."""

from typing_extensions import TypedDict  # pydantic reads typing's own only from Python 3.12 on


class Sum(TypedDict):
    """Sales in one currency; currencies are never added."""

    currency: str
    sales: int
    pieces: int
    total_minor: int


class StreamPosition(TypedDict):
    """How far one stream of a store has been folded."""

    node: str
    stream: str
    upto: int
    t_ms: int


class StoreProblem(TypedDict):
    """Something that is wrong in a store."""

    node: str
    subject: str
    code: str
    since_ms: int


class Footfall(TypedDict):
    """Who came and went on a day, and who came in each of its 24 hours."""

    entered: int
    left: int
    inside: int
    hours: list[int]


class LaneWait(TypedDict):
    """A lane's newest minute."""

    lane: str
    t_ms: int
    people_mean: float
    people_max: int
    open_s: float
    wait_s: float | None
    wait_high_s: float | None


class WorstWait(TypedDict):
    """The longest wait of the newest minutes, that of the whole span, and how many were served in it."""

    worst_now_s: float | None
    worst_recent_s: float | None
    served: int


class Waits(WorstWait):
    """The same with its lanes."""

    lanes: list[LaneWait]


class Missing(TypedDict):
    """What a store misses of the last thirty days, and how many alarms ring there."""

    items: int
    value_minor: int
    currency: str
    alarms: int


class StoreGlance(TypedDict):
    """A store at a glance. ``untold``: facts that it has yet to hear; ``dropped``: facts lost to full disks."""

    store: str
    name: str
    time_zone: str
    day: str
    seen_ms: int | None
    alive: bool
    streams: list[StreamPosition]
    untold: int
    dropped: int
    problems: list[StoreProblem]
    on_hand: int
    products: int
    sales: list[Sum]
    footfall: Footfall
    waits: Waits
    missing: Missing


class AllStores(TypedDict):
    """All stores together."""

    stores: int
    alive: int
    problems: int
    on_hand: int
    products: int
    members: int
    sales: list[Sum]
    footfall: Footfall
    waits: WorstWait


class Overview(TypedDict):
    """All stores at a glance, at ``t_ms``."""

    t_ms: int
    stores: list[StoreGlance]
    total: AllStores


class Price(TypedDict):
    """The price that holds now."""

    currency: str
    price_minor: int


class StoreStock(TypedDict):
    """What a store has of a product."""

    store: str
    name: str
    on_hand: int
    t_ms: int


class Product(TypedDict):
    """A product of the catalogue with what each store has."""

    gtin: str
    name_en: str
    name_zh: str
    category: str
    tagged: bool
    active: bool
    prices: list[Price]
    on_hand: int
    stores: list[StoreStock]


class Found(TypedDict):
    """What a search found."""

    products: list[Product]


class SoldProduct(TypedDict):
    """What was sold of a product on a day; its names where the catalogue has it."""

    gtin: str
    name_en: str | None
    name_zh: str | None
    currency: str
    pieces: int
    total_minor: int


class StoreSales(TypedDict):
    """A store's day, and the twenty products that brought most."""

    store: str
    name: str
    day: str
    sales: list[Sum]
    products: list[SoldProduct]


class Sales(TypedDict):
    """Sales of a day by store and in total."""

    stores: list[StoreSales]
    total: list[Sum]


class StoreFootfall(Footfall):
    """The footfall of one store on one day."""

    store: str
    name: str
    day: str


class FootfallTotal(TypedDict):
    """Who came and went in all stores."""

    entered: int
    left: int
    inside: int


class FootfallDay(TypedDict):
    """Footfall of a day by store and in total."""

    stores: list[StoreFootfall]
    total: FootfallTotal


class StoreWaits(Waits):
    """The waits of one store."""

    store: str
    name: str


class WaitsNow(TypedDict):
    """Waits by store, and the worst of all."""

    stores: list[StoreWaits]
    total: WorstWait


class StoreMembers(TypedDict):
    """How many members a store has registered."""

    store: str
    name: str
    members: int


class MembersTotal(TypedDict):
    """Members and the points ledger."""

    members: int
    points: int
    entries: int
    tiers: dict[str, int]


class Members(TypedDict):
    """How many members there are. Names and phones stay sealed."""

    stores: list[StoreMembers]
    total: MembersTotal


class LineError(TypedDict):
    """What is wrong with one line of an import."""

    line: int
    message: str


# "import" is no name in Python, hence the other way to write a TypedDict.
ImportState = TypedDict(
    "ImportState",
    {
        "import": int,
        "state": str,
        "lines": int,
        "done": int,
        "entered": int,
        "wrong": int,
        "errors": list[LineError],
    },
)
"""How far an import is."""


class PlanSlot(TypedDict):
    """A product on a shelf of a store's plan."""

    shelf: str
    gtin: str
    name_en: str | None
    name_zh: str | None
    facings: int
    capacity: int
    low: int
    t_ms: int


class StorePlan(TypedDict):
    """What belongs where in a store."""

    store: str
    slots: list[PlanSlot]


class BadLine(TypedDict):
    """A line of a file that was left out, and why."""

    line: int
    why: str


class PlanImport(TypedDict):
    """What an import of a plan did: good lines of the file, slots that really changed, lines left out."""

    rows: int
    changed: int
    refused: list[BadLine]


class DeliveryLine(TypedDict):
    """What of one product was announced and what came."""

    gtin: str
    name_en: str | None
    name_zh: str | None
    expected: int
    received: int


class Misrouted(TypedDict):
    """A unit that came without being announced, and the store that it was announced to, if any."""

    sscc: str
    expected_by: str | None


class HqDelivery(TypedDict):
    """A delivery to a store: on its way, received or cancelled."""

    store: str
    name: str
    delivery: str
    supplier: str
    due_ms: int
    state: str
    received_ms: int | None
    units: int
    units_seen: int
    expected: int
    received: int
    lines: list[DeliveryLine]
    misrouted: list[Misrouted]


class HqDeliveries(TypedDict):
    """Deliveries: those on their way first."""

    deliveries: list[HqDelivery]


class OpenAlarm(TypedDict):
    """An alarm that nobody in the store has closed."""

    alarm: str
    type: str
    gtin: str | None
    shelf: str | None
    door: str | None
    quantity: int
    t_ms: int


class StoreLosses(TypedDict):
    """What a store misses, what of it turned up again, why, and the alarms that ring there."""

    store: str
    name: str
    currency: str
    items: int
    value_minor: int
    found: int
    reasons: dict[str, int]
    alarms: list[OpenAlarm]


class Losses(TypedDict):
    """What stores missed since ``since_ms``."""

    since_ms: int
    stores: list[StoreLosses]
