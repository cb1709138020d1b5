"""``aisle camera tune``: opens a page on this machine, takes ten frames, and writes what a person's labels show."""

import secrets
import sys
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from edge.adapters.camera_settings import CameraSettings


def mount_camera(app: typer.Typer) -> None:
    """Add ``aisle camera`` to the front door."""
    camera = typer.Typer(help="Set a camera up.", no_args_is_help=True)
    camera.callback()(_group)
    camera.command("tune")(tune)
    app.add_typer(camera, name="camera")


def _group() -> None:
    """Set a camera up."""


def tune(
    camera: Annotated[str | None, typer.Argument(help="Its name in edge.toml; the first if left out.")] = None,
    *,
    config: Annotated[Path, typer.Option("--config", "-c", help="The node's settings.")] = Path("edge.toml"),
    every_s: Annotated[float, typer.Option("--every", min=0.1, help="Seconds between two frames.")] = 6.0,
    host: Annotated[
        str, typer.Option(help="0.0.0.0 lets a phone in the store's network open the page.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8085,
) -> None:
    """Label ten frames in the browser; sets the camera's threshold and crop, and shows the error.

    The frames stay in this process's memory and go to the one browser that has the link.
    """
    from uvicorn.config import Config

    from edge.adapters.opencv_source import OpenCvSource
    from edge.adapters.person_detector import OnnxDetector
    from edge.tune.app import create_tune
    from edge.tune.session import Session
    from models.process.clock import SystemClock
    from models.process.health import Health
    from models.process.serving import STARTUP_FAILED, HouseServer
    from models.vision.commands import models_folder
    from models.vision.errors import ModelRefused
    from models.vision.store import open_model

    settings = _camera(config, camera)
    try:
        detector = OnnxDetector(open_model(settings.model, models_folder(), threads=settings.threads or 1))
    except ModelRefused as error:
        _fail(str(error))
    session = Session(settings, detector, config)
    key, stop = secrets.token_urlsafe(12), Event()
    is_live = "://" in settings.source or settings.source.startswith("/dev/")
    source = OpenCvSource(settings.source, live=is_live, turned=settings.turned)
    Thread(target=session.take, args=(source, every_s, stop.wait), daemon=True).start()
    app = create_tune(session, Health(SystemClock()), key)
    server = HouseServer(Config(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=1))
    sys.stdout.write(f"Open http://{host}:{port}/open/{key} in a browser. Ctrl-C ends it.\n")
    sys.stdout.flush()
    server.run()
    stop.set()
    if server.failed:
        raise typer.Exit(STARTUP_FAILED)


def _camera(config: Path, name: str | None) -> "CameraSettings":
    from edge.settings import EdgeSettings
    from models.process.settings import BadSettings, load_settings

    try:
        cameras = {found.name: found for found in load_settings(config, EdgeSettings).camera}
    except BadSettings as error:
        _fail(str(error))
    if not cameras or (name is not None and name not in cameras):
        known = ", ".join(cameras) or "none"
        _fail(f"{config}: no [[camera]] {f'is called {name}' if name else 'is there'}; known: {known}")
    return cameras[name] if name else next(iter(cameras.values()))


def _fail(why: str) -> NoReturn:
    sys.stderr.write(f"aisle camera tune: {why}\n")
    raise typer.Exit(2)
