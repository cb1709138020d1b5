"""How lanes, doors and nodes are now: the newest sample of each, in memory, forgotten when it may not be believed."""

from threading import Lock
from typing import Final, TypeVar

from models.messages.samples import AdviceSample, DoorSample, LaneSample, NodeStatus

MOST_NAMES: Final = 1000
"""No shop has more lanes or doors; a device that invents names fills no memory."""

S = TypeVar("S", LaneSample, DoorSample, AdviceSample)


class Samples:
    """The newest sample of each lane, door and node. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lanes: dict[str, LaneSample] = {}
        self._doors: dict[str, DoorSample] = {}
        self._advice: dict[str, AdviceSample] = {}
        self._nodes: dict[str, NodeStatus] = {}

    def put_lane(self, sample: LaneSample) -> None:
        """Keep a lane's sample unless a newer one is known."""
        self._keep(self._lanes, sample.lane, sample)

    def put_door(self, sample: DoorSample) -> None:
        """Keep a door's sample unless a newer one is known."""
        self._keep(self._doors, sample.door, sample)

    def put_advice(self, sample: AdviceSample) -> None:
        """Keep a node's advice unless newer is known."""
        self._keep(self._advice, sample.node, sample)

    def put_node(self, status: NodeStatus) -> None:
        """Keep what a node says. Its last will carries the time at which it connected, and counts all the same."""
        with self._lock:
            self._nodes[status.node] = status

    def _keep(self, kept: dict[str, S], name: str, sample: S) -> None:
        with self._lock:
            known = kept.get(name)
            if known is None and len(kept) >= MOST_NAMES:
                return
            if known is None or sample.t_ms >= known.t_ms:
                kept[name] = sample

    def lanes(self, now_ms: int) -> list[LaneSample]:
        """Lanes by name; one that may not be believed any more is ``unknown``, without its numbers."""
        with self._lock:
            found = sorted(self._lanes.values(), key=lambda lane: lane.lane)
        return [lane if now_ms <= lane.believed_until_ms else _forgotten(lane) for lane in found]

    def doors(self, now_ms: int) -> list[DoorSample]:
        """Doors whose sample may still be believed, by name."""
        with self._lock:
            found = sorted(self._doors.values(), key=lambda door: door.door)
        return [door for door in found if now_ms <= door.believed_until_ms]

    def advice(self, now_ms: int) -> list[AdviceSample]:
        """Advice that may still be believed, by node."""
        with self._lock:
            found = sorted(self._advice.values(), key=lambda advice: advice.node)
        return [advice for advice in found if now_ms <= advice.believed_until_ms]

    def nodes(self) -> list[NodeStatus]:
        """What each node last said, or its last will."""
        with self._lock:
            return sorted(self._nodes.values(), key=lambda node: node.node)

    def online(self) -> dict[str, tuple[bool, int]]:
        """Node → whether it is online and when it said so."""
        return {node.node: (node.state == "online", node.t_ms) for node in self.nodes()}


def _forgotten(lane: LaneSample) -> LaneSample:
    return LaneSample(
        lane=lane.lane, t_ms=lane.t_ms, believed_until_ms=lane.believed_until_ms, state="unknown", name=lane.name
    )
