"""``aisle replay llrp < bytes``."""

import sys

import typer


def mount_llrp(replay: typer.Typer) -> None:
    """Add ``aisle replay llrp``."""
    replay.command("llrp")(llrp)


def llrp() -> None:
    """Read LLRP messages from standard input, print one JSON line each. Bad bytes: an error, and exit status 1."""
    import msgspec

    from edge.replay.llrp import read_messages

    failed = False
    for line in read_messages(sys.stdin.buffer):
        sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
        sys.stdout.flush()
        failed = failed or "error" in line
    raise typer.Exit(int(failed))
