"""Recordings with truth, and a person who walks without legs."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from firmware_stubs.shelf_simulator.recording import lines
from firmware_stubs.shelf_simulator.settings import SMALL

TINY = replace(
    SMALL, antennas=3, tags=60, hours=0.15, takes_per_tag=3.0, thefts=1.0, returns_of_taken=0.0, strays=0.0
)
"""Nine minutes of three shelves, of which much is taken."""


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """A simulated recording that says itself what stands where, and its lines."""
    recorded = list(lines(TINY, seed=3, ask_every_s=5))
    path = tmp_path_factory.mktemp("recorded") / "reads.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in recorded) + "\n", encoding="utf-8")
    return path, recorded


@pytest.fixture
def write_recording(tmp_path: Path) -> Callable[[Iterable[Mapping[str, Any]]], Path]:
    """Write lines as a recording."""

    def write(recorded: Iterable[Mapping[str, Any]]) -> Path:
        path = tmp_path / "given.jsonl"
        path.write_text("\n".join(json.dumps(line) for line in recorded), encoding="utf-8")
        return path

    return write


class Robot:
    """Does what it is told at once: ``act(instruction)`` moves the goods, and says what it types."""

    def __init__(self, act: Callable[[str], str]) -> None:
        self.act = act
        self.told: list[str] = []
        self.remarks: list[str] = []

    def instruct(self, text: str) -> None:
        self.told.append(text)

    def remark(self, text: str) -> None:
        self.remarks.append(text)

    async def enter(self) -> str:
        await asyncio.sleep(0)
        return self.act(self.told[-1])

    def has_typed(self) -> bool:
        return False
