"""``aisle epc decode HEX…`` and ``aisle epc encode URI…``: one JSON line each."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from models.codes.epc import DecodedEpc

epc_app = typer.Typer(help="EPCs of tags: hexadecimal to what it names, and back.", no_args_is_help=True)


def mount(app: typer.Typer, replay: typer.Typer) -> None:  # noqa: ARG001 - every package's mount has both
    """Add ``aisle epc``."""
    app.add_typer(epc_app, name="epc")


@epc_app.command()
def decode(
    hexes: Annotated[
        list[str], typer.Argument(metavar="HEX…", help="EPCs in hexadecimal; - reads lines from stdin.")
    ],
) -> None:
    """Say what each EPC names: scheme, URI, GTIN, serial. A bad one gives its error, and exit status 1."""
    from models.codes.epc import decode_epc

    _print_each(hexes, "hex", decode_epc)


@epc_app.command()
def encode(
    uris: Annotated[list[str], typer.Argument(metavar="URI…", help="EPC URIs (id, tag or raw); - reads stdin.")],
    filter_value: Annotated[
        int | None,
        typer.Option("--filter", min=0, max=7, help="Filter value where the URI names none; 1 for an SGTIN, else 0."),
    ] = None,
) -> None:
    """Encode each URI as hexadecimal, in the shortest scheme that holds it."""
    from models.codes.epc import encode_uri

    _print_each(uris, "uri", lambda uri: encode_uri(uri, filter_value=filter_value))


def _print_each(given: Iterable[str], name: str, work: "Callable[[str], DecodedEpc]") -> None:
    import sys

    import msgspec

    from models.messages.errors import WireError

    texts = [
        text for one in given for text in ((line.strip() for line in sys.stdin) if one == "-" else (one,)) if text
    ]
    failed = False
    for text in texts:
        try:
            line: dict[str, object] = {"gtin": None, "serial": None, **msgspec.to_builtins(work(text))}
        except WireError as error:
            line, failed = {name: text, "error": str(error)}, True
        typer.echo(msgspec.json.encode(line))
    raise typer.Exit(int(failed))
