"""The pure floor of a node, from its settings and from what it remembers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from prometheus_client import CollectorRegistry, Gauge

from cloud_sync.stream.writer import Writer
from edge.adapters.mqtt_devices import DevicePlan
from edge.core.exit import DoorAntenna, Exits, Side
from edge.core.floor import Floor
from edge.core.shelf.presence import Presence
from edge.core.shelf.settings import PresenceSettings
from edge.core.wait.board import LaneBoard
from edge.core.wait.counsel import Counsel
from edge.core.wait.hours import Hours
from edge.core.wait.outlook import SLOT_MIN, Outlook
from edge.core.wait.waits import LaneSetup
from edge.record import kept_value, said_items
from edge.settings import EdgeSettings, LaneSettings
from models.codes.epc import identify

_log = structlog.get_logger(__name__)

SIDES: Final[dict[str, Side]] = {"inside": "inside", "outside": "outside"}
"""What an antenna of a door may be called so that its side counts."""


def compose_floor(settings: EdgeSettings, writer: Writer, now_ms: int) -> Floor:
    """The node's floor, going on where the node stopped."""
    antennas = antenna_shelves(settings)
    with writer.reading() as connection:
        belief, doors = kept_value(connection, "presence"), kept_value(connection, "doors")
        exits, outlook = kept_value(connection, "exits"), kept_value(connection, "outlook")
        lanes, said = kept_value(connection, "lanes"), list(said_items(connection))
    floor = Floor(
        presence=_presence(settings, antennas, belief) if antennas else None,
        shelves=antennas,
        boards=lane_boards(settings),
        doors=[door.id for camera in settings.camera for door in camera.doors],
        identify=_identify,
        day_of=day_in(settings.time_zone, settings.closing),
        now_ms=now_ms,
        exits=_exits(settings, exits),
        counsel=_counsel(settings, outlook) if settings.lane else None,
    )
    for epc, shelf, taken, _p, _t_ms in said:
        floor.restore_said(epc, shelf, taken=taken)
    if doors:
        floor.restore_doors(doors)
    if lanes:
        floor.restore_lanes(lanes, now_ms)
    return floor


def measure_floor(floor: Floor, registry: CollectorRegistry) -> None:
    """Show in the metrics what doors and inputs did not tell, and why."""
    rows: tuple[tuple[str, str, Callable[[], float]], ...] = (
        ("aisle_door_passed_by", "Visits to doors that were no way out", lambda: floor.exits.passed_by),
        ("aisle_door_late_reads", "Reads at doors that came too late", lambda: floor.exits.late_reads),
        ("aisle_door_refused_reads", "Reads at doors of more tags than are held", lambda: floor.exits.refused_reads),
        ("aisle_inputs_left_out", "Changes of inputs that chatter", lambda: floor.inputs.left_out),
    )
    for name, what, value in rows:
        Gauge(name, what, registry=registry).set_function(value)


def antenna_shelves(settings: EdgeSettings) -> dict[str, str]:
    """Antenna, named ``device:number``, → shelf; the antennas of doors are none."""
    named = [(device.device, device.antennas) for device in settings.shelf_device]
    named += [(reader.name, reader.antennas) for reader in settings.reader if reader.door is None]
    return {f"{name}:{number}": shelf for name, antennas in named for number, shelf in antennas.items()}


def door_antennas(settings: EdgeSettings) -> dict[str, DoorAntenna]:
    """Antenna, named ``reader:number``, → the door at which it hangs, and on which side."""
    return {
        f"{reader.name}:{number}": DoorAntenna(reader.door, SIDES.get(name, ""))
        for reader in settings.reader
        if reader.door is not None
        for number, name in reader.antennas.items()
    }


def device_plan(settings: EdgeSettings) -> DevicePlan:
    """Which MQTT device does what here."""
    return DevicePlan(
        shelves={device.device: dict(device.antennas) for device in settings.shelf_device},
        ignored={device.device: device.ignore_epcs for device in settings.shelf_device},
        counters={lane.counter: lane.id for lane in settings.lane if lane.counter},
        tills={lane.till: lane.id for lane in settings.lane if lane.till},
        scanners=frozenset(settings.scanners),
    )


