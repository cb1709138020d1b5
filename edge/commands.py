"""``aisle edge``: runs one edge node."""

from pathlib import Path
from typing import Annotated

import typer

from edge.footage_command import mount_footage

Config = Annotated[Path, typer.Option("--config", "-c", help="The settings file; `aisle init edge` writes one.")]


def mount(app: typer.Typer, replay: typer.Typer) -> None:  # noqa: ARG001 - every package's mount takes both
    """Add this package's commands to the front door."""
    app.command()(edge)
    mount_footage(app)


def edge(config: Config = Path("edge.toml")) -> None:
    """Run an edge node until it is told to stop."""
    from cloud_sync.stream.errors import DamagedDatabase
    from edge.node import run_node
    from edge.settings import EdgeSettings
    from models.process.logs import configure_logs
    from models.process.settings import BadSettings, load_settings

    try:
        settings = load_settings(config, EdgeSettings)
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (BadSettings, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    configure_logs("edge")
    try:
        run_node(settings)
    except DamagedDatabase as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(3) from error
