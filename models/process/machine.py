"""What can be wrong with the machine under a process: a clock that was never set, a disk that fills up."""

import shutil
from pathlib import Path
from typing import Final

from models.process.clock import Clock, is_unset
from models.process.health import Health

LOW_DISK_BYTES: Final = 500_000_000


def watch_machine(health: Health, clock: Clock, folder: Path, *, low_bytes: int = LOW_DISK_BYTES) -> None:
    """Report or clear ``clock`` and ``disk.space`` (the disk that ``folder`` is on). Call it now and then."""
    if is_unset(clock.now_ms()):
        health.report("clock", "unset", "This machine does not know the time.", "Connect it to a network with NTP.")
    else:
        health.clear("clock")
    free = shutil.disk_usage(folder).free
    if free < low_bytes:
        health.report("disk.space", "low", f"{free // 1_000_000} MB are free.", f"Make room on {folder}.")
    else:
        health.clear("disk.space")
