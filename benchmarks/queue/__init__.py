"""Waits, measured on simulated days beside what others would do and beside an oracle, in the same run."""

from benchmarks.queue.bench import main, run

__all__ = ["main", "run"]
