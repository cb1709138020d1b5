"""Who may say and hear which topics: one table, from which the configuration of every broker is made."""

from dataclasses import dataclass

from cloud_sync.settings import BrokerSettings, BrokerUser
from models.messages.topics import (
    ANY,
    AcksTopic,
    AdviceTopic,
    BasketsTopic,
    CommandTopic,
    DeviceTopic,
    DoorTopic,
    FactsTopic,
    LaneTopic,
    StatusTopic,
)


@dataclass(frozen=True)
class Rights:
    """Topic filters (``+`` is any one level) that a user may publish to and subscribe to."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def rights_of(settings: BrokerSettings, user: BrokerUser) -> Rights:
    """What ``user`` may do in this store. Everything else is refused."""
    store, name = settings.store, user.name
    samples = (LaneTopic(store, ANY), DoorTopic(store, ANY))
    publish: list[object]
    subscribe: list[object]
    if user.role == "device":
        publish, subscribe = [DeviceTopic(store, name, None)], []
    elif user.role == "node":
        publish = [FactsTopic(store, name, None), StatusTopic(store, name), AdviceTopic(store, name)]
        publish += [LaneTopic(store, lane) for lane in user.lanes] + [DoorTopic(store, door) for door in user.doors]
        subscribe = [AcksTopic(store, name, None), CommandTopic(store, name), BasketsTopic(store), *samples]
        subscribe += [DeviceTopic(store, device, None) for device in user.devices]
    else:
        publish = [AcksTopic(store, ANY, None), CommandTopic(store, ANY), StatusTopic(store, name)]
        publish.append(BasketsTopic(store))
        subscribe = [FactsTopic(store, ANY, None), StatusTopic(store, ANY), AdviceTopic(store, ANY), *samples]
    return Rights(tuple(map(str, publish)), tuple(map(str, subscribe)))
