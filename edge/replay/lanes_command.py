"""The command `aisle replay lanes`; what it runs is imported when it runs."""

import sys

import typer


def mount_lanes(replay: typer.Typer) -> None:
    """Add `aisle replay lanes`."""
    replay.command("lanes")(lanes)


def lanes() -> None:
    """Read observations of queues as JSON lines and answer each question with one line."""
    from edge.replay.lanes import replay_lanes

    replay_lanes(sys.stdin.buffer, sys.stdout, sys.stderr)
