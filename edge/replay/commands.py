"""Commands of this package."""

import typer

from edge.replay.codes import mount_codes
from edge.replay.frames import mount_frames
from edge.replay.lanes_command import mount_lanes
from edge.replay.llrp_command import mount_llrp
from edge.replay.shelf_command import mount_shelf


def mount(app: typer.Typer, replay: typer.Typer) -> None:  # noqa: ARG001 - every package's mount has both
    """Add this package's commands to the front door."""
    mount_codes(replay)
    mount_frames(replay)
    mount_lanes(replay)
    mount_llrp(replay)
    mount_shelf(replay)
