"""Writes what was tuned into ``edge.toml``, and leaves everything else as somebody wrote it."""

from collections.abc import Mapping
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT


class NotWritten(Exception):
    """The file could not be changed; the text says why."""


def write_camera(path: Path, camera: str, values: Mapping[str, object]) -> None:
    """Set ``values`` in the ``[[camera]]`` called ``camera``; comments and order stay.

    Raises:
        NotWritten: no such camera, not TOML, or the file may not be written.
    """
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
        tables = document.get("camera")
        found = [table for table in tables if table.get("name") == camera] if isinstance(tables, AoT) else []
        if not found:
            raise NotWritten(f"{path} has no [[camera]] called {camera}")
        for name, value in values.items():
            found[0][name] = value
        # Beside it and renamed: a machine that loses power has the old settings or the new ones.
        beside = path.with_name(path.name + ".new")
        beside.write_text(tomlkit.dumps(document), encoding="utf-8")
        beside.chmod(path.stat().st_mode & 0o777)
        beside.replace(path)
    except (OSError, TOMLKitError) as error:
        raise NotWritten(f"{path}: {error}") from error
