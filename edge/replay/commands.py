"""Commands of this package."""

import typer

from edge.replay.codes import mount_codes
from edge.replay.lanes import mount_lanes


def mount(app: typer.Typer, replay: typer.Typer) -> None:  # noqa: ARG001 - every package's mount has both
    """Add this package's commands to the front door."""
    mount_codes(replay)
    mount_lanes(replay)
