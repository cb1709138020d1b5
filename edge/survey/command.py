"""The command ``aisle shelf survey``; what it runs is imported when it runs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from edge.survey.report import Report
    from edge.survey.walk import WalkPlan


def mount_survey(app: typer.Typer) -> None:
    """Add ``aisle shelf`` with ``survey`` to the front door."""
    shelf = typer.Typer(help="Set up smart shelves.", no_args_is_help=True)
    shelf.command("survey")(survey)
    shelf.callback()(_shelf)
    app.add_typer(shelf, name="shelf")


def _shelf() -> None:
    """Set up smart shelves."""


def survey(  # noqa: PLR0917 - the options of a command
    plan: Annotated[
        Path | None, typer.Argument(help="Known items and places: a CSV file; without one they are scanned.")
    ] = None,
    config: Annotated[Path, typer.Option("--config", "-c", help="The node's settings.")] = Path("edge.toml"),
    out: Annotated[Path, typer.Option(help="Folder for pictures, figures and the recording.")] = Path("survey"),
    reads: Annotated[
        Path | None, typer.Option(help="Judge this recording (reads.jsonl of a walk, or any) instead of walking.")
    ] = None,
    still: Annotated[float, typer.Option(min=1, help="Seconds in which everything stands still.")] = 120.0,
    moves: Annotated[int, typer.Option(min=0, max=200, help="How many items are moved to the next shelf.")] = 4,
    lifts: Annotated[int, typer.Option(min=0, max=200, help="How many items are taken away and put back.")] = 4,
    notice: Annotated[float, typer.Option(min=0, help="How long at most to wait for each to be noticed.")] = 60.0,
    settle: Annotated[
        float, typer.Option(min=0, help="Seconds after a move in which its item is not judged.")
    ] = 45.0,
    ask_every: Annotated[float, typer.Option(min=0.1, help="How often presence is asked, seconds.")] = 1.0,
) -> None:
    """Walk through an installation with known items, and see how right its shelves are.

    Writes confusion.png, reliability.png, survey.json, items.csv, antennas.csv, summary.txt, and the recording.
    """
    from edge.survey.plan import BadPlan
    from edge.survey.recording import BadRecording
    from edge.survey.walk import WalkPlan
    from models.process.settings import BadSettings

    try:
        walk = WalkPlan(still_s=still, moves=moves, lifts=lifts, notice_s=notice, settle_s=settle)
        if reads is not None:
            report = _judge(reads, plan, config, walk, ask_every)
        else:
            report = _walk(plan, config, out, walk, ask_every)
        written = report.write(out)
    except (BadPlan, BadRecording, BadSettings, OSError, UnicodeDecodeError) as error:
        typer.echo(f"aisle shelf survey: {error}", err=True)
        raise typer.Exit(2) from error
    typer.echo(report.summary())
    typer.echo("\n".join(str(path) for path in written))
    raise typer.Exit(0 if report.is_judged else 1)


def _judge(reads: Path, plan: Path | None, config: Path, walk: "WalkPlan", ask_every_s: float) -> "Report":
    """Judge a recording. The settings are wanted only for the power that is set there."""
    from edge.settings import EdgeSettings
    from edge.survey.live import power_of
    from edge.survey.recording import Replayed, asks_itself
    from edge.survey.report import Report
    from models.process.settings import load_settings

    text = plan.read_text(encoding="utf-8-sig") if plan else None
    with reads.open("rb") as lines:
        own = None if asks_itself(lines) else ask_every_s
    replayed = Replayed(text, settle_ms=round(walk.settle_s * 1000), ask_every_s=own)
    with reads.open("rb") as lines:
        replayed.run(lines)
    for complaint in (*replayed.plan_refused, *replayed.complaints):
        typer.echo(complaint, err=True)
    if replayed.refused:
        typer.echo(f"{replayed.refused} lines could not be used", err=True)
    settings = load_settings(config, EdgeSettings) if config.exists() else None
    return Report(replayed.judged(), replayed.plan, power_of(settings))


def _walk(plan: Path | None, config: Path, out: Path, walk: "WalkPlan", ask_every_s: float) -> "Report":
    import asyncio
    import logging

    import structlog
    from rich.console import Console

    from edge.settings import EdgeSettings
    from edge.survey.live import RECORDING, LiveSurvey, power_of
    from edge.survey.report import Report
    from edge.survey.terminal import Terminal
    from models.process.clock import SystemClock
    from models.process.settings import load_settings

    settings = load_settings(config, EdgeSettings)
    text = plan.read_text(encoding="utf-8-sig") if plan else None
    # What a log would say stands on the screen, beside what to do about it.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    live = LiveSurvey(settings, text, out, walk, ask_every_s)
    console = Console(file=sys.stdout)
    walking = live.run(
        lambda session, health: Terminal(session, health, console),
        SystemClock(),
        lambda line: typer.echo(line, err=True),
    )
    try:
        session = asyncio.run(walking)
    except KeyboardInterrupt:
        # What was walked until then is recorded.
        return _judge(out / RECORDING, None, config, walk, ask_every_s)
    return Report(session.survey, session.plan, power_of(settings))
