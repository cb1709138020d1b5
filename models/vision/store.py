"""Model files on this machine: found, checked, opened, brought.

A file is opened only if its hash is one that somebody vouches for, and under a licence that a shop may use: a row of
the catalogue, or a description beside the file (``my.onnx`` → ``my.toml``, keys as in ``ModelRow``).
"""

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from models.vision.catalogue import ARTEFACTS, LICENCES, ModelRow, find_row, row_of_hash
from models.vision.errors import ModelMissing, ModelRefused, ModelTampered, ModelUnfit, ModelUnlicensed
from models.vision.selftest import self_test
from models.vision.session import PersonModel

Warn = Callable[[str], None]


def open_model(name_or_path: str, folder: Path, *, threads: int = 1) -> PersonModel:
    """Open a detector by its name in the catalogue or by a path, after every check; see the module's text.

    ``folder`` is where ``aisle models pull`` keeps files.

    Raises:
        ModelRefused: one of its kinds; the text says what to do.
    """
    path, row = locate(name_or_path, folder)
    check_licence(row)
    model = PersonModel(path, row, threads)
    self_test(model)
    return model


def open_first_good(
    names: Iterator[str] | tuple[str, ...], folder: Path, warn: Warn, *, threads: int = 1
) -> PersonModel:
    """Open the first of ``names`` that passes; each refusal is told to ``warn``. Raises the last one if none does."""
    refusal: ModelRefused | None = None
    for name in names:
        try:
            return open_model(name, folder, threads=threads)
        except ModelRefused as error:
            refusal = error
            warn(f"model {name} is refused: {error}")
    raise refusal or ModelMissing("no model was named")


def locate(name_or_path: str, folder: Path) -> tuple[Path, ModelRow]:
    """Find the file and the row that describes it, and hold the bytes to the row's hash.

    Raises:
        ModelMissing, ModelTampered, ModelUnlicensed: see there.
    """
    if name_or_path.endswith(".onnx") or "/" in name_or_path:
        path = Path(name_or_path)
        if not path.is_file():
            raise ModelMissing(f"{path}: no such file")
        found = hash_of(path)
        row = row_of_hash(found) or _described(path)
    else:
        row = find_row(name_or_path)
        path = ARTEFACTS / row.artefact if row.artefact else folder / row.filename
        if not path.is_file():
            raise ModelMissing(f"{row.name} is not on this machine; bring it with: aisle models pull {row.name}")
        found = hash_of(path)
    if found != row.sha256:
        raise ModelTampered(f"{path}: sha256 {found}, expected {row.sha256}; remove the file and pull it again")
    return path, row


def check_licence(row: ModelRow) -> None:
    """Raises ``ModelUnlicensed`` unless the row's licence is one of ``LICENCES``."""
    if row.licence not in LICENCES:
        allowed = ", ".join(sorted(LICENCES))
        raise ModelUnlicensed(f"{row.name}: licence {row.licence or 'unknown'}; allowed are {allowed}")


def hash_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _described(path: Path) -> ModelRow:
    """The row that the operator wrote beside a model of their own."""
    beside = path.with_suffix(".toml")
    wanted = "name, family, sha256, licence, side, threshold"
    if not beside.is_file():
        raise ModelUnlicensed(f"{path}: nobody vouches for this file; describe it in {beside} ({wanted})")
    try:
        values = tomllib.loads(beside.read_text(encoding="utf-8"))
        defaults = {"address": str(path), "size_bytes": path.stat().st_size, "origin": str(beside)}
        row = msgspec.convert(defaults | values, ModelRow)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ModelUnfit(f"{beside}: {error}; wanted are {wanted}") from error
    if not 32 <= row.side <= 2048 or not 0 < row.threshold < 1:
        raise ModelUnfit(f"{beside}: side is 32 to 2048 pixels, threshold between 0 and 1")
    return row


def pull(row: ModelRow, folder: Path, chunks: Iterator[bytes]) -> Path:
    """Keep what ``chunks`` bring as the file of ``row``, if it is what the row says; nothing is left otherwise.

    Raises:
        ModelTampered: other bytes than the catalogue names, or more of them.
        ModelUnlicensed: it is not even brought.
    """
    check_licence(row)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / (row.filename + ".part")
    digest, size = hashlib.sha256(), 0
    try:
        with part.open("wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > row.size_bytes:
                    raise ModelTampered(f"{row.name}: more than the {row.size_bytes} bytes that the catalogue names")
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != row.sha256:
            raise ModelTampered(f"{row.name}: sha256 {digest.hexdigest()}, expected {row.sha256}")
        return part.replace(folder / row.filename)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
