"""The rules of tasks by themselves: what is wanted, what flickers, who owns."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.tasks import Decision, Goods, Spot, Task, Want, decide, needed, priority
from gateway.store import tasks
from gateway.store.migrations import migrate
from gateway.store.tasks import Outcome
from tests.gateway.conftest import MILK

SPOTS = st.builds(
    lambda shelf, capacity, low, standing, knowledge, p: Spot(
        shelf, capacity, min(low, capacity - 1), standing, knowledge, p
    ),
    st.sampled_from(["A1", "B2", "C3"]),
    st.integers(1, 20),
    st.integers(0, 10),
    st.integers(0, 25),
    st.sampled_from(["seen", "counted", "unknown"]),
    st.floats(0, 1),
)
GOODS = st.builds(
    Goods,
    st.just(MILK),
    st.lists(SPOTS, max_size=3, unique_by=lambda spot: spot.shelf),
    st.one_of(st.none(), st.integers(0, 30)),
    st.floats(0, 1),
    st.floats(0, 100),
)


def written(decision: Decision, state: str = "open") -> list[Task]:
    return [Task(f"t-{n}", state, want.on_shelf, want) for n, want in enumerate(decision.raised)]  # type: ignore[arg-type]


@given(GOODS)
def test_nobody_is_sent_for_more_than_there_is_or_fits(goods: Goods) -> None:
    raised = [want for want in decide(goods, [], "backroom").raised if want.type == "replenish"]
    assert sum(want.quantity for want in raised) <= (goods.backroom or 0)
    for want in raised:
        spot = next(spot for spot in goods.spots if spot.shelf == want.shelf)
        assert 0 < want.quantity <= spot.room
        assert spot.standing <= spot.low
        assert spot.knowledge != "unknown"
        assert 1 <= want.priority <= 100


@given(GOODS)
def test_looking_twice_changes_nothing(goods: Goods) -> None:
    first = decide(goods, [], "backroom")
    again = decide(goods, written(first), "backroom")
    assert (again.raised, again.changed, again.over) == ([], [], [])


@given(st.integers(2, 30), st.integers(0, 10), st.data())
def test_pieces_that_flicker_raise_and_end_nothing(capacity: int, low: int, data: st.DataObject) -> None:
    low = min(low, capacity - 2)
    spot = Spot("A1", capacity, low, low, "seen")
    open_now = written(decide(Goods(MILK, [spot], 40), [], "backroom"))
    for standing in data.draw(st.lists(st.integers(max(low - 1, 0), spot.relief), max_size=6)):
        flickering = Goods(MILK, [Spot("A1", capacity, low, standing, "seen")], 40)
        decision = decide(flickering, open_now, "backroom")
        assert (decision.raised, decision.over) == ([], [])


def test_a_claimed_task_outlives_a_back_room_that_was_emptied_onto_a_trolley() -> None:
    open_now = written(decide(Goods(MILK, [Spot("A1", 8, 2, 1, "seen")], 5), [], "backroom"), "claimed")
    carried = decide(Goods(MILK, [Spot("A1", 8, 2, 1, "seen")], 0), open_now, "backroom")
    assert (carried.over, carried.raised) == ([], [])
    there = decide(Goods(MILK, [Spot("A1", 8, 2, 5, "seen")], 0), open_now, "backroom")
    assert [(task.task, ending) for task, ending in there.over] == [("t-0", "done")]


def test_what_somebody_carries_is_not_promised_to_another_shelf() -> None:
    spots = [Spot("A1", 8, 2, 1, "seen"), Spot("B2", 8, 2, 2, "seen")]
    first = Task("t-1", "claimed", 1, Want("replenish", "A1", "low", 50, 5, 1, 6, "backroom", "A1"))
    raised = decide(Goods(MILK, spots, 6), [first], "backroom").raised
    assert [(want.shelf, want.quantity) for want in raised] == [("B2", 1)]


def test_a_shelf_that_is_no_longer_planned_needs_nothing() -> None:
    for state in ("open", "claimed"):
        open_now = written(decide(Goods(MILK, [Spot("A1", 8, 2, 1, "seen")], 5), [], "backroom"), state)
        assert [ending for _task, ending in decide(Goods(MILK, [], 5), open_now, "backroom").over] == ["dropped"]


@given(st.integers(1, 50), st.integers(0, 49), st.floats(0, 1000), st.floats(0, 1000))
def test_emptier_faster_and_better_stocked_is_no_less_urgent(
    capacity: int, standing: int, pace: float, more: float
) -> None:
    spot = Spot("A1", capacity, 0, min(standing, capacity), "seen")
    emptier = Spot("A1", capacity, 0, 0, "seen")
    assert priority(spot, spot.room, pace) <= priority(spot, spot.room, pace + more)
    assert priority(spot, spot.room, pace) <= priority(emptier, emptier.room, pace)
    assert priority(emptier, 1, pace) <= priority(emptier, capacity, pace)
    assert priority(emptier, capacity, 1e9) == 100


@given(st.integers(1, 10_000))
def test_most_of_what_was_asked_for_has_to_arrive(quantity: int) -> None:
    assert 0.8 * quantity <= needed(quantity) <= quantity


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("schema") / "gateway.db"
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        kept = "SELECT sql FROM sqlite_master WHERE sql LIKE '%tasks%' OR sql LIKE '%task_actions%'"
        return ";".join(row[0] for row in connection.execute(kept))


@pytest.fixture
def connection(schema: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(schema)
        yield made


CLERKS = st.sampled_from(["c-1", "c-2", "c-3"])
STEPS = st.lists(
    st.tuples(st.sampled_from(["claim", "release", "finish", "expire"]), CLERKS, st.integers(0, 40)), max_size=25
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_however_clerks_interleave_a_task_has_at_most_one_owner(
    connection: sqlite3.Connection, steps: list[tuple[str, str, int]]
) -> None:
    connection.execute("DELETE FROM tasks")
    tasks.raise_one(connection, MILK, Want("tidy", "A1", "misplaced", 20), 0, Outcome())
    (task,) = connection.execute("SELECT task FROM tasks").fetchone()
    now_ms, owner, until_ms = 0, None, 0
    for verb, clerk, later in steps:
        now_ms += later
        is_over = owner == "done"
        verbs: dict[str, Callable[[], bool]] = {
            "claim": partial(
                tasks.claim, connection, task, clerk, now_ms=now_ms, until_ms=now_ms + 60, outcome=Outcome()
            ),
            "release": partial(tasks.release, connection, task, clerk, now_ms, Outcome()),
            "finish": partial(tasks.finish, connection, task, clerk, now_ms=now_ms, outcome=Outcome()),
            "expire": lambda now_ms=now_ms: bool(tasks.expire(connection, now_ms).tasks),  # type: ignore[misc]
        }
        did = verbs[verb]()
        if verb == "claim":
            assert did == (not is_over and (owner in {None, clerk} or until_ms <= now_ms))
            owner, until_ms = (clerk, now_ms + 60) if did else (owner, until_ms)
        elif verb == "release":
            assert did == (not is_over and owner == clerk)
            owner = None if did else owner
        elif verb == "finish":
            assert did == (not is_over)
            owner = "done"
        elif not is_over and owner is not None and until_ms <= now_ms:
            owner = None
        rows = connection.execute("SELECT state, claimed_by FROM tasks").fetchall()
        state, claimed_by = rows[0]
        assert len(rows) == 1
        assert (state == "done") == (owner == "done")
        if state != "done":
            assert (claimed_by, state) == (owner, "open" if owner is None else "claimed")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wants=st.lists(st.sampled_from(["A1", "B2"]), max_size=8))
def test_there_is_one_task_for_one_thing(connection: sqlite3.Connection, wants: list[str]) -> None:
    connection.execute("DELETE FROM tasks")
    for shelf in wants:
        tasks.raise_one(connection, MILK, Want("tidy", shelf, "misplaced", 20), 0, Outcome())
    assert connection.execute("SELECT count(*) FROM tasks").fetchone() == (len(set(wants)),)