def lane_boards(settings: EdgeSettings) -> list[LaneBoard]:
    """One board for the lanes that share their service times and whether a till speaks for them."""
    zone = ZoneInfo(settings.time_zone)

    def minute_of(t_ms: int) -> float:
        now = datetime.fromtimestamp(t_ms / 1000, zone)
        return now.hour * 60 + now.minute + now.second / 60

    groups: dict[tuple[bool, str, float], list[LaneSettings]] = {}
    for lane in settings.lane:
        groups.setdefault((lane.till is not None, lane.kind, lane.mean_service_s), []).append(lane)
    return [
        LaneBoard(
            [LaneSetup(id=lane.id, kind=lane.kind, servers=lane.servers, open=lane.open) for lane in group],
            pos=has_till,
            mean_service={kind: mean_service_s},
            names={lane.id: lane.name or lane.id for lane in group},
            hours={lane.id: kept for lane in group if (kept := _hours(lane)) is not None},
            minute_of=minute_of,
        )
        for (has_till, kind, mean_service_s), group in groups.items()
    ]


def _hours(lane: LaneSettings) -> Hours | None:
    """The hours that a lane keeps, if any."""
    if lane.opens is None or lane.closes is None:
        return None
    return Hours(_minute(lane.opens), _minute(lane.closes))


def _minute(clock: str) -> int:
    """The minute of the day of "19:30"."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _counsel(settings: EdgeSettings, kept: bytes | None) -> Counsel:
    zone = ZoneInfo(settings.time_zone)

    def slot_of(t_ms: int) -> int:
        """Which quarter of an hour of the store's week."""
        now = datetime.fromtimestamp(t_ms / 1000, zone)
        return (now.weekday() * 24 + now.hour) * 60 // SLOT_MIN + now.minute // SLOT_MIN

    outlook = Outlook(slot_of)
    if kept is not None:
        outlook.load(kept)
    return Counsel(settings.node, outlook)


def _presence(settings: EdgeSettings, antennas: dict[str, str], belief: bytes | None) -> Presence:
    shelves = settings.shelves
    wanted = PresenceSettings(cycle_ms=shelves.cycle_ms, false_takes_per_1000_h=shelves.false_takes_per_1000_h)
    if belief is not None:
        try:
            return Presence.load(belief, wanted, antennas, shelves.neighbours)
        except ValueError as error:
            # What was said of each item is kept apart: a belief that cannot be read costs a minute, not the stock.
            _log.warning("belief not taken over", reason=str(error))
    return Presence(wanted, antennas, shelves.neighbours)


def _exits(settings: EdgeSettings, kept: bytes | None) -> Exits:
    strong = {reader.door: reader.door_strong_dbm for reader in settings.reader if reader.door is not None}
    exits = Exits(door_antennas(settings), strong_dbm=strong)
    if kept is not None:
        try:
            exits.restore(kept)
        except ValueError as error:
            _log.warning("doors not taken over", reason=str(error))
    return exits


@lru_cache(maxsize=50_000)
def _identify(epc: str) -> tuple[str | None, str | None]:
    decoded = identify(epc)
    return decoded.gtin, decoded.serial


def day_in(time_zone: str, closing: str) -> Callable[[int], str]:
    """Which day of the store a time belongs to. One that closes at 02:00 has its small hours with the day before."""
    zone = ZoneInfo(time_zone)
    hours, minutes = map(int, closing.split(":"))
    # A store that closes in the evening begins its next day then: its doors stay shut until the morning.
    shift = timedelta(hours=hours, minutes=minutes) - timedelta(days=hours >= 12)

    def day_of(t_ms: int) -> str:
        return (datetime.fromtimestamp(t_ms / 1000, zone).replace(tzinfo=None) - shift).date().isoformat()

    return day_of
