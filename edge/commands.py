"""Commands of this package."""

import typer


def mount(app: typer.Typer, replay: typer.Typer) -> None:
    """Add this package's commands to the front door."""
