"""The settings files of the demo's processes: one store, everything on loopback, every password drawn anew."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from argon2 import PasswordHasher

from firmware_stubs.demo.supervise import free_port
from firmware_stubs.store.day_settings import DaySettings

Table = Mapping[str, object]

STORE = "demo"
STORE_NAME = "Demo Street"
LANES = ("1", "2", "3", "4")
CAMERA_LANE = "5"
DOOR = "main"
LLRP_SHELVES = ("A1", "A2", "A3", "A4")
MQTT_SHELVES = ("B1", "B2")
UNTAGGED_SHELF = DaySettings.untagged_shelf
BACKROOM = DaySettings.backroom
SHELF_DEVICE = "shelf-b"
SCANNER = "scan-1"
OTHER_STORE = "harbour"
STAFF = "demo"


def secret() -> str:
    """A password that nobody has to type."""
    return secrets.token_urlsafe(18)


@dataclass(frozen=True)
class Ports:
    """Where the demo's processes listen, on loopback."""

    broker: int = field(default_factory=lambda: free_port(18_830))
    monitor: int = field(default_factory=lambda: free_port(8222))
    hq: int = field(default_factory=lambda: free_port(8090))
    gateway: int = field(default_factory=lambda: free_port(8080))
    shelves: int = field(default_factory=lambda: free_port(8082))
    screen: int = field(default_factory=lambda: free_port(8081))
    reader: int = field(default_factory=lambda: free_port(15_084))
    backroom_reader: int = field(default_factory=lambda: free_port(15_085))
    door_reader: int = field(default_factory=lambda: free_port(15_086))


