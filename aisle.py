"""The front door: one command, whose sub-commands are mounted from the packages that own them.

Each package that has commands gives a ``commands.py`` with ``mount(app)``; the work behind a command is imported
only when it runs, so that ``aisle --help`` answers at once on a Pi.
"""

import importlib
import re
import secrets
from pathlib import Path
from typing import Annotated, Any

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

PROCESSES = {
    "edge": ("edge.settings", "EdgeSettings"),
    "gateway": ("gateway.settings", "GatewaySettings"),
    "hq": ("cloud_sync.hq.settings", "HqSettings"),
    "broker": ("cloud_sync.settings", "BrokerSettings"),
}
"""Process → the module and class of its settings; the module has a commented ``EXAMPLE``."""

app = typer.Typer(
    name="aisle",
    help="Aisle runs a shop floor: shelves, queues, stock, members, headquarters.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
replay = typer.Typer(help="Run a pipeline over a recording: the same code that runs live.", no_args_is_help=True)
app.add_typer(replay, name="replay")


@app.command()
def init(
    processes: Annotated[
        list[str] | None, typer.Argument(help="edge, gateway, hq, broker; all of them if none.")
    ] = None,
    directory: Annotated[Path, typer.Option("--dir", help="Where to write.")] = Path(),
) -> None:
    """Write a commented example of each process's settings file; what is there already is left alone.

    Passwords and keys are drawn at random, the same in every file that is written together.
    """
    drawn: dict[str, str] = {}
    for name in processes or PROCESSES:
        if name not in PROCESSES:
            raise typer.BadParameter(f"{name} is not one of {', '.join(PROCESSES)}")
        path = directory / f"{name}.toml"
        if path.exists():
            typer.echo(f"{path} is there already: left as it is.")
            continue
        directory.mkdir(parents=True, exist_ok=True)
        example = importlib.import_module(PROCESSES[name][0]).EXAMPLE
        text = re.sub(r"change-me-[a-z0-9-]+", lambda it: drawn.setdefault(it[0], secrets.token_urlsafe(24)), example)
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        typer.echo(f"{path} written: read through it, then `aisle {name} --config {path}`.")


def settings_classes() -> dict[str, Any]:
    """The settings class of each process."""
    return {name: getattr(importlib.import_module(where), kind) for name, (where, kind) in PROCESSES.items()}


@app.command()
def docs(directory: Annotated[Path, typer.Option("--dir", help="Where to write.")] = Path("docs")) -> None:
    """Write the pages that are made from the code: messages.md and settings.md."""
    from models.messages.document import messages_page
    from models.process.document import settings_page

    directory.mkdir(parents=True, exist_ok=True)
    (directory / "messages.md").write_text(messages_page(), encoding="utf-8")
    (directory / "settings.md").write_text(settings_page(settings_classes()), encoding="utf-8")
    typer.echo(f"{directory}/messages.md and {directory}/settings.md are written.")


def main() -> None:
    """Mount every command and run the one that was asked for."""
    for owner in OWNERS:
        importlib.import_module(owner).mount(app, replay)
    app()


if __name__ == "__main__":
    main()
