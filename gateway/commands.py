"""``aisle gateway``: runs a store's gateway, and lets the first device and manager in."""

import sys
from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path, typer.Option("--config", "-c", help="The settings file; `aisle init gateway` writes one.")]

gateway = typer.Typer(help="Run the gateway of a store, or let a device in.", invoke_without_command=True)


def mount(app: typer.Typer, replay: typer.Typer) -> None:  # noqa: ARG001 - every package's mount takes both
    """Add this package's commands to the front door."""
    app.add_typer(gateway, name="gateway")


@gateway.callback()
def run(context: typer.Context, config: Config = Path("gateway.toml")) -> None:
    """Run the gateway until it is told to stop."""
    if context.invoked_subcommand is not None:
        return
    from models.process.ending import end_when_told
    from models.process.memory import give_large_blocks_back, spare_memory

    end_when_told()
    spare_memory()
    give_large_blocks_back()
    from uvicorn.config import Config as ServerConfig

    from cloud_sync.stream.disk import check_health
    from cloud_sync.stream.errors import DamagedDatabase
    from gateway.app import create_gateway
    from gateway.settings import GatewaySettings
    from gateway.store.seal import BadKeyFile, load_or_create
    from models.process.data_dir import take_data_dir
    from models.process.logs import configure_logs
    from models.process.serving import run_server
    from models.process.settings import BadSettings, load_settings

    try:
        settings = load_settings(config, GatewaySettings)
        held = take_data_dir(settings.data_dir)
        load_or_create(settings.member_key)
        check_health(settings.database)
    except (BadSettings, BadKeyFile, DamagedDatabase, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    configure_logs("gateway")
    # Folding is pure computation for milliseconds at a time: let a look-up in between more often than every 5 ms.
    sys.setswitchinterval(0.001)
    listen = settings.listen
    server = ServerConfig(
        create_gateway(settings),
        host=listen.host,
        port=listen.port,
        ssl_certfile=listen.certificate_file,
        ssl_keyfile=listen.key_file,
        # Requests carry phone numbers, so there is no log of them.
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
        # A handheld asks every few seconds: let it keep its connection, and its TLS, in between.
        timeout_keep_alive=75,
        server_header=False,
    )
    with held:
        run_server(server)


@gateway.command()
def enrol(
    config: Config = Path("gateway.toml"),
    device: Annotated[str, typer.Option(help="What the device will be called.")] = "First handheld",
    manager: Annotated[str | None, typer.Option(help="Also make a manager of this name.")] = None,
) -> None:
    """Print a one-time link that makes the device on which it is opened a handheld of this store."""
    from gateway.enrolment import enrol as make
    from gateway.settings import GatewaySettings
    from models.process.settings import BadSettings, load_settings

    try:
        settings = load_settings(config, GatewaySettings)
    except BadSettings as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    enrolled = make(settings, device=device, manager=manager)
    typer.echo(f"Open this on the device, within 15 minutes:\n  {enrolled.url}")
    if enrolled.pin is not None:
        typer.echo(f"Sign in as {enrolled.manager} with PIN {enrolled.pin} — it is shown only now.")
