"""Every fact there is, in one union: what a decoder tells apart by ``kind``."""

from models.messages.facts import (
    BasketLineAdded,
    BasketLineRemoved,
    CameraPreviewed,
    CodeScanned,
    DoorDay,
    DoorMinute,
    FactsDropped,
    FloorHeat,
    ItemMoved,
    ItemPlaced,
    ItemReturned,
    ItemTaken,
    LaneMinute,
    MemberChanged,
    MemberRegistered,
    MessageRefused,
    NodeHealth,
    PointsEntered,
    PriceChanged,
    ProductChanged,
    SaleCompleted,
    ShelfReader,
    StockChanged,
    StockCounted,
    StockElsewhere,
    ZoneMinute,
)
from models.messages.goods import (
    AlarmClosed,
    AlarmRaised,
    DeliveryExpected,
    DeliveryReceived,
    ItemExited,
    ItemFound,
    ItemMissing,
    PlanogramChanged,
    ReaderInput,
    ShelfCounted,
    TaskChanged,
)

AnyFact = (
    ItemPlaced
    | ItemMoved
    | ItemTaken
    | ItemReturned
    | ItemExited
    | ItemMissing
    | ItemFound
    | ShelfReader
    | ShelfCounted
    | ReaderInput
    | StockCounted
    | StockChanged
    | PlanogramChanged
    | DeliveryExpected
    | DeliveryReceived
    | TaskChanged
    | AlarmRaised
    | AlarmClosed
    | CodeScanned
    | SaleCompleted
    | BasketLineAdded
    | BasketLineRemoved
    | MemberRegistered
    | MemberChanged
    | PointsEntered
    | ProductChanged
    | PriceChanged
    | StockElsewhere
    | LaneMinute
    | DoorMinute
    | DoorDay
    | ZoneMinute
    | FloorHeat
    | NodeHealth
    | CameraPreviewed
    | MessageRefused
    | FactsDropped
)
