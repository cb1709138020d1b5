"""Tasks of the floor: written down, claimed by one clerk, over when they are done or no longer needed."""

import json
import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.core.planogram import DefaultRule
from gateway.core.stock import Floor
from gateway.core.tasks import Decision, Task, Want, decide
from gateway.store import counts, rows, task_goods
from models.messages.facts import Fact, StockChanged, StockCounted
from models.messages.goods import TaskChanged

KEPT_MS: Final = 30 * 86_400_000
ACTIONS_KEPT_MS: Final = 7 * 86_400_000
"""So long a handheld may be away with what its clerk did, and still be counted once."""
UNDO_MS: Final = 10 * 60_000
NO_WORK_MS: Final = 60_000
"""Nobody fills a shelf so soon after it was found low, without having claimed that."""
DONE_SHOWN_MS: Final = 24 * 3_600_000

_COLUMNS: Final = (
    "task, state, base, type, shelf, reason, priority, quantity, on_shelf, backroom, from_place, to_place, epcs"
)


@dataclass(slots=True)
class Outcome:
    """Which tasks changed, what headquarters is told of it, and the products whose books moved."""

    tasks: set[str] = field(default_factory=set)
    facts: list[Fact] = field(default_factory=list)
    gtins: set[str] = field(default_factory=set)

    def join(self, other: "Outcome") -> None:
        """Take over what else changed."""
        self.tasks |= other.tasks
        self.facts += other.facts
        self.gtins |= other.gtins

    def add(self, fact: TaskChanged) -> None:
        """Note one change of state."""
        self.tasks.add(fact.task)
        self.facts.append(fact)


def reconcile(
    connection: sqlite3.Connection, gtins: Iterable[str], floor: Floor, rule: DefaultRule, now_ms: int
) -> Outcome:
    """Bring the tasks of these products in line with what stands now. Some hundred products at once."""
    open_now: dict[str, list[Task]] = {gtin: [] for gtin in gtins}
    for row in connection.execute(
        f"""SELECT gtin, {_COLUMNS} FROM tasks WHERE state IN ('open', 'claimed')
            AND gtin IN (SELECT value FROM json_each(?))""",  # noqa: S608 - columns of ours
        (json.dumps(list(open_now)),),
    ).fetchall():
        open_now[row[0]].append(_task(row[1:]))
    outcome = Outcome()
    for goods in task_goods.load(connection, open_now, floor, rule, now_ms):
        decision = decide(goods, open_now[goods.gtin], floor.backroom)
        _write(connection, goods.gtin, decision, now_ms, outcome)
    return outcome


def raise_one(connection: sqlite3.Connection, gtin: str, want: Want, now_ms: int, outcome: Outcome) -> bool:
    """Write a new task down; gives whether there was none of its kind yet."""
    task = f"{want.type}-{secrets.token_hex(5)}"
    cursor = connection.execute(
        """INSERT INTO tasks(task, type, state, gtin, shelf, from_place, to_place, quantity, on_shelf, backroom, base,
               epcs, reason, priority, since_ms) VALUES (?,?,'open',?,?,?,?,?,?,?,?,?,?,?,?)
           ON CONFLICT DO NOTHING""",
        (
            task, want.type, gtin, want.shelf, want.from_place, want.to_place, want.quantity, want.on_shelf,
            want.backroom, want.on_shelf, json.dumps(want.epcs), want.reason, want.priority, now_ms,
        ),
    )  # fmt: skip
    if cursor.rowcount:
        _tell(connection, task, now_ms, outcome)
    return cursor.rowcount > 0


def _write(connection: sqlite3.Connection, gtin: str, decision: Decision, now_ms: int, outcome: Outcome) -> None:
    for task, ending in decision.over:
        # What ends by itself before anybody could have done it was no work: a shelf that begins to be read, say.
        (state,) = connection.execute(
            """UPDATE tasks SET done_ms = ?1, done_by = claimed_by, state =
                   CASE WHEN state = 'open' AND since_ms > ?1 - ?2 THEN 'dropped' ELSE ?3 END
               WHERE task = ?4 RETURNING state""",
            (now_ms, NO_WORK_MS, ending, task.task),
        ).fetchone()
        _tell(connection, task.task, now_ms, outcome)
        if state == "done" and task.want.type == "replenish":
            _take_from_books(connection, gtin, task, now_ms, outcome)
    for task, want, base in decision.changed:
        connection.execute(
            """UPDATE tasks SET reason = ?, priority = ?, quantity = ?, on_shelf = ?, backroom = ?, to_place = ?,
               epcs = ?, base = ? WHERE task = ?""",
            (
                want.reason, want.priority, want.quantity, want.on_shelf, want.backroom, want.to_place,
                json.dumps(want.epcs), base, task.task,
            ),
        )  # fmt: skip
        outcome.tasks.add(task.task)
    for want in decision.raised:
        raise_one(connection, gtin, want, now_ms, outcome)


