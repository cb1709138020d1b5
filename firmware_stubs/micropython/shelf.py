"""A smart shelf: RFID modules on UARTs, and what they see once a cycle, over MQTT.

    aisle/v1/{store}/dev/{device}/reads      {"reads":[{"epc","antenna","rssi_dbm"}…],"t_ms"}    QoS 1
    aisle/v1/{store}/dev/{device}/status     {"state":"online"|"offline","firmware","note"}      retained, last will offline

A cycle without tags is told, too: the shelf works and sees nothing. While the network or the broker is away, cycles wait
within bounds (``waiting.py``) and are sent when it is back. ``t_ms`` is left out until the clock has been set.
"""

import asyncio
import json
import random
import time

import machine
import network
from mqtt import Mqtt
from rfid import SILENT_MS, Module
from waiting import Waiting

FIRMWARE = "shelf 1.0"
MOST_TAGS = 250
FIRST_WAIT_MS, LONGEST_WAIT_MS = 500, 30_000
YEAR_2024_MS = 1_704_067_200_000


class Shelf:
    """Everything of one device. ``config`` is what ``config.json`` says; ``config.example.json`` explains it."""

    def __init__(self, config):
        self._config = config
        self._topic = "aisle/v1/%s/dev/%s/" % (config["store"], config["device"])
        self._cycle_ms = config.get("cycle_ms", 1000)
        self._modules = [_module(one) for one in config["modules"]]
        self._waiting = Waiting(config.get("buffer_messages", 120), config.get("buffer_bytes", 32_000))
        self._seen = {}
        self._told = None
        broker = config["broker"]
        self._mqtt = Mqtt(
            broker["host"],
            broker.get("port", 1883),
            config["device"],
            config["device"],
            broker.get("password"),
            will=(self._topic + "status", self._status("offline", "gone")),
            keepalive_s=broker.get("keepalive_s", 20),
        )

    async def run(self):
        """Run for ever."""
        asyncio.create_task(self._talk())
        watchdog = machine.WDT(timeout=60_000)
        next_cycle = time.ticks_add(time.ticks_ms(), self._cycle_ms)
        while True:
            for module in self._modules:
                for epc, rssi in module.poll():
                    self._see(epc, module.antenna, rssi)
            if time.ticks_diff(time.ticks_ms(), next_cycle) >= 0:
                next_cycle = time.ticks_add(next_cycle, self._cycle_ms)
                self._end_cycle()
                watchdog.feed()
            await asyncio.sleep_ms(20)

    def _see(self, epc, antenna, rssi):
        key = (epc, antenna)
        if key in self._seen or len(self._seen) < MOST_TAGS:
            self._seen[key] = max(rssi, self._seen.get(key, -200))

    def _end_cycle(self):
        reads = [{"epc": epc, "antenna": antenna, "rssi_dbm": rssi} for (epc, antenna), rssi in self._seen.items()]
        self._seen.clear()
        if self._dead() == len(self._modules):
            return  # nothing is known of the shelf, so nothing is said of it; the status says why
        message = {"reads": reads}
        now = _now_ms()
        if now > YEAR_2024_MS:
            message["t_ms"] = now
        self._waiting.add(json.dumps(message).encode())

    # --- the broker -------------------------------------------------------------------------------------------------

    async def _talk(self):
        wait_ms = FIRST_WAIT_MS
        while True:
            try:
                await self._join()
                await self._mqtt.connect()
                print("connected")
                wait_ms = FIRST_WAIT_MS
                await self._publish()
            except OSError as error:
                print("link:", error)
                self._mqtt.close()
            await asyncio.sleep_ms(wait_ms // 2 + random.getrandbits(16) % (wait_ms // 2))
            wait_ms = min(wait_ms * 2, LONGEST_WAIT_MS)

    async def _join(self):
        """Join the wireless network, where one is configured."""
        wifi = self._config.get("wifi")
        if not wifi:
            return
        station = network.WLAN(network.STA_IF)
        station.active(True)
        if not station.isconnected():
            station.connect(wifi["ssid"], wifi["password"])
            for _ in range(200):
                if station.isconnected():
                    break
                await asyncio.sleep_ms(100)
            else:
                raise OSError("no wireless network %s" % wifi["ssid"])
        if _now_ms() < YEAR_2024_MS:
            _set_clock()

    async def _publish(self):
        """Send what waits, until the link breaks (``OSError``)."""
        self._told = None
        self._waiting.begin()
        while True:
            self._tell_status()
            if self._mqtt.is_idle():
                for packet_id, payload, again in self._waiting.due():
                    self._mqtt.publish(self._topic + "reads", payload, packet_id, again=again)
            for packet_id in self._mqtt.poll():
                self._waiting.acknowledge(packet_id)
            await asyncio.sleep_ms(20)

    def _tell_status(self):
        """Say how we are when it has changed. A shelf that cannot read is offline, whoever still answers for it."""
        silent = ["%d" % module.antenna for module in self._modules if module.is_silent()]
        note = "module of antenna %s is silent" % ", ".join(silent) if silent else ""
        if self._waiting.dropped:
            note += "%s%d cycles were dropped while the network was away" % (
                "; " if note else "",
                self._waiting.dropped,
            )
        state = "offline" if self._dead() == len(self._modules) else "online"
        if (state, note) != self._told:
            self._told = (state, note)
            self._mqtt.publish(self._topic + "status", self._status(state, note), retain=True)

    def _dead(self):
        return sum(module.is_silent() for module in self._modules)

    def _status(self, state, note):
        return json.dumps({"state": state, "firmware": FIRMWARE, "note": note[:200]}).encode()


def _module(config):
    uart = machine.UART(
        config["uart"], baudrate=115_200, tx=config.get("tx"), rx=config.get("rx"), rxbuf=2048, timeout=0
    )
    return Module(uart, config["antenna"], config.get("power_dbm", 26), config.get("silent_ms", SILENT_MS))


def _now_ms():
    """Milliseconds since 1970; on some boards the epoch is 2000."""
    since_2000 = time.gmtime(0)[0] == 2000
    return time.time_ns() // 1_000_000 + (946_684_800_000 if since_2000 else 0)


def _set_clock():
    try:
        import ntptime

        ntptime.settime()
    except (ImportError, OSError) as error:
        print("clock:", error)
