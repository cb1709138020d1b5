"""The front door: one command, whose sub-commands are mounted from the packages that own them.

Each package that has commands gives a ``commands.py`` with ``mount(app)``; the work behind a command is imported
only when it runs, so that ``aisle --help`` answers at once on a Pi.
"""

import importlib

import typer

OWNERS = (
    "models.codes.commands",
    "models.vision.commands",
    "models.process.commands",
    "cloud_sync.commands",
    "cloud_sync.hq.commands",
    "edge.commands",
    "edge.replay.commands",
    "gateway.commands",
    "firmware_stubs.commands",
)

app = typer.Typer(
    name="aisle",
    help="Aisle runs a shop floor: shelves, queues, stock, members, headquarters.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
replay = typer.Typer(help="Run a pipeline over a recording: the same code that runs live.", no_args_is_help=True)
app.add_typer(replay, name="replay")


def main() -> None:
    """Mount every command and run the one that was asked for."""
    for owner in OWNERS:
        importlib.import_module(owner).mount(app, replay)
    app()


if __name__ == "__main__":
    main()
