"""What was set aside, since our own fold broke on it, is folded again: after an update, and when a manager asks."""

import sqlite3
from functools import partial
from typing import Final

import structlog

from cloud_sync.stream import set_aside
from cloud_sync.stream.errors import StorageError
from cloud_sync.stream.inbox import Fold
from cloud_sync.stream.set_aside import Retried
from gateway.api.desk import Desk
from gateway.store.fold import HQ, LateNodeFold
from gateway.store.sales import SaleRules

_log = structlog.get_logger(__name__)
SUBJECT: Final = "set-aside"


def after_update(desk: Desk, rules: SaleRules, version: str) -> None:
    """Let ``desk`` fold late, and do it now if another version folded last. Call it before anything new is folded."""
    peer = None if desk.settings.hq is None else HQ
    fold = LateNodeFold(rules, desk.touched, desk.clock, desk.outbox, peer=peer)
    desk.late.append(partial(_fold_again, desk, fold))
    try:
        if desk.writer.run(lambda connection: set_aside.is_new_version(connection, version)):
            fold_again(desk)
    except StorageError as error:
        _log.warning("what was set aside waits for the disk", error=str(error))


def fold_again(desk: Desk) -> Retried:
    """Fold again what was set aside, and say what is still wrong."""
    retried = Retried()
    for run in desk.late:
        found = run()
        retried.folded += found.folded
        retried.refused += found.refused
        retried.failed += found.failed
        retried.detail = found.detail or retried.detail
    if retried.folded or retried.refused or retried.failed:
        _log.info("folded again", folded=retried.folded, refused=retried.refused, failed=retried.failed)
    report(desk)
    desk.announce()
    return retried


def _fold_again(desk: Desk, fold: Fold) -> Retried:
    retried = Retried()

    def owner(node: str) -> Fold | None:
        return None if node == HQ else fold

    def change(connection: sqlite3.Connection) -> bool:
        return set_aside.retry(connection, owner, desk.clock.now_ms(), retried)

    while desk.writer.run(change):
        pass
    retried.folded += desk.writer.run(_ask_headquarters_again)
    return retried


def _ask_headquarters_again(connection: sqlite3.Connection) -> int:
    """Forget how far headquarters was heard where something of it was set aside; gives how many facts that was.

    All that headquarters says is the state of something, and its newest word holds. Folded late, an old price would
    stand above the new one. So it is asked to say all of it again, in order, as for a store that came from a backup.
    """
    classes = connection.execute("SELECT DISTINCT class FROM set_aside WHERE node = ?", (HQ,)).fetchall()
    connection.executemany("DELETE FROM inbox WHERE node = ? AND class = ?", [(HQ, row[0]) for row in classes])
    return connection.execute("DELETE FROM set_aside WHERE node = ?", (HQ,)).rowcount


def report(desk: Desk) -> None:
    """Say on the status whether something waits for a version that can fold it."""
    with desk.reading() as connection:
        waiting = set_aside.waiting(connection)
    if not waiting.facts:
        desk.health.clear(SUBJECT)
        return
    message = f"{waiting.facts} facts were set aside: {waiting.detail}"
    hint = "They are kept. Update Aisle, or press “Try again” beside the refused messages."
    desk.health.report(SUBJECT, "fold", message, hint)
