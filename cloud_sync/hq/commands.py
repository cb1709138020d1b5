"""Commands of headquarters: run it, draw a store's key, hash a password."""

from pathlib import Path
from typing import Annotated

import typer

hq = typer.Typer(help="Headquarters of many stores.", invoke_without_command=True)


def mount(app: typer.Typer, replay: typer.Typer) -> None:  # noqa: ARG001 - every package's mount has both
    """Add this package's commands to the front door."""
    app.add_typer(hq, name="hq")


@hq.callback()
def run(
    context: typer.Context,
    config: Annotated[Path, typer.Option(help="hq.toml; `aisle init hq` writes an example.")] = Path("hq.toml"),
) -> None:
    """Run headquarters until Ctrl-C."""
    if context.invoked_subcommand is not None:
        return
    from models.process.ending import end_when_told

    end_when_told()
    from cloud_sync.hq.app import DATABASE, serve
    from cloud_sync.hq.settings import HqSettings
    from cloud_sync.stream.disk import check_health
    from cloud_sync.stream.errors import DamagedDatabase
    from models.process.data_dir import take_data_dir
    from models.process.logs import configure_logs
    from models.process.settings import BadSettings, load_settings

    configure_logs("hq")
    try:
        settings = load_settings(config, HqSettings)
        if not settings.staff:
            typer.echo("Nobody may sign in yet: `aisle hq password` makes what belongs under [[staff]].", err=True)
        scheme = "http" if settings.tls is None else "https"
        typer.echo(f"Headquarters: {scheme}://{settings.host}:{settings.port}/", err=True)
        with take_data_dir(settings.data_dir):
            check_health(settings.data_dir / DATABASE)
            serve(settings)
    except (BadSettings, DamagedDatabase, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


@hq.command()
def password() -> None:
    """Ask for a password and print its hash for hq.toml."""
    from cloud_sync.hq.access import PASSWORDS

    text = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    if len(text) < 8:
        typer.echo("At least 8 characters, please.", err=True)
        raise typer.Exit(1)
    typer.echo(f'password_hash = "{PASSWORDS.hash(text)}"')


@hq.command()
def key() -> None:
    """Draw a key for a store: one line for its gateway.toml, one for hq.toml."""
    import hashlib
    import secrets

    drawn = secrets.token_urlsafe(32)
    typer.echo(f'gateway.toml:  key = "{drawn}"')
    typer.echo(f'hq.toml:       key_sha256 = "{hashlib.sha256(drawn.encode()).hexdigest()}"')
