"""A walk through a real installation, composed: readers, shelf devices, the person, the recording."""

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.core.shelf.settings import PresenceSettings
from edge.core.survey.survey import Survey
from edge.settings import EdgeSettings
from edge.survey.listening import Listening, survey_antennas
from edge.survey.plan import BadPlan, Plan, read_plan
from edge.survey.recording import Recorder
from edge.survey.session import Session
from edge.survey.walk import Person, Walk, WalkPlan
from models.process.clock import Clock
from models.process.health import Health

RECORDING: Final = "reads.jsonl"
_TICK_S: Final = 1.0

MakePerson = Callable[[Session, Health], Person]


@dataclass(frozen=True)
class LiveSurvey:
    """What a walk is made of. ``plan_text`` is the sheet; without one, items are scanned."""

    settings: EdgeSettings
    plan_text: str | None
    out: Path
    walk: WalkPlan
    ask_every_s: float = 1.0

    async def run(self, make_person: MakePerson, clock: Clock, complain: Callable[[str], None]) -> Session:
        """Walk; the recording is ``reads.jsonl`` in ``out`` as long as the walk goes on, and after it.

        Raises:
            BadPlan: the node has no shelf antennas, or the sheet does not fit them.
        """
        antennas = survey_antennas(self.settings)
        if not antennas:
            raise BadPlan("the settings name no [[reader]] and no [[shelf_device]]: there is nothing to listen to")
        plan = self._plan(list(dict.fromkeys(antennas.values())), complain)
        health = Health(clock)
        self.out.mkdir(parents=True, exist_ok=True)
        with (self.out / RECORDING).open("wb") as out:
            session = self._session(antennas, plan, Recorder(out), clock)
            async with AsyncExitStack() as stack:
                person = make_person(session, health)
                if isinstance(person, contextlib.AbstractAsyncContextManager):
                    await stack.enter_async_context(person)
                await stack.enter_async_context(Listening(self.settings, session, health=health, clock=clock))
                ticking = asyncio.create_task(_tick(session, person))
                stack.callback(ticking.cancel)
                await Walk(session, person, self.walk).run()
                session.tick()
        return session

    def _plan(self, shelves: list[str], complain: Callable[[str], None]) -> Plan:
        if self.plan_text is None:
            return Plan(shelves)
        plan, refused = read_plan(self.plan_text, shelves)
        for line in refused:
            complain(line)
        return plan

    def _session(self, antennas: dict[str, str], plan: Plan, recorder: Recorder, clock: Clock) -> Session:
        shelves = self.settings.shelves
        presence = PresenceSettings(cycle_ms=shelves.cycle_ms, false_takes_per_1000_h=shelves.false_takes_per_1000_h)
        survey = Survey(antennas, shelves.neighbours, presence, settle_ms=round(self.walk.settle_s * 1000))
        hello = {"antennas": antennas, "neighbours": shelves.neighbours, "cycle_ms": shelves.cycle_ms}
        return Session(survey, plan, recorder, clock, hello=hello, ask_every_s=self.ask_every_s)


async def _tick(session: Session, person: Person) -> None:
    while True:
        await asyncio.sleep(_TICK_S)
        session.tick()
        if (show := getattr(person, "show", None)) is not None:
            show()


def power_of(settings: EdgeSettings | None) -> dict[str, float | None]:
    """Antenna → the transmit power that the settings name; ``None`` where it is the reader's own."""
    if settings is None:
        return {}
    return {f"{reader.name}:{number}": reader.power_dbm for reader in settings.reader for number in reader.antennas}
