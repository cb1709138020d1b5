"""Facts over MQTT: a link to whichever broker serves, and both ends of a stream on it."""

from cloud_sync.mqtt.fact_receiver import FactReceiver
from cloud_sync.mqtt.fact_sender import FactSender
from cloud_sync.mqtt.link import MqttLink

__all__ = ["FactReceiver", "FactSender", "MqttLink"]
