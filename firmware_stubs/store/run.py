"""Runs the pretend devices until they are told to stop."""

import asyncio
import signal
from pathlib import Path

from firmware_stubs.store.play import PretendStore
from firmware_stubs.store.settings import PretendSettings


def run_pretend(settings: PretendSettings) -> None:
    """Play the pretend day until SIGTERM or Ctrl-C; the truth is appended to the settings' file."""
    path = Path(settings.truth)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as truth:
        asyncio.run(_play(PretendStore(settings, truth)))


async def _play(store: PretendStore) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await store.run(stop)
