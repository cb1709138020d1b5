"""The demo's processes, started in the order in which they need each other, and what people do on the first day."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from firmware_stubs.demo.people import FirstManager, Manager, OtherStore, Staff, read_enrolment
from firmware_stubs.demo.plan import STAFF, Plan
from firmware_stubs.demo.supervise import DemoError, Program, answers, is_listening
from firmware_stubs.store.day import Day
from firmware_stubs.store.goods import nth_delivery

ANNOUNCED_AHEAD_S = 900.0
AISLE = (sys.executable, "-m", "aisle")
Progress = Callable[[str], None]

NAMES = {
    "broker": "broker",
    "hq": "headquarters",
    "shelves": "edge node: shelves and scanner",
    "checkouts": "edge node: checkouts, camera, store screen",
    "gateway": "gateway",
    "pretend": "pretend devices on the real wires",
}


@dataclass
class RunningStore:
    """A whole store on this machine. ``start`` brings it up, ``stop`` takes it down, the last started first."""

    plan: Plan
    broker: Literal["nats", "mosquitto"] = "nats"
    """The embedded one, or Debian's Mosquitto with the same rights."""
    programs: dict[str, Program] = field(default_factory=dict)
    manager: Manager | None = None
    staff: Staff | None = None
    other: OtherStore | None = None
    first: FirstManager | None = None
    clerk_pin: str = ""
    handheld_url: str = ""
    notices: list[dict[str, Any]] = field(default_factory=list)
    """Shipping notices that are entered before the devices start, beside the day's own."""
    _opened_ms: int = 0
    _announced: int = 0

    @property
    def hq_url(self) -> str:
        """Headquarters' address."""
        return f"http://127.0.0.1:{self.plan.ports.hq}"

    @property
    def gateway_url(self) -> str:
        """The gateway's address."""
        return f"http://127.0.0.1:{self.plan.ports.gateway}"

    @property
    def screen_url(self) -> str:
        """The store screen's address."""
        return f"http://127.0.0.1:{self.plan.ports.screen}"

    def start(self, say: Progress) -> None:
        """Start everything.

        Raises:
            DemoError: some part did not come up; the text has the end of its log.
        """
        self.plan.write()
        with self._enrol() as enrolling:
            # None of them needs another one to start: each waits for what it needs, as after a power cut.
            self._begin("broker", lambda: is_listening(self.plan.ports.broker))
            self._begin("hq", lambda: answers(f"{self.hq_url}/health"))
            self._begin("shelves", lambda: answers(f"http://127.0.0.1:{self.plan.ports.shelves}/health"))
            self._begin("checkouts", lambda: answers(f"{self.screen_url}/health"))
            self.first = _enrolled(enrolling)
        self._begin("gateway", lambda: answers(f"{self.gateway_url}/health"))
        for name in ("broker", "hq", "shelves", "checkouts", "gateway"):
            self.programs[name].wait_until_ready()
            say(NAMES[name])
        self.staff = Staff(self.hq_url, STAFF, self.plan.staff_password)
        say(f"{self.staff.enter_catalogue()} products and prices entered at headquarters")
        self.other = OtherStore(self.hq_url, self.plan.other_key)
        self.other.count(time.time_ns() // 1_000_000)
        self._first_day(say)
        self._begin("pretend", lambda: is_listening(self.plan.ports.reader))
        self.programs["pretend"].wait_until_ready()
        say(NAMES["pretend"])

    def _enrol(self) -> subprocess.Popen[str]:
        """Begin to make the first manager: the gateway waits for it, so it begins before all others."""
        command = [*AISLE, "gateway", "enrol", "--config", str(self.plan.file("gateway"))]
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def _first_day(self, say: Progress) -> None:
        """The manager counts, registers members and lets a handheld in, once the catalogue is there."""
        if self.first is None:
            raise DemoError("nobody is enrolled")
        self.manager = Manager(self.gateway_url, self.first)
        for _ in range(200):
            if self.manager.find("T-shirt"):
                break
            time.sleep(0.05)
        else:
            raise DemoError("the catalogue did not reach the gateway within 10 s")
        goods = Day(self.plan.day()).goods
        rows = self.manager.plan_shelves(goods)
        self.manager.count_stock(goods)
        members = self.manager.register_members()
        self.clerk_pin = self.manager.add_clerk("Demo clerk")
        self.handheld_url = self.manager.new_enrolment("Your browser")
        self.plan.write_pretend(members, self.manager.equip("Clerk B") if self.plan.has_clerk else None)
        self._opened_ms = time.time_ns() // 1_000_000
        for notice in self.notices:
            self.manager.announce(notice)
        self.announce()
        say(f"{rows} places planned, what has no tag counted, {len(members)} members registered")

    def announce(self) -> None:
        """Enter the shipping notices of what comes within the next while; what was entered stays."""
        if self.manager is None:
            return
        passed_s = (time.time_ns() // 1_000_000 - self._opened_ms) / 1000 * self.plan.speed
        while (comes := nth_delivery(self.plan.day(), self._announced + 1)).due_s < passed_s + ANNOUNCED_AHEAD_S:
            self.manager.announce(comes.announcement(self._opened_ms, self.plan.speed))
            self._announced += 1

    def _begin(self, name: str, is_ready: Callable[[], bool]) -> None:
        kind = name if name in {"broker", "hq", "gateway", "pretend"} else "edge"
        command = [*AISLE, kind, "--config", str(self.plan.file(name))]
        if name == "broker" and self.broker == "mosquitto":
            command = self._mosquitto()
        self.programs[name] = Program(name, command, self.plan.folder / f"{name}.log", is_ready)
        self.programs[name].start()

    def _mosquitto(self) -> list[str]:
        folder = self.plan.folder / "mosquitto"
        write = [*AISLE, "broker", "--config", str(self.plan.file("broker")), "--mosquitto", str(folder)]
        done = subprocess.run(write, capture_output=True, text=True, check=False)
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
        if done.returncode != 0 or program is None:
            raise DemoError(done.stderr or "Mosquitto is not installed: sudo apt-get install -y mosquitto")
        configuration = folder / "mosquitto.conf"
        if os.geteuid() == 0:
            # Started by root it becomes a user that may not read this folder.
            with configuration.open("a", encoding="utf-8") as more:
                more.write("user root\n")
        return [program, "-c", str(configuration)]

    def restart(self, name: str) -> None:
        """Start a program again after it was killed."""
        self.programs[name].start()

    def ended(self) -> list[str]:
        """Programs that are not running any more."""
        return [name for name, program in self.programs.items() if not program.is_running()]

    def stop(self) -> list[str]:
        """Stop everything, the last first; gives the names of those that did not stop cleanly."""
        for person in (self.manager, self.staff, self.other):
            if person:
                person.close()
        return [name for name, program in reversed(self.programs.items()) if not program.stop()]


def _enrolled(enrolling: subprocess.Popen[str]) -> FirstManager:
    said, complaint = enrolling.communicate()
    if enrolling.returncode != 0:
        raise DemoError(f"the gateway could not be prepared:\n{complaint or said}")
    return read_enrolment(said)
