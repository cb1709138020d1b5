"""The command ``aisle replay shelf``; what it runs is imported when it runs."""

from typing import Annotated

import typer


def mount_shelf(replay: typer.Typer) -> None:
    """Add ``shelf`` to ``aisle replay``."""

    @replay.command("shelf")
    def shelf(
        false_takes_per_1000_h: Annotated[
            float | None,
            typer.Option(min=0.1, max=1000, help="How many looks may pass for takes; fewer makes it slower."),
        ] = None,
        place_threshold: Annotated[
            float | None, typer.Option(min=0.5, max=0.999, help="How sure before an item counts as placed.")
        ] = None,
    ) -> None:
        """Read a recording of tag reads from standard input; print facts and answers as JSON lines."""
        import sys

        from edge.replay.shelf import ShelfReplay

        replay = ShelfReplay(sys.stdout.buffer, sys.stderr, false_takes=false_takes_per_1000_h, place=place_threshold)
        replay.run(sys.stdin.buffer)
