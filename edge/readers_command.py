"""``aisle readers find``: which RFID readers announce themselves in this network, and what they say they are."""

from typing import Annotated

import typer

NOTHING_FOUND = """\
No reader announces itself here (mDNS, _llrp._tcp). Is it switched on, and in the same network as this machine?
An Impinj R700 speaks LLRP only when LLRP is chosen on its own page. A reader that announces nothing can be named by
its address all the same: host = "192.168.1.20" in [[reader]] of edge.toml."""


def mount_readers(app: typer.Typer) -> None:
    """Add the command to the front door."""
    readers = typer.Typer(help="RFID readers in this network.", no_args_is_help=True)
    readers.callback()(_readers)
    readers.command()(find)
    app.add_typer(readers, name="readers")


def _readers() -> None:
    """Give the command a name of its own, although it is the only one so far."""


def find(
    seconds: Annotated[float, typer.Option(min=0.5, max=60, help="How long to wait for answers.")] = 3.0,
    ask: Annotated[bool, typer.Option(help="Ask each one by LLRP what it is.")] = True,  # noqa: FBT002
    at: Annotated[str, typer.Option(help="Ask this address instead of the whole network (address:port).")] = "",
) -> None:
    """Find RFID readers by mDNS and say what they are; write host = "mdns:NAME" into edge.toml."""
    import asyncio

    from edge.adapters.discovery import GROUP
    from edge.adapters.llrp_survey import survey

    to = GROUP
    if at:
        address, _, port = at.rpartition(":")
        if not port.isdigit():
            raise typer.BadParameter(f"{at} is not like 192.168.1.20:5353")
        to = (address, int(port))
    try:
        lines = asyncio.run(survey(seconds, to=to, ask=ask))
    except (OSError, ValueError) as error:
        typer.echo(f"The network cannot be asked: {error}", err=True)
        raise typer.Exit(1) from error
    if not lines:
        typer.echo(NOTHING_FOUND, err=True)
        raise typer.Exit(1)
    for line in lines:
        typer.echo(line)
