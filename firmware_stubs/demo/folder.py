"""A demo's folder: empty at the start, and one demo's alone."""

import contextlib
import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path

from firmware_stubs.demo.supervise import DemoError

MARKER = ".aisle-demo"


@contextlib.contextmanager
def emptied(folder: Path) -> Iterator[None]:
    """Hold ``folder`` as long as the context lasts; it begins empty. Only a folder that a demo made is emptied.

    Raises:
        DemoError: it is somebody's files, or another demo runs in it.
    """
    marker = folder / MARKER
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        raise DemoError(f"{folder} is not a demo's folder: name another one with --folder")
    folder.mkdir(parents=True, exist_ok=True)
    with marker.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError(
                f"A demo runs in {folder} already: stop it with Ctrl-C there, or name another folder with --folder"
            ) from None
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path != marker:
                path.unlink()
        yield
