"""Coroutines that run for as long as a service does, on a thread with an event loop of its own."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from threading import Event, Thread
from typing import Any


class LoopThread:
    """Runs jobs side by side until it is stopped; stopping cancels them wherever they wait."""

    def __init__(self, name: str, jobs: Sequence[Callable[[], Coroutine[Any, Any, None]]]) -> None:
        self._name = name
        self._jobs = jobs
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._ready = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin; returns when the loop runs."""
        self._ready.clear()
        self._thread = Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Cancel the jobs and wait until they ended."""
        if self._thread is None or self._loop is None or self._main is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop ended by itself
            self._loop.call_soon_threadsafe(self._main.cancel)
        self._thread.join()
        self._thread = self._loop = self._main = None

    def call(self, callback: Callable[[], object]) -> None:
        """Call ``callback`` on the loop, from any thread; nothing happens when it does not run."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(callback)

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._gather())

    async def _gather(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._main = asyncio.current_task()
        self._ready.set()
        async with asyncio.TaskGroup() as group:
            for job in self._jobs:
                group.create_task(job())
