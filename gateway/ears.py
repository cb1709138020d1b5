"""What the gateway hears besides facts: samples of lanes and doors, and what nodes say of themselves."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import msgspec
from prometheus_client import CollectorRegistry, Counter

from cloud_sync.mqtt.link import MqttLink
from cloud_sync.stream import dead_letters
from gateway.api.desk import LANES, STATUS, Desk
from models.messages.codec import decode
from models.messages.errors import Malformed, WireError
from models.messages.samples import AdviceSample, DoorSample, LaneSample, NodeStatus
from models.messages.topics import ANY, AdviceTopic, DoorTopic, LaneTopic, StatusTopic, Topic, parse_topic

S = TypeVar("S", bound=msgspec.Struct)


def listen(link: MqttLink, desk: Desk, registry: CollectorRegistry) -> None:
    """Subscribe to samples and statuses; each replaces the one before."""
    store = desk.settings.store.id
    refused = Counter("aisle_samples_refused", "Samples and statuses refused", ["reason"], registry=registry)

    def refuse(topic: str, payload: bytes, error: WireError) -> None:
        refused.labels(error.reason).inc()
        _keep(desk, topic, payload, error)

    def hear(pattern: Topic, kind: type[S], put: Callable[[Desk, str, S], None], news: str) -> None:
        def handle(topic: str, payload: bytes) -> None:
            if not payload:
                return  # a retained message that was taken back
            try:
                put(desk, topic, decode(payload, kind))
            except WireError as error:
                refuse(topic, payload, error)
                return
            desk.watchers.tell(news)

        link.subscribe(str(pattern), 0, handle)

    hear(LaneTopic(store, ANY), LaneSample, _lane, LANES)
    hear(DoorTopic(store, ANY), DoorSample, _door, LANES)
    hear(AdviceTopic(store, ANY), AdviceSample, _advice, LANES)
    hear(StatusTopic(store, ANY), NodeStatus, _node, STATUS)


def _lane(desk: Desk, topic: str, sample: LaneSample) -> None:
    _same(topic, LaneTopic(desk.settings.store.id, sample.lane))
    desk.samples.put_lane(sample)


def _door(desk: Desk, topic: str, sample: DoorSample) -> None:
    _same(topic, DoorTopic(desk.settings.store.id, sample.door))
    desk.samples.put_door(sample)


def _advice(desk: Desk, topic: str, sample: AdviceSample) -> None:
    _same(topic, AdviceTopic(desk.settings.store.id, sample.node))
    desk.samples.put_advice(sample)


def _node(desk: Desk, topic: str, status: NodeStatus) -> None:
    _same(topic, StatusTopic(desk.settings.store.id, status.node))
    desk.samples.put_node(status)


def _same(topic: str, expected: LaneTopic | DoorTopic | AdviceTopic | StatusTopic) -> None:
    # The broker checks who may say a topic; a message that names somebody else would go round that.
    if parse_topic(topic) != expected:
        raise Malformed(f"it speaks of {expected}, and came on {topic}")


def _keep(desk: Desk, topic: str, payload: bytes, error: WireError) -> None:
    keep = partial(
        dead_letters.keep,
        t_ms=desk.clock.now_ms(),
        source=topic,
        reason=error.reason,
        detail=str(error),
        body=payload,
    )
    desk.writer.submit(keep)
