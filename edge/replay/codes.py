"""``aisle replay codes IMAGE…``: what the scanner reads in pictures, with the code that reads phones' frames."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer


def mount_codes(replay: typer.Typer) -> None:
    """Add ``aisle replay codes``."""
    replay.command("codes")(codes)


def codes(images: Annotated[list[Path], typer.Argument(metavar="IMAGE…", help="JPEG or PNG files.")]) -> None:
    """Read the codes of pictures: one JSON line a file. A file that cannot be read gives its error, and status 1."""
    import msgspec

    failed = False
    for line in read_files(images):
        typer.echo(msgspec.json.encode(line))
        failed = failed or "error" in line
    raise typer.Exit(int(failed))


def read_files(images: Sequence[Path]) -> Iterator[dict[str, object]]:
    """``{file, codes:[{format, text, gtin, …}]}`` of each file, or ``{file, codes: [], error}``."""
    import msgspec

    from models.codes.errors import BadCode
    from models.codes.image import read_image

    for path in images:
        try:
            found = read_image(path.read_bytes())
        except (OSError, BadCode) as error:
            yield {"file": str(path), "codes": [], "error": str(error)}
            continue
        parsed = [msgspec.to_builtins(code) for code in found]
        shown = [{"format": code.pop("symbology"), "gtin": None, **code} for code in parsed]
        yield {"file": str(path), "codes": shown}
