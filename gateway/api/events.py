"""The event stream of a handheld and of the manager's page."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel

from gateway.api.access import CLERK, Clerk, room
from gateway.api.alarms import news as alarm_news
from gateway.api.desk import LANES, STATUS, STOCK, TASKS, Desk, desk_of
from gateway.api.lanes import lanes_now
from gateway.api.tasks import news as task_news
from gateway.api.watchers import BEAT, OPENED
from gateway.store.fold import ALARMS, DELIVERIES
from models.process.refusals import stream_errors
from models.process.web import StrictRoute

router = APIRouter(prefix="/api", tags=["events"], route_class=StrictRoute)


class StockNews(BaseModel):
    """Products whose stock, price or name changed; an empty list means any of them."""

    gtins: list[str]


class DeliveryNews(BaseModel):
    """Deliveries of which something was scanned, opened or closed; an empty list means any of them."""

    changed: list[str]


class StatusNews(BaseModel):
    """How many problems the store has now, and which nodes are online."""

    problems: int
    nodes: dict[str, str]


def _status(desk: Desk) -> StatusNews:
    nodes = desk.samples.nodes()
    problems = len(desk.health.problems()) + sum(len(node.problems) for node in nodes)
    return StatusNews(problems=problems, nodes={node.node: node.state for node in nodes})


@router.get("/events", response_class=EventSourceResponse, dependencies=[Depends(room)], responses=stream_errors())
async def events(request: Request, clerk: Annotated[Clerk, Depends(CLERK)]) -> AsyncIterator[ServerSentEvent]:
    """What changes: ``stock`` with GTINs, ``lanes`` with all lanes and doors, ``status`` with problems and nodes,
    ``tasks`` with how many there are, how many are mine, and those that changed, ``alarms`` with how many are open,
    ``deliveries`` with their numbers.

    All but ``stock`` and ``deliveries`` come when the stream opens, ``status`` again after 25 seconds without news:
    silence for longer means that the line is dead. A page that takes nothing for half a minute is dropped.
    """
    desk = desk_of(request)
    async for topic, names in desk.watchers.watch({STOCK, DELIVERIES, LANES, TASKS, ALARMS, STATUS}):
        if topic == STOCK:
            yield ServerSentEvent(event=STOCK, data=StockNews(gtins=names))
        if topic in {LANES, OPENED}:
            yield ServerSentEvent(event=LANES, data=lanes_now(desk).model_dump(by_alias=True))
        if topic in {TASKS, OPENED}:
            yield ServerSentEvent(event=TASKS, data=task_news(desk, clerk.id, names))
        if topic in {ALARMS, OPENED}:
            yield ServerSentEvent(event=ALARMS, data=alarm_news(desk))
        if topic == DELIVERIES:
            yield ServerSentEvent(event=DELIVERIES, data=DeliveryNews(changed=names))
        if topic in {STATUS, OPENED, BEAT}:
            yield ServerSentEvent(event=STATUS, data=_status(desk))
