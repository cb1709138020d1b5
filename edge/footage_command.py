"""``aisle footage fetch``: real footage for the demo."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def mount_footage(app: typer.Typer) -> None:
    """Add ``aisle footage`` to the front door."""
    footage = typer.Typer(help="Real footage to try the cameras with.", no_args_is_help=True)
    footage.command("fetch")(fetch_footage)
    footage.command("settings")(show_settings)
    app.add_typer(footage, name="footage")


def fetch_footage(
    folder: Annotated[Path | None, typer.Option(help="Where to keep it; $AISLE_DATA or var if left out.")] = None,
) -> None:
    """Bring vtest.avi (pedestrians, 80 s) from Debian's package opencv-doc, without root."""
    from rich.console import Console

    from edge.adapters.footage import FootageMissing, data_folder, fetch

    console = Console(stderr=True)
    try:
        with console.status("footage") as status:
            path = fetch(folder or data_folder(), lambda text: status.update(f"footage: {text}"))
    except (FootageMissing, OSError) as error:
        sys.stderr.write(f"aisle footage: {error}\n")
        raise typer.Exit(1) from None
    sys.stdout.write(f"{path}\n")


def show_settings() -> None:
    """Print the camera that watches it, for an edge.toml."""
    from edge.adapters.footage import VTEST_CAMERA

    sys.stdout.write(VTEST_CAMERA)