def _take_from_books(connection: sqlite3.Connection, gtin: str, task: Task, now_ms: int, outcome: Outcome) -> None:
    """What a shelf now sees has left a back room that no reader watches: there people count."""
    place = task.want.from_place
    row = connection.execute(
        """SELECT quantity FROM counted WHERE gtin = ?1 AND place = ?2 AND quantity > 0 AND NOT EXISTS
           (SELECT 1 FROM items WHERE gtin = ?1 AND place = ?2 AND state = 'back_room')""",
        (gtin, place),
    ).fetchone()
    if row is not None:
        delta = -min(task.want.quantity, row[0])
        fact = StockChanged(t_ms=now_ms, gtin=gtin, place=place, delta=delta, reason="transfer", reference=task.task)
        outcome.facts.append(counts.book(connection, fact))
        outcome.gtins.add(gtin)


def claimed_by(connection: sqlite3.Connection, task: str) -> str | None:
    """Who claimed a task last."""
    row = connection.execute("SELECT claimed_by FROM tasks WHERE task = ?", (task,)).fetchone()
    return None if row is None else row[0]


def is_new_action(connection: sqlite3.Connection, action: str | None, task: str, clerk: str, now_ms: int) -> bool:
    """Note what a client calls ``action``; gives ``False`` for one that was done before: it counts once."""
    if action is None:
        return True
    cursor = connection.execute(
        "INSERT INTO task_actions(action, task, clerk, t_ms) VALUES (?,?,?,?) ON CONFLICT DO NOTHING",
        (action, task, clerk, now_ms),
    )
    return cursor.rowcount > 0


def claim(
    connection: sqlite3.Connection, task: str, clerk: str, *, now_ms: int, until_ms: int, outcome: Outcome
) -> bool:
    """Give a task to one clerk until ``until_ms``; gives whether it is theirs now. Their own claim is renewed."""
    before = claimed_by(connection, task)
    cursor = connection.execute(
        """UPDATE tasks SET state = 'claimed', claimed_by = ?1, expires_ms = ?3,
               base = CASE WHEN state = 'open' THEN on_shelf ELSE base END,
               claimed_ms = CASE WHEN state = 'open' OR claimed_by <> ?1 THEN ?2 ELSE claimed_ms END
           WHERE task = ?4 AND (state = 'open' OR (state = 'claimed' AND (claimed_by = ?1 OR expires_ms <= ?2)))""",
        (clerk, now_ms, until_ms, task),
    )
    if cursor.rowcount and before != clerk:
        _tell(connection, task, now_ms, outcome)
    return cursor.rowcount > 0


def release(connection: sqlite3.Connection, task: str, clerk: str, now_ms: int, outcome: Outcome) -> bool:
    """Give a task back; gives whether it was this clerk's."""
    cursor = connection.execute(
        f"{_FREE} WHERE task = ? AND state = 'claimed' AND claimed_by = ?",
        (task, clerk),
    )
    if cursor.rowcount:
        _tell(connection, task, now_ms, outcome)
    return cursor.rowcount > 0


def has_expired(connection: sqlite3.Connection, now_ms: int) -> bool:
    """Whether a claim has run out."""
    row = connection.execute(
        "SELECT 1 FROM tasks WHERE state = 'claimed' AND expires_ms <= ? LIMIT 1", (now_ms,)
    ).fetchone()
    return row is not None


def expire(connection: sqlite3.Connection, now_ms: int) -> Outcome:
    """Free the tasks whose clerks did not come back to them."""
    outcome = Outcome()
    for (task,) in connection.execute(
        f"{_FREE} WHERE state = 'claimed' AND expires_ms <= ? RETURNING task", (now_ms,)
    ).fetchall():
        _tell(connection, task, now_ms, outcome)
    return outcome


_FREE: Final = "UPDATE tasks SET state = 'open', claimed_by = NULL, claimed_ms = NULL, expires_ms = NULL"


def finish(
    connection: sqlite3.Connection, task: str, clerk: str, *, moved: int = 0, now_ms: int, outcome: Outcome
) -> bool:
    """Say that a task is done, by a clerk, who moved so many pieces in the books; gives whether it was not over."""
    cursor = connection.execute(
        """UPDATE tasks SET state = 'done', done_by = ?, done_ms = ?, moved = ?
           WHERE task = ? AND state IN ('open', 'claimed')""",
        (clerk, now_ms, moved, task),
    )
    if cursor.rowcount:
        _tell(connection, task, now_ms, outcome)
    return cursor.rowcount > 0


def drop(connection: sqlite3.Connection, task: str, now_ms: int, outcome: Outcome) -> None:
    """Say that a task is no longer needed."""
    connection.execute("UPDATE tasks SET state = 'dropped', done_ms = ? WHERE task = ?", (now_ms, task))
    _tell(connection, task, now_ms, outcome)


def reopen(connection: sqlite3.Connection, task: str, now_ms: int, outcome: Outcome) -> bool:
    """Take back that a task is done; gives ``False`` where there is another of its kind by now."""
    cursor = connection.execute(
        """UPDATE OR IGNORE tasks SET state = 'open', done_by = NULL, done_ms = NULL, moved = 0, claimed_by = NULL,
               claimed_ms = NULL, expires_ms = NULL WHERE task = ? AND state = 'done'""",
        (task,),
    )
    if cursor.rowcount:
        _tell(connection, task, now_ms, outcome)
    return cursor.rowcount > 0


