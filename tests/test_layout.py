"""Who may import whom, and what every file keeps to."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("models", "cloud_sync", "edge", "gateway", "firmware_stubs", "aisle")

ALLOWED = {
    "models/messages": ("models.messages",),
    "models/codes": ("models.codes", "models.messages"),
    "models/llrp": ("models.llrp", "models.messages"),
    "models/process": ("models.process", "models.messages"),
    "models/vision": ("models.vision",),
    "cloud_sync/stream": ("cloud_sync.stream", "models.messages", "models.process"),
    "cloud_sync/hq": ("cloud_sync", "models.messages", "models.process", "models.codes"),
    "edge/core": ("edge.core", "models.messages"),
    "edge": ("edge", "cloud_sync", "models"),
    "gateway/core": ("gateway.core", "models.messages"),
    "gateway": ("gateway", "cloud_sync", "models.messages", "models.process", "models.codes"),
    "firmware_stubs": ("firmware_stubs", "models.messages", "models.codes", "models.llrp"),
}
"""Folder → what of ours it may import; the longest matching folder counts."""

CORE_FORBIDDEN = {
    "time", "datetime", "threading", "socket", "sqlite3", "asyncio", "queue", "subprocess", "os", "logging",
}  # fmt: skip


def modules() -> list[Path]:
    found = [path for name in OURS[:-1] for path in (ROOT / name).rglob("*.py")]
    return sorted(path for path in found if "node_modules" not in path.parts and "micropython" not in path.parts)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def is_below(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_place_allows(path: Path) -> None:
    place = path.relative_to(ROOT).parent.as_posix()
    folder = max((name for name in ALLOWED if f"{place}/".startswith(f"{name}/")), key=len, default=None)
    if folder is None:
        return
    for name in imports(path):
        if name.split(".")[0] in OURS:
            assert any(is_below(name, allowed) for allowed in ALLOWED[folder]), f"{place} may not import {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_core_has_no_clock_thread_socket_or_database(path: Path) -> None:
    if "core" in path.relative_to(ROOT).parts:
        assert not {name.split(".")[0] for name in imports(path)} & CORE_FORBIDDEN


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_holds_one_thing(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
