"""`aisle demo`: sets a store up, shows where to look, and takes it down again."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from rich.console import Console

from firmware_stubs.demo.folder import emptied
from firmware_stubs.demo.plan import STAFF, Plan
from firmware_stubs.demo.report import Report, collect
from firmware_stubs.demo.store import RunningStore
from firmware_stubs.demo.supervise import DemoError

ARRIVALS_PER_MINUTE = 11.0
OTHER_STORE_EVERY_S = 15.0


def run_demo(folder: Path, *, seconds: float | None, with_report: bool, seed: int, with_footage: bool) -> int:
    """Run the demo in ``folder``, which is emptied first. Gives the exit status."""
    console = Console()
    folder = folder.absolute()
    footage = fetch_footage(console) if with_footage else None
    try:
        with emptied(folder):
            plan = Plan(
                folder, footage, seed=seed, arrivals_per_minute=ARRIVALS_PER_MINUTE, speed=1.0, bar_code_tills=("2",)
            )
            return _run(RunningStore(plan), console, seconds, with_report=with_report)
    except DemoError as error:
        console.print(f"[red]{error}[/]", markup=True, highlight=False, soft_wrap=True)
        return 1


def _run(store: RunningStore, console: Console, seconds: float | None, *, with_report: bool) -> int:
    began = time.monotonic()
    report: Report | None = None
    try:
        with _interrupts():
            store.start(lambda step: console.print(f"  [green]✓[/] {step}"))
            console.print(f"Everything runs after {time.monotonic() - began:.1f} s.")
            _show_addresses(console, store)
            _stay(console, store, seconds)
            if with_report:
                report = collect(store, console)
    except KeyboardInterrupt:
        console.print("Stopping …")
    finally:
        with _not_now():
            unclean = store.stop()
    if unclean:
        console.print(f"[red]did not stop cleanly: {', '.join(unclean)}[/] (logs in {store.plan.folder})")
    if report is not None:
        report.show(console)
        return 0 if report.is_good and not unclean else 1
    return 1 if unclean else 0


def fetch_footage(console: Console) -> Path | None:
    """Bring the real footage once; without it the demo says so in one line and goes on."""
    done = subprocess.run(
        [sys.executable, "-m", "aisle", "footage", "fetch"], stdout=subprocess.PIPE, text=True, check=False
    )
    path = Path(done.stdout.strip().splitlines()[-1]) if done.returncode == 0 and done.stdout.strip() else None
    if path is None or not path.exists():
        console.print("[yellow]No footage: the demo goes on without its camera lane and door.[/]")
        return None
    return path.absolute()


@contextlib.contextmanager
def _interrupts() -> Iterator[None]:
    """SIGTERM, and a terminal that is closed, end the demo as Ctrl-C does."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    with _handling(interrupt, signal.SIGTERM, signal.SIGHUP):
        yield


@contextlib.contextmanager
def _not_now() -> Iterator[None]:
    """A second Ctrl-C does not leave half of the programs behind."""
    with _handling(signal.SIG_IGN, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        yield


@contextlib.contextmanager
def _handling(handler: "signal._HANDLER", *numbers: signal.Signals) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler_before in before.items():
            signal.signal(number, handler_before)


def _show_addresses(console: Console, store: RunningStore) -> None:
    manager = f"the same browser; {store.first.name}, PIN {store.first.pin}" if store.first else ""
    console.print()
    for name, address, hint in (
        ("Store screen", f"{store.screen_url}/", "waits at the checkouts; full-screen with F11"),
        ("Handheld", store.handheld_url, f"opens once; then Demo clerk, PIN {store.clerk_pin}"),
        ("Manager", f"{store.gateway_url}/manager", manager),
        ("Shop", f"{store.gateway_url}/shop", "a shopper's phone; scan, or type 0614141005013"),
        ("Headquarters", f"{store.hq_url}/", f"{STAFF}, password {store.plan.staff_password}"),
    ):
        console.print(f"  [bold]{name:<13}[/] {address}", soft_wrap=True, highlight=False)
        console.print(f"  {'':<13} [dim]{hint}[/]", soft_wrap=True, highlight=False)
    folder = os.path.relpath(store.plan.folder)
    console.print(
        f"\nLogs and databases are in {folder}. Ctrl-C stops everything.\n", soft_wrap=True, highlight=False
    )


def _stay(console: Console, store: RunningStore, seconds: float | None) -> None:
    """Stay until the time is up; a program that ends meanwhile ends the demo with its log."""
    deadline = None if seconds is None else time.monotonic() + seconds
    next_word = time.monotonic()
    while deadline is None or time.monotonic() < deadline:
        if ended := store.ended():
            raise DemoError(f"{ended[0]} ended:\n{store.programs[ended[0]].tail()}")
        if store.other and time.monotonic() >= next_word:
            # Somebody may stop headquarters or the gateway to see what happens: that is not the demo's end.
            with contextlib.suppress(httpx.HTTPError, DemoError):
                store.other.is_here()
                store.announce()
            next_word = time.monotonic() + OTHER_STORE_EVERY_S
        time.sleep(0.5)
        if deadline and sys.stdout.isatty():
            console.print(f"{max(0.0, deadline - time.monotonic()):3.0f} s left", end="\r")
