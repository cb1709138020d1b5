"""What a broker has to do for a store, over each broker: judged by what arrives, not by what is granted."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from cloud_sync.mqtt import MqttLink
from cloud_sync.settings import BrokerSettings
from models.process.health import Health

OpenLink = Callable[..., MqttLink]
Heard = list[tuple[str, bytes]]


def until(condition: Callable[[], object], timeout_s: float = 20.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.01)


def publish_until_heard(link: MqttLink, topic: str, heard: Heard, retain: bool = False) -> None:
    """Publish a last good message and wait for it: what did not arrive before it will not arrive."""
    while not any(payload == b"fence" for _topic, payload in heard):
        assert link.publish(topic, b"fence", qos=1, retain=retain)
        time.sleep(0.05)


def test_a_device_is_heard_by_its_node_and_can_speak_for_no_other_device(open_link: OpenLink) -> None:
    heard: Heard = []
    open_link("node-1", hear={"aisle/v1/s1/dev/scanner-1/+": heard, "aisle/v1/s1/dev/scanner-2/+": heard})
    scanner = open_link("scanner-1")
    scanner.publish("aisle/v1/s1/dev/scanner-2/code", b"forged", qos=1)
    publish_until_heard(scanner, "aisle/v1/s1/dev/scanner-1/code", heard)
    assert {payload for _topic, payload in heard} == {b"fence"}


def test_a_node_hears_only_the_devices_that_it_was_given(open_link: OpenLink) -> None:
    given: Heard = []
    others: Heard = []
    open_link("node-1", hear={"aisle/v1/s1/dev/scanner-1/+": given})
    open_link("node-2", hear={"aisle/v1/s1/dev/scanner-1/+": others, "aisle/v1/s1/dev/+/+": others, "#": others})
    scanner = open_link("scanner-1")
    publish_until_heard(scanner, "aisle/v1/s1/dev/scanner-1/code", given)
    assert others == []


def test_a_device_hears_nothing_at_all(open_link: OpenLink) -> None:
    heard: Heard = []
    control: Heard = []
    open_link("scanner-1", hear={"#": heard, "aisle/v1/s1/lane/+": heard, "aisle/v1/s1/dev/scanner-1/+": heard})
    open_link("gateway", hear={"aisle/v1/s1/lane/+": control})
    publish_until_heard(open_link("node-1"), "aisle/v1/s1/lane/lane-1", control)
    assert heard == []


def test_a_node_can_send_facts_and_samples_of_its_own_only(open_link: OpenLink) -> None:
    heard: Heard = []
    topics = ("node/+/facts/+", "node/+/status", "lane/+", "door/+")
    open_link("gateway", hear={f"aisle/v1/s1/{topic}": heard for topic in topics})
    node = open_link("node-2")
    for topic in (
        "node/node-1/facts/ledger",
        "node/node-1/status",
        "lane/lane-1",
        "door/main",
        "node/gateway/status",
    ):
        node.publish(f"aisle/v1/s1/{topic}", b"forged", qos=1)
    publish_until_heard(node, "aisle/v1/s1/node/node-2/facts/ledger", heard)
    assert {payload for _topic, payload in heard if b"forged" in payload} == set()


def test_acknowledgements_and_commands_reach_only_the_node_that_they_are_for(open_link: OpenLink) -> None:
    for_one: Heard = []
    for_two: Heard = []
    both = {"aisle/v1/s1/node/node-1/acks/+": for_one, "aisle/v1/s1/node/node-1/command": for_one}
    open_link("node-1", hear=both)
    open_link("node-2", hear={**dict.fromkeys(both, for_two), "aisle/v1/s1/node/+/acks/+": for_two})
    gateway = open_link("gateway")
    publish_until_heard(gateway, "aisle/v1/s1/node/node-1/acks/ledger", for_one)
    for_one.clear()
    publish_until_heard(gateway, "aisle/v1/s1/node/node-1/command", for_one)
    assert for_two == []


def test_a_node_cannot_acknowledge_or_command_another(open_link: OpenLink) -> None:
    heard: Heard = []
    open_link("node-1", hear={"aisle/v1/s1/node/node-1/acks/+": heard, "aisle/v1/s1/node/node-1/command": heard})
    other = open_link("node-2")
    other.publish("aisle/v1/s1/node/node-1/acks/ledger", b"forged", qos=1)
    other.publish("aisle/v1/s1/node/node-1/command", b"forged", qos=1)
    publish_until_heard(open_link("gateway"), "aisle/v1/s1/node/node-1/acks/ledger", heard)
    assert {payload for _topic, payload in heard} == {b"fence"}


def test_what_is_known_of_baskets_reaches_every_node_and_only_the_gateway_may_say_it(open_link: OpenLink) -> None:
    one: Heard = []
    two: Heard = []
    nodes = [open_link(f"node-{n}", hear={"aisle/v1/s1/baskets": heard}) for n, heard in ((1, one), (2, two))]
    scanner = open_link("scanner-1", hear={"aisle/v1/s1/baskets": one})
    for forger in (*nodes, scanner):
        forger.publish("aisle/v1/s1/baskets", b"forged", qos=1)
    gateway = open_link("gateway")
    publish_until_heard(gateway, "aisle/v1/s1/baskets", one)
    until(lambda: two)
    assert {payload for _topic, payload in (*one, *two)} == {b"fence"}


def test_who_comes_late_gets_the_newest_sample(open_link: OpenLink) -> None:
    first: Heard = []
    late: Heard = []
    open_link("gateway", hear={"aisle/v1/s1/lane/+": first})
    node = open_link("node-1")
    node.publish("aisle/v1/s1/lane/lane-1", b"older", qos=1, retain=True)
    publish_until_heard(node, "aisle/v1/s1/lane/lane-1", first, retain=True)
    open_link("node-2", hear={"aisle/v1/s1/lane/+": late})
    until(lambda: late)
    assert late[0] == ("aisle/v1/s1/lane/lane-1", b"fence")


VICTIM = """
import sys, time
from cloud_sync.mqtt import MqttLink
from cloud_sync.settings import MqttSettings
from models.process.clock import SystemClock
from models.process.health import Health
link = MqttLink(MqttSettings(hosts=[sys.argv[1]], username="node-1", password="correct-horse"), client_id="node-1",
                will=("aisle/v1/s1/node/node-1/status", b"offline"), health=Health(SystemClock()))
