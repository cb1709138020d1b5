"""``aisle broker`` and ``aisle certificates``."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def mount(app: typer.Typer, replay: typer.Typer) -> None:  # noqa: ARG001 - every package has the same door
    """Add this package's commands to the front door."""
    app.command()(broker)
    app.command()(certificates)


def broker(
    config: Annotated[Path, typer.Option(help="The broker's settings (TOML).")] = Path("broker.toml"),
    show: Annotated[
        Literal["nats", "mosquitto"] | None,
        typer.Option("--print", help="Print this broker's configuration and end; passwords are left out."),
    ] = None,
    mosquitto: Annotated[
        Path | None, typer.Option(help="Write mosquitto.conf, acl and passwords into this folder and end.")
    ] = None,
) -> None:
    """Run the store's MQTT broker: a NATS server that lets every device and node say only what is its own."""
    from models.process.ending import end_when_told

    end_when_told()
    from cloud_sync.broker_run import print_configuration, run_broker, write_mosquitto
    from models.process.settings import BadSettings

    try:
        if show:
            typer.echo(print_configuration(config, show))
        elif mosquitto:
            write_mosquitto(config, mosquitto)
        else:
            run_broker(config)
    except BadSettings as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def certificates(
    directory: Annotated[Path, typer.Argument(help="Where the authority and the certificates are kept.")],
    name: Annotated[
        list[str] | None, typer.Option(help="A host name or address that gets a certificate; say it several times.")
    ] = None,
    days: Annotated[int, typer.Option(help="How long a certificate is valid.", min=1, max=825)] = 825,
) -> None:
    """Make a certificate authority of your own, and certificates for the gateway and headquarters by it."""
    from cloud_sync.certificates import make_certificates

    for path in make_certificates(directory, name or ["localhost", "127.0.0.1"], days=days):
        typer.echo(path)
