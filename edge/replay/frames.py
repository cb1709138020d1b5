"""``aisle replay frames VIDEO|IMAGE…``: people on pictures, with the code that runs live. One JSON line a frame.

``{source, frame, t_ms, people, boxes: [[x0, y0, x1, y1, score]…], lanes: {id: people}, doors: {id: {in, out}}}``;
boxes in pixels, doors counted since the file's beginning. A source that cannot be read gives ``{source, error}``.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from edge.adapters.camera_settings import CameraSettings
    from edge.adapters.frame_source import Frame, FrameSource
    from edge.adapters.person_detector import PersonDetector
    from edge.core.lane.people import Counts

IMAGES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})

FOLLOWED_S = 1.0
"""Frames further apart than this are counted one by one: nobody can be followed over more."""


def mount_frames(replay: typer.Typer) -> None:
    """Add ``aisle replay frames``."""
    replay.command("frames")(frames)


def frames(
    sources: Annotated[list[str], typer.Argument(metavar="VIDEO|IMAGE…", help="Files of video or pictures.")],
    *,
    config: Annotated[Path | None, typer.Option(help="An edge.toml: its camera's lanes, doors and model.")] = None,
    camera: Annotated[str | None, typer.Option(help="Which camera of it; the first if left out.")] = None,
    model: Annotated[str | None, typer.Option(help="A name from `aisle models list`, or an .onnx file.")] = None,
    threshold: Annotated[float | None, typer.Option(min=0.01, max=0.99, help="Score that makes a person.")] = None,
    every: Annotated[int, typer.Option(min=1, help="Look at every Nth frame.")] = 1,
) -> None:
    """Count people on videos and pictures: one JSON line a frame."""
    import msgspec

    from edge.adapters.person_detector import OnnxDetector
    from models.process.settings import BadSettings
    from models.vision.commands import models_folder
    from models.vision.errors import ModelRefused
    from models.vision.store import open_model

    try:
        settings = _settings(config, camera, threshold)
        detector = OnnxDetector(open_model(model or settings.model, models_folder(), threads=settings.threads or 1))
    except (BadSettings, ModelRefused) as error:
        typer.echo(f"aisle replay frames: {error}", err=True)
        raise typer.Exit(2) from None
    failed = False
    for source in sources:
        for line in read_source(source, settings, detector, every=every):
            typer.echo(msgspec.json.encode(line))
            failed = failed or "error" in line
    raise typer.Exit(int(failed))


def read_source(
    source: str, settings: "CameraSettings", detector: "PersonDetector", *, every: int = 1
) -> Iterator[dict[str, Any]]:
    """The lines of one file; a line with ``error`` is the last."""
    from edge.adapters.frame_source import CameraLost
    from edge.adapters.opencv_source import OpenCvSource
    from edge.adapters.watcher import Watcher

    watcher = Watcher(settings, detector)
    try:
        if Path(source).suffix.lower() in IMAGES:
            yield _line(source, 0, watcher.look_once(_picture(source)), {})
            return
        passed = {door.id: {"in": 0, "out": 0} for door in settings.doors}
        before_ms: int | None = None
        is_followed = True
        for frame in ahead(OpenCvSource(source, live=False, turned=settings.turned), every):
            # By the gap between frames that are looked at; the very first is taken for the begin of a video.
            if before_ms is not None:
                is_followed = frame.t_ms - before_ms <= FOLLOWED_S * 1000
            before_ms = frame.t_ms
            counts = (watcher.look if is_followed else watcher.look_once)(frame.image, frame.t_ms)
            for door, crossed in counts.doors.items():
                passed[door]["in"] += crossed.entered
                passed[door]["out"] += crossed.left
            yield _line(source, frame.number, counts, passed)
    except CameraLost as error:
        yield {"source": source, "error": str(error)}


def ahead(source: "FrameSource", every: int) -> Iterator["Frame"]:
    """Every Nth frame of ``source``, the next one decoded while this one is looked at."""
    from edge.adapters.frame_source import EndOfFootage

    def following(skip: int) -> "Frame | None":
        try:
            for _ in range(skip):
                source.read()
            return source.read()
        except EndOfFootage:
            return None

    source.open()
    with ThreadPoolExecutor(max_workers=1) as decoder:
        try:
            coming = decoder.submit(following, 0)
            while (frame := coming.result()) is not None:
                coming = decoder.submit(following, every - 1)
                yield frame
        finally:
            coming.exception()
            source.close()


def _settings(config: Path | None, camera: str | None, threshold: float | None) -> "CameraSettings":
    from edge.adapters.camera_settings import CameraSettings

    settings = CameraSettings(name="replay", source="-")
    if config is not None:
        from edge.settings import EdgeSettings
        from models.process.settings import BadSettings, load_settings

        cameras = {found.name: found for found in load_settings(config, EdgeSettings).camera}
        if not cameras or (camera is not None and camera not in cameras):
            known = ", ".join(cameras) or "none"
            raise BadSettings(
                f"{config}: no [[camera]] {f'is called {camera}' if camera else 'is there'}; known: {known}"
            )
        settings = cameras[camera] if camera else next(iter(cameras.values()))
    return settings if threshold is None else settings.model_copy(update={"threshold": threshold})


def _picture(path: str) -> Any:  # noqa: ANN401 - an OpenCV matrix
    import cv2
    import numpy as np

    from edge.adapters.frame_source import CameraLost

    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise CameraLost(f"{path}: {error.strerror}") from error
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if image is None:
        raise CameraLost(f"{path}: not a picture that OpenCV can read")
    return image


def _line(source: str, number: int, counts: "Counts", doors: dict[str, dict[str, int]]) -> dict[str, Any]:
    return {
        "source": source,
        "frame": number,
        "t_ms": counts.t_ms,
        "people": counts.people,
        "boxes": [[*(round(value, 1) for value in box[:4]), round(box[4], 3)] for box in counts.boxes],
        "lanes": dict(counts.lanes),
        "doors": {door: dict(passed) for door, passed in doors.items()},
    }