link.start()
while not link.is_connected: time.sleep(0.01)
link.publish("aisle/v1/s1/node/node-1/status", b"online", qos=1, retain=True)
time.sleep(60)
"""


def test_a_killed_node_is_said_to_be_offline_and_a_stopped_one_as_well(
    open_link: OpenLink, broker_settings: BrokerSettings
) -> None:
    heard: Heard = []
    open_link("gateway", hear={"aisle/v1/s1/node/+/status": heard})
    with subprocess.Popen([sys.executable, "-c", VICTIM, broker_settings.listen]) as victim:
        until(lambda: heard and heard[-1][1] == b"online")
        victim.send_signal(signal.SIGKILL)
    until(lambda: heard[-1] == ("aisle/v1/s1/node/node-1/status", b"offline"))
    late: Heard = []
    open_link("node-2", will=("aisle/v1/s1/node/node-2/status", b"gone"), hear={"#": late}).stop()
    until(lambda: heard[-1] == ("aisle/v1/s1/node/node-2/status", b"gone"))


@pytest.mark.parametrize(("name", "password"), [("node-1", "wrong-password"), ("nobody", "correct-horse"), ("", "")])
def test_a_stranger_is_refused_and_the_status_says_so(
    open_link: OpenLink, health: Health, name: str, password: str
) -> None:
    link = open_link(name, password=password, wait=False)
    until(health.problems)
    assert not link.is_connected
    (problem,) = health.problems()
    assert problem.subject == "broker"
    assert "password" not in problem.message


def test_a_handler_that_raises_is_called_again_for_the_next_message(open_link: OpenLink) -> None:
    heard: Heard = []

    def fails(topic: str, payload: bytes) -> None:
        heard.append((topic, payload))
        raise ValueError(payload)

    node = open_link("node-1")
    node.subscribe("aisle/v1/s1/lane/+", 1, fails)
    for n in range(5):
        node.publish("aisle/v1/s1/lane/lane-1", b"%d" % n, qos=1)
    publish_until_heard(node, "aisle/v1/s1/lane/lane-1", heard)


def test_passwords_can_be_read_by_their_owner_only(broker_settings: BrokerSettings) -> None:
    secret = [path for path in broker_settings.data_dir.iterdir() if path.name in {"nats.conf", "passwords", "acl"}]
    assert secret
    for path in secret:
        assert path.stat().st_mode & 0o077 == 0