@dataclass(frozen=True)
class Plan:
    """What the demo is made of. ``write`` puts its files into ``folder``."""

    folder: Path
    footage: Path | None
    seed: int
    arrivals_per_minute: float
    speed: float
    has_clerk: bool = True
    """Clerk B does tasks; without them shelves fill and tidy themselves."""
    script: Path | None = None
    """Happenings beside the day's own; see ``PretendSettings``."""
    exit_grace_s: int = 20
    bar_code_tills: tuple[str, ...] = ()
    """Lanes whose tills do not read tags: what was paid there is inferred from the product."""
    ports: Ports = field(default_factory=Ports)
    hq_key: str = field(default_factory=secret)
    other_key: str = field(default_factory=secret)
    staff_password: str = field(default_factory=lambda: f"demo-{secrets.randbelow(9000) + 1000}")
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def truth(self) -> Path:
        """Where the pretend store writes what really happened."""
        return self.folder / "truth.jsonl"

    def day(self) -> DaySettings:
        """The day that the pretend devices see, but for how many come."""
        return DaySettings(seed=self.seed, shelves=(*LLRP_SHELVES, *MQTT_SHELVES), door=DOOR)

    def devices(self) -> list[str]:
        """Every MQTT device of the store."""
        return [*(f"counter-{lane}" for lane in LANES), *(f"till-{lane}" for lane in LANES), SHELF_DEVICE, SCANNER]

    def write(self) -> None:
        """Write every settings file, readable by this user alone."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in (*self.devices(), "shelves", "checkouts", "gateway"):
            self.passwords.setdefault(name, secret())
        for name, text in (
            ("broker", self._broker()),
            ("hq", self._hq()),
            ("gateway", self._gateway()),
            ("shelves", self._shelves()),
            ("checkouts", self._checkouts()),
        ):
            self.file(name).write_text(text, encoding="utf-8")
            self.file(name).chmod(0o600)
        self.write_pretend([])

    def write_pretend(self, members: list[str], clerk: Table | None = None) -> None:
        """Write the pretend devices' file.

        ``members`` are those who show a member's code at the till, ``clerk`` is how Clerk B signs in.
        """
        self.file("pretend").write_text(self._pretend(members, clerk), encoding="utf-8")
        self.file("pretend").chmod(0o600)

    def file(self, name: str) -> Path:
        """A process's settings file."""
        return self.folder / f"{name}.toml"

    # --- the files ------------------------------------------------------------------------------------------

    def _broker(self) -> str:
        lanes = {"checkouts": [*LANES, CAMERA_LANE], "shelves": []}
        doors = {"checkouts": [DOOR], "shelves": []}
        hears = {"shelves": [SHELF_DEVICE, SCANNER], "checkouts": self.devices()[: 2 * len(LANES)]}
        users = [_user(name, self.passwords[name], "device") for name in self.devices()]
        users += [
            _user(node, self.passwords[node], "node", devices=hears[node], lanes=lanes[node], doors=doors[node])
            for node in ("shelves", "checkouts")
        ]
        users.append(_user("gateway", self.passwords["gateway"], "gateway"))
        return _toml(
            {
                "store": STORE,
                "listen": f"127.0.0.1:{self.ports.broker}",
                "data_dir": str(self.folder / "broker"),
                "monitor": f"127.0.0.1:{self.ports.monitor}",
            },
            {"users": users},
        )

    def _hq(self) -> str:
        # The demo's own machine answers no stranger: what protects the password may be light here.
        hasher = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
        stores: list[Table] = [
            {"id": STORE, "name": STORE_NAME, "time_zone": "Europe/Berlin", "currency": "EUR", "key": self.hq_key},
            {
                "id": OTHER_STORE,
                "name": "Harbour Street",
                "time_zone": "Europe/Berlin",
                "currency": "EUR",
                "key": self.other_key,
            },
        ]
        staff: list[Table] = [{"name": STAFF, "password_hash": hasher.hash(self.staff_password)}]
        return _toml(
            {"data_dir": str(self.folder / "hq"), "host": "127.0.0.1", "port": self.ports.hq},
            {"stores": stores, "staff": staff},
        )

    def _gateway(self) -> str:
        return _toml(
            {"node": "gateway", "data_dir": str(self.folder / "gateway"), "backups": 1},
            {
                "store": {"id": STORE, "name": STORE_NAME, "currency": "EUR", "time_zone": "Europe/Berlin"},
                "listen": {"host": "127.0.0.1", "port": self.ports.gateway},
                "loss": {"exit_grace_s": self.exit_grace_s},
                "mqtt": self._mqtt("gateway"),
                "hq": {"url": f"http://127.0.0.1:{self.ports.hq}", "key": self.hq_key},
            },
        )

    def _shelves(self) -> str:
        """The node that hears the shelves and the scanner."""
        shelves = [*LLRP_SHELVES, *MQTT_SHELVES]
        neighbours = {
            shelf: [other for other in shelves if abs(shelves.index(other) - shelves.index(shelf)) == 1]
            for shelf in shelves
        }
        return _toml(
            self._node("shelves") | {"scanners": [SCANNER]},
            {
                "mqtt": self._mqtt("shelves"),
                "screen": {"port": self.ports.shelves},
                "shelves": {"neighbours": neighbours},
                "reader": self._readers(),
                "shelf_device": [{"device": SHELF_DEVICE, "antennas": _numbered(MQTT_SHELVES)}],
            },
        )

    def _readers(self) -> list[Table]:
        """Of shelves, of the back room, and of the door."""
        return [
            _reader("shelf-a", self.ports.reader, LLRP_SHELVES),
            _reader(BACKROOM, self.ports.backroom_reader, (BACKROOM,)) | {"behaviour": "counting"},
            _reader("door", self.ports.door_reader, ("inside", "outside")) | {"behaviour": "exit", "door": DOOR},
        ]

    def _checkouts(self) -> str:
        """The node that decides about lanes, with the camera and the store screen."""
        lanes: list[Table] = [
            {"id": lane, "counter": f"counter-{lane}", "till": f"till-{lane}", "mean_service_s": 18.0, "open": False}
            for lane in LANES
        ]
        tables: dict[str, Table | Sequence[Table]] = {
            "mqtt": self._mqtt("checkouts"),
            "screen": {"port": self.ports.screen},
        }
        if self.footage:
            lanes.append({"id": CAMERA_LANE, "mean_service_s": 40.0})
            tables["camera"] = [{**FOOTAGE_CAMERA, "source": str(self.footage)}]
        return _toml(self._node("checkouts"), tables | {"lane": lanes})

    def _pretend(self, members: list[str], clerk: Table | None) -> str:
        tables: dict[str, Table | Sequence[Table]] = {
            "passwords": {name: self.passwords[name] for name in self.devices()},
            "lanes": [
                {
                    "lane": lane,
                    "counter": f"counter-{lane}",
                    "till": f"till-{lane}",
                    "reads_tags": lane not in self.bar_code_tills,
                }
                for lane in LANES
            ],
            "readers": [
                {"shelves": list(LLRP_SHELVES), "port": self.ports.reader},
                {"shelves": [BACKROOM], "port": self.ports.backroom_reader},
            ],
            "mqtt_shelves": [{"shelves": list(MQTT_SHELVES), "device": SHELF_DEVICE}],
        }
        if clerk is not None:
            tables["clerk"] = clerk
        return _toml(
            {
                "store": STORE,
                "broker": f"127.0.0.1:{self.ports.broker}",
                "truth": str(self.truth),
                "seed": self.seed,
                "speed": self.speed,
                "arrivals_per_minute": self.arrivals_per_minute,
                "scanner": SCANNER,
                "members": members,
                "door": DOOR,
                "door_port": self.ports.door_reader,
                "script": "" if self.script is None else str(self.script),
            },
            tables,
        )

    def _node(self, name: str) -> dict[str, object]:
        return {"store": STORE, "node": name, "data_dir": str(self.folder / name), "time_zone": "Europe/Berlin"}

    def _mqtt(self, name: str) -> dict[str, object]:
        return {
            "hosts": [f"127.0.0.1:{self.ports.broker}"],
            "username": name,
            "password": self.passwords[name],
        }