def finish_counts(connection: sqlite3.Connection, fact: StockCounted, now_ms: int, outcome: Outcome) -> None:
    """A count came: whoever was to count this product there need not any more."""
    for (task,) in connection.execute(
        """SELECT task FROM tasks WHERE gtin = ? AND type = 'count' AND shelf = ? AND state IN ('open', 'claimed')""",
        (fact.gtin, fact.place),
    ).fetchall():
        finish(connection, task, fact.by, now_ms=now_ms, outcome=outcome)


def find(connection: sqlite3.Connection, task: str) -> sqlite3.Row | None:
    """One task with the names of product and clerk, or ``None``."""
    return rows.one(connection, f"{_SHOWN} WHERE task = ?", (task,))


def several(connection: sqlite3.Connection, names: Sequence[str]) -> list[sqlite3.Row]:
    """These tasks, the most urgent first."""
    return _shown(
        connection, "WHERE task IN (SELECT value FROM json_each(?))", (json.dumps(list(names)),), len(names)
    )


def unfinished(connection: sqlite3.Connection, limit: int) -> list[sqlite3.Row]:
    """What there is to do, claimed or not, the most urgent first."""
    return _shown(connection, "WHERE tasks.state IN ('open', 'claimed')", (), limit)


def claimed(connection: sqlite3.Connection, clerk: str, limit: int) -> list[sqlite3.Row]:
    """What a clerk has claimed."""
    return _shown(connection, "WHERE tasks.state = 'claimed' AND claimed_by = ?", (clerk,), limit)


def over(connection: sqlite3.Connection, now_ms: int, limit: int) -> list[sqlite3.Row]:
    """What was done in the last day, the newest first."""
    cursor = connection.execute(
        f"{_SHOWN} WHERE tasks.state = 'done' AND done_ms >= ? ORDER BY done_ms DESC LIMIT ?",
        (now_ms - DONE_SHOWN_MS, limit),
    )
    found: list[sqlite3.Row] = cursor.fetchall()
    return found


def numbers(connection: sqlite3.Connection, clerk: str) -> tuple[int, int]:
    """How many tasks nobody has claimed, and how many this clerk has."""
    row = connection.execute(
        """SELECT coalesce(sum(state = 'open'), 0), coalesce(sum(state = 'claimed' AND claimed_by = ?), 0)
           FROM tasks WHERE state IN ('open', 'claimed')""",
        (clerk,),
    ).fetchone()
    return int(row[0]), int(row[1])


_SHOWN: Final = """
    SELECT tasks.*, products.name_en, products.name_zh, clerks.name AS claimed_name
    FROM tasks LEFT JOIN products ON products.gtin = tasks.gtin
    LEFT JOIN clerks ON clerks.clerk = coalesce(tasks.claimed_by, tasks.done_by)
"""


def _shown(connection: sqlite3.Connection, where: str, values: tuple[object, ...], limit: int) -> list[sqlite3.Row]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(
        f"{_SHOWN} {where} ORDER BY priority DESC, since_ms, task LIMIT ?", (*values, limit)
    ).fetchall()


def prune(connection: sqlite3.Connection, now_ms: int) -> int:
    """Forget tasks that have been over for a month, and what handhelds called their actions; gives how many tasks."""
    connection.execute("DELETE FROM task_actions WHERE t_ms < ?", (now_ms - ACTIONS_KEPT_MS,))
    return connection.execute(
        "DELETE FROM tasks WHERE state IN ('done', 'dropped') AND done_ms < ?", (now_ms - KEPT_MS,)
    ).rowcount


def is_tagged(connection: sqlite3.Connection, gtin: str) -> bool:
    """Whether readers can see this product: the catalogue says so, or a tag of it was ever seen."""
    row = connection.execute(
        "SELECT 1 FROM products WHERE gtin = ?1 AND tagged = 1 UNION ALL SELECT 1 FROM items WHERE gtin = ?1 LIMIT 1",
        (gtin,),
    ).fetchone()
    return row is not None


def _task(row: tuple[Any, ...]) -> Task:
    task, state, base, kind, shelf, reason, priority, quantity, on_shelf, backroom, from_place, to_place, epcs = row
    want = Want(
        kind, shelf, reason, priority, quantity, on_shelf, backroom, from_place, to_place, tuple(json.loads(epcs))
    )
    return Task(task, state, base, want)


def _tell(connection: sqlite3.Connection, task: str, now_ms: int, outcome: Outcome) -> None:
    """Note how a task is now."""
    kind, state, shelf, gtin, quantity, by = connection.execute(
        "SELECT type, state, shelf, gtin, quantity, coalesce(done_by, claimed_by) FROM tasks WHERE task = ?", (task,)
    ).fetchone()
    outcome.add(
        TaskChanged(
            t_ms=now_ms, task=task, type=kind, state=state, shelf=shelf, gtin=gtin, quantity=max(quantity, 0), by=by
        )
    )
