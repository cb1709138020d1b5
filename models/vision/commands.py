"""``aisle models list | pull | check | bench``."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from models.vision.catalogue import CATALOGUE, DEFAULT_MODEL, ModelRow, find_row


def models_folder() -> Path:
    """Where pulled models lie: ``$AISLE_DATA/models``, else ``var/models``."""
    return Path(os.environ.get("AISLE_DATA") or "var") / "models"


def mount(app: typer.Typer, replay: typer.Typer) -> None:  # noqa: ARG001 - every package mounts alike
    """Add this package's commands to the front door."""
    models = typer.Typer(
        help="The person detectors: what is here, bring one, check one, time one.", no_args_is_help=True
    )
    models.command("list")(list_models)
    models.command("pull")(pull_model)
    models.command("check")(check_model)
    models.command("bench")(bench_model)
    app.add_typer(models, name="models")


def list_models() -> None:
    """Show the catalogue, and which files are on this machine."""
    from rich.console import Console
    from rich.table import Table

    from models.vision.catalogue import ARTEFACTS

    table = Table("name", "family", "pixels", "threshold", "MB", "licence", "here", box=None, pad_edge=False)
    missing = []
    for row in CATALOGUE:
        path = ARTEFACTS / row.artefact if row.artefact else models_folder() / row.filename
        if not path.is_file():
            missing.append(row.name)
        here = "yes" if path.is_file() else "no"
        size_mb = f"{row.size_bytes / 1e6:.1f}"
        table.add_row(row.name, row.family, str(row.side), str(row.threshold), size_mb, row.licence, here)
    Console(highlight=False).print(table)
    for name in missing:
        sys.stdout.write(f"Bring it with: aisle models pull {name}\n")


def pull_model(
    name: Annotated[str, typer.Argument(help="A name from `aisle models list`.")],
    from_file: Annotated[
        Path | None, typer.Option("--from", help="A file that was brought by hand, where there is no network.")
    ] = None,
) -> None:
    """Bring a model by its address; it is kept only if its hash is the catalogue's."""
    from models.vision.errors import ModelRefused

    try:
        said = _bring(find_row(name), from_file)
    except (ModelRefused, OSError) as error:
        _fail(str(error))
    sys.stdout.write(f"{name}: {said}\n")


def _bring(row: ModelRow, from_file: Path | None) -> str:
    from models.vision.store import open_model, pull

    if row.artefact:
        return "comes with Aisle."
    path = pull(row, models_folder(), iter((from_file.read_bytes(),)) if from_file else _download(row))
    open_model(row.name, models_folder())
    return f"{path}, checked."


def _download(row: ModelRow) -> Iterator[bytes]:
    import httpx
    from rich.progress import Progress

    try:
        with (
            httpx.stream("GET", row.address, follow_redirects=True, timeout=30) as response,
            Progress(transient=True) as progress,
        ):
            response.raise_for_status()
            task = progress.add_task(row.name, total=row.size_bytes)
            for chunk in response.iter_bytes(65_536):
                progress.advance(task, len(chunk))
                yield chunk
    except httpx.HTTPError as error:
        hint = f"bring the file yourself and give its path with --from: {row.address}"
        raise OSError(f"{row.name} could not be brought: {error}; {hint}") from error


def check_model(
    name: Annotated[str, typer.Argument(help="A name, or the path of an .onnx file.")] = DEFAULT_MODEL,
) -> None:
    """Check hash and licence, load it, and let it find the people of a drawn shop."""
    from models.vision.errors import ModelRefused
    from models.vision.store import open_model

    try:
        row = open_model(name, models_folder()).row
    except ModelRefused as error:
        _fail(f"{error.reason}: {error}")
    sys.stdout.write(f"{row.name}: hash, licence ({row.licence}), shape and self-test are good.\n")


def bench_model(
    name: Annotated[str, typer.Argument(help="A name, or the path of an .onnx file.")] = DEFAULT_MODEL,
    frames: Annotated[int, typer.Option(min=1, help="How many frames to time.")] = 50,
    threads: Annotated[int, typer.Option(min=1, max=16)] = 1,
) -> None:
    """Time a frame, beside bare inference, and say how many cameras at 2 frames a second this machine holds."""
    import statistics

    from models.vision.errors import ModelRefused
    from models.vision.scene import shop_with_people
    from models.vision.store import open_model

    try:
        model = open_model(name, models_folder(), threads=threads)
    except ModelRefused as error:
        _fail(str(error))
    tensor, picture = model.blank_input(), shop_with_people()
    bare, whole = [], []
    for _ in range(frames):
        start = time.perf_counter()
        model.infer(tensor)
        middle = time.perf_counter()
        model.detect(picture)
        bare.append(middle - start)
        whole.append(time.perf_counter() - middle)
    bare_ms, whole_ms = statistics.median(bare) * 1000, statistics.median(whole) * 1000
    cameras = int(1000 / whole_ms * 0.8 / 2)
    sys.stdout.write(
        f"{model.row.name}, {threads} thread(s): {whole_ms:.1f} ms a frame, bare inference {bare_ms:.1f} ms, "
        f"ratio {whole_ms / bare_ms:.2f}; {cameras} cameras at 2 frames a second on 80 % of one core\n"
    )


def _fail(message: str) -> NoReturn:
    sys.stderr.write(f"aisle models: {message}\n")
    raise typer.Exit(1)
