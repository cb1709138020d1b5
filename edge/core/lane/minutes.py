"""What cameras add up to, as facts: who came and went by lane and minute, dwell by zone, the heat of the floor."""

from edge.core.lane.queue import Flow
from edge.core.lane.told import CameraSums
from models.messages.facts import Fact, FloorHeat, ZoneMinute


class Flows:
    """How people came and went by lane since the last call; nothing of lanes that no camera follows."""

    def __init__(self) -> None:
        self._flows: dict[str, Flow] = {}

    def add(self, lane: str, flow: Flow) -> None:
        """A camera saw them."""
        self._flows[lane] = self._flows.get(lane, Flow()) + flow

    def take(self, lane: str) -> dict[str, int]:
        """Fields of the lane's minute."""
        flow = self._flows.get(lane)
        if flow is None:
            return {}
        self._flows[lane] = Flow()
        return {
            "joined": flow.joined,
            "abandoned": flow.abandoned,
            "changed_in": flow.changed_in,
            "changed_out": flow.changed_out,
        }


def facts_of(camera: str, sums: CameraSums) -> list[Fact]:
    """A minute's zones, and the heat where a quarter of an hour ended."""
    facts: list[Fact] = [
        ZoneMinute(
            t_ms=sums.t_ms,
            zone=zone,
            entered=total.entered,
            visits=total.visits,
            dwell_s=round(total.dwell_s, 1),
            people_mean=round(total.person_s / total.watched_s, 2) if total.watched_s else 0.0,
            people_max=total.people_max,
        )
        for zone, total in sums.zones.items()
    ]
    if sums.heat is not None:
        heat = sums.heat
        facts.append(
            FloorHeat(
                t_ms=sums.t_ms,
                camera=camera,
                columns=heat.columns,
                rows=heat.rows,
                watched_s=heat.watched_s,
                person_s=heat.person_s,
            )
        )
    return facts
