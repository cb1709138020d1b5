"""A whole store: every process, every wire, on loopback."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from rich.console import Console

from firmware_stubs.demo.plan import Plan
from firmware_stubs.demo.run import fetch_footage
from firmware_stubs.demo.store import RunningStore


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
    running = RunningStore(Plan(folder, footage, seed=7, arrivals_per_minute=14.0, speed=6.0), broker=broker)
    try:
        running.start(lambda _step: None)
        yield running
    finally:
        unclean = running.stop()
    assert not unclean, f"did not stop cleanly: {unclean}"