FOOTAGE_CAMERA: Table = {
    "name": "front",
    "fps": 5.0,
    "lanes": [
        {
            "id": CAMERA_LANE,
            "polygon": [[0.40, 0.40], [0.66, 0.36], [0.74, 0.50], [0.68, 0.64], [0.46, 0.53]],
            "till": [[0.40, 0.40], [0.53, 0.38], [0.54, 0.55], [0.46, 0.53]],
        }
    ],
    "zones": [
        {"id": "signpost", "polygon": [[0.50, 0.42], [0.64, 0.42], [0.64, 0.60], [0.50, 0.60]]},
        {"id": "crossing", "polygon": [[0.62, 0.36], [0.74, 0.36], [0.74, 0.50], [0.62, 0.50]]},
    ],
    "doors": [{"id": DOOR, "line": [[0.31, 0.28], [0.31, 0.60]], "inside": "left"}],
}
"""The footage's camera: one lane with its place at the till, two zones and one door, as they lie in the picture."""


def _reader(name: str, port: int, places: tuple[str, ...]) -> dict[str, object]:
    # They are switched on last: their node shall not have lost patience by then.
    return {"name": name, "host": "127.0.0.1", "port": port, "antennas": _numbered(places), "retry_max_s": 1.0}


def _numbered(shelves: tuple[str, ...]) -> dict[str, object]:
    return {str(number): shelf for number, shelf in enumerate(shelves, start=1)}


def _user(name: str, password: str, role: str, **given: list[str]) -> dict[str, object]:
    return {"name": name, "password": password, "role": role} | {key: value for key, value in given.items() if value}


def _toml(values: dict[str, object], tables: Mapping[str, Table | Sequence[Table]]) -> str:
    """Write plain values, then tables and arrays of tables; values inside a table are inline."""
    lines = [f"{key} = {_value(value)}" for key, value in values.items()]
    for name, table in tables.items():
        many = not isinstance(table, Mapping)
        for one in [table] if isinstance(table, Mapping) else table:
            lines += ["", f"[[{name}]]" if many else f"[{name}]"]
            lines += [f"{_key(key)} = {_value(value)}" for key, value in one.items()]
    return "\n".join(lines) + "\n"


def _key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() else json.dumps(key)


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)
