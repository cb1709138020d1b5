"""``aisle demo``: a whole store on this machine; ``pretend``: its devices alone; ``drill``: kills parts of it."""

from pathlib import Path
from typing import Annotated

import typer

from models.messages.errors import WireError

FOLDER = Path("var/demo")


def mount(app: typer.Typer, replay: typer.Typer) -> None:  # noqa: ARG001 - every package's mount takes both
    """Add this package's commands to the front door."""
    app.command()(demo)
    app.command()(pretend)
    app.command()(drill)


def demo(
    seconds: Annotated[
        float | None, typer.Option("--for", min=5, help="End by itself after so many seconds; else at Ctrl-C.")
    ] = None,
    report: Annotated[bool, typer.Option("--report", help="Print at the end what happened.")] = False,  # noqa: FBT002
    seed: Annotated[int, typer.Option(help="The same seed, the same shoppers.")] = 1,
    folder: Annotated[Path, typer.Option(help="Where its files go; emptied at the start.")] = FOLDER,
    footage: Annotated[bool, typer.Option(help="Use real footage for the camera (fetched once).")] = True,  # noqa: FBT002
) -> None:
    """Run a whole store on this machine: broker, headquarters, gateway, two edge nodes, pretend devices."""
    from firmware_stubs.demo.run import run_demo

    raise typer.Exit(run_demo(folder, seconds=seconds, with_report=report, seed=seed, with_footage=footage))


def pretend(
    config: Annotated[Path, typer.Option("--config", "-c", help="pretend.toml")] = Path("pretend.toml"),
) -> None:
    """Run pretend devices (readers, shelves, counters, tills, a scanner) against a store's broker."""
    from firmware_stubs.store.run import run_pretend
    from firmware_stubs.store.settings import load_pretend_settings

    try:
        run_pretend(load_pretend_settings(config))
    except (WireError, OSError, UnicodeDecodeError) as error:
        typer.echo(f"{config}: {error}", err=True)
        raise typer.Exit(2) from error


def drill(
    kills: Annotated[int, typer.Option(min=1, help="How many times something is killed.")] = 20,
    seed: Annotated[int, typer.Option(help="Which part is killed when.")] = 1,
    every_s: Annotated[float, typer.Option(help="Mean seconds between kills.")] = 6.0,
    folder: Annotated[Path, typer.Option(help="Where its files go; emptied at the start.")] = Path("var/drill"),
) -> None:
    """Kill node, broker, gateway and headquarters at random under load; count what was lost or doubled."""
    from firmware_stubs.demo.drill import run_drill

    raise typer.Exit(run_drill(folder, kills=kills, seed=seed, every_s=every_s))
