"""A whole store: every process, every wire, on loopback."""

import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Literal

import pytest
from rich.console import Console

from firmware_stubs.demo.plan import Plan, Ports
from firmware_stubs.demo.run import fetch_footage
from firmware_stubs.demo.store import RunningStore
from firmware_stubs.demo.supervise import free_port
from tests.journey import two_items

SPEED = 6.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the store's files go."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def footage() -> Path | None:
    """Real footage for the camera; brought once, as the demo does."""
    return fetch_footage(Console(stderr=True))


@pytest.fixture(scope="module")
def broker() -> Literal["nats", "mosquitto"]:
    """Which broker the store runs on."""
    return "nats"


@pytest.fixture(scope="module")
def store(folder: Path, footage: Path | None, broker: Literal["nats", "mosquitto"]) -> Iterator[RunningStore]:
    """A store in which six pretended seconds pass in one."""
    script = folder / "script.jsonl"
    # Ports of its own: a demo may be running on this machine.
    ports = Ports(*[free_port(0) for _ in fields(Ports)])
    plan = Plan(
        folder, footage, seed=7, arrivals_per_minute=14.0, speed=SPEED, script=script, exit_grace_s=3, ports=ports
    )
    running = RunningStore(plan, broker=broker, notices=[two_items.notice(time.time_ns() // 1_000_000)])
    try:
        running.start(lambda _step: None)
        with two_items.TwoPieces(running, script):
            yield running
    finally:
        unclean = running.stop()
    assert not unclean, f"did not stop cleanly: {unclean}"
