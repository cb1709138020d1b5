"""``aisle edge`` runs one edge node; ``shelf survey``, ``camera tune`` and ``footage`` stand beside it."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from edge.footage_command import mount_footage
from edge.readers_command import mount_readers
from edge.survey.command import mount_survey
from edge.tune.command import mount_camera

Config = Annotated[Path, typer.Option("--config", "-c", help="The settings file; `aisle init edge` writes one.")]


def mount(app: typer.Typer, replay: typer.Typer) -> None:  # noqa: ARG001 - every package's mount takes both
    """Add this package's commands to the front door."""
    app.command()(edge)
    mount_footage(app)
    mount_readers(app)
    mount_camera(app)
    mount_survey(app)


def edge(config: Config = Path("edge.toml")) -> None:
    """Run an edge node until it is told to stop."""
    # The node takes this process over: on a Pi the command line's own 15 MB are better spent.
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-m", "edge", str(config)])  # noqa: S606
