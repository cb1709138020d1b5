"""What readers there are and what they are, as lines for a terminal."""

import asyncio
import contextlib
from typing import Final

from edge.adapters.discovery import Address, FoundReader, find_readers
from edge.adapters.link_lost import LinkLost
from edge.adapters.llrp_plan import Abilities
from edge.adapters.llrp_profile import profile_for
from edge.adapters.llrp_session import LlrpSession
from edge.adapters.llrp_settings import LlrpReaderSettings

_HEAD: Final = ("NAME", "HOST", "PORT", "MODEL", "ANTENNAS", "FIRMWARE")
_ASK_S: Final = 3.0


async def survey(seconds: float, *, to: Address, ask: bool) -> list[str]:
    """A table of the readers that announce themselves, with a heading; nothing where there is none.

    With ``ask``, each is asked by LLRP what it is; nothing of it is changed.

    Raises:
        OSError: there is no network to ask in.
    """
    found = await find_readers(seconds, to=to)
    said = await asyncio.gather(*(_said(reader) if ask else _unasked(reader) for reader in found))
    rows = [(one.name, one.host, str(one.port), *what) for one, what in zip(found, said, strict=True)]
    if not rows:
        return []
    widths = [max(len(row[column]) for row in (_HEAD, *rows)) for column in range(len(_HEAD))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (_HEAD, *rows)
    ]


async def look(host: str, port: int) -> Abilities:
    """Ask a reader what it is, and leave it as it was. Raises ``LinkLost``, ``OSError`` or ``TimeoutError``."""
    settings = LlrpReaderSettings(name="survey", host=host, port=port, antennas={1: "any"}, timeout_s=_ASK_S)
    async with asyncio.timeout(_ASK_S):
        streams = await asyncio.open_connection(host, port)
    session = LlrpSession(
        streams, settings, on_report=lambda _: None, on_event=lambda _: None, on_refused=lambda _frame, _error: None
    )
    try:
        return await session.look()
    finally:
        streams[1].close()
        with contextlib.suppress(OSError):
            await streams[1].wait_closed()


async def _said(reader: FoundReader) -> tuple[str, str, str]:
    try:
        can = await look(reader.host, reader.port)
    except (LinkLost, OSError, TimeoutError) as error:
        what = str(error) or "no answer"
        return f"? ({what})", "", ""
    profile = profile_for(can.manufacturer, can.model)
    return f"{profile.name} ({can.model})", str(can.max_antennas), can.firmware


async def _unasked(reader: FoundReader) -> tuple[str, str, str]:
    return reader.text.get("model", ""), "", ""
