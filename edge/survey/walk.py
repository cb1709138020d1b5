"""What the person on the ladder is asked to do, step by step, and what follows for the truth."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from edge.core.survey.steps import Step, plan_steps
from edge.core.survey.truth import AWAY
from edge.survey.plan import BadPlan
from edge.survey.session import Session

QUIT = "q"


class Person(Protocol):
    """Who walks: reads instructions, presses Enter."""

    def instruct(self, text: str) -> None:
        """Show what to do next."""

    def remark(self, text: str) -> None:
        """Say what came of the step before."""

    async def enter(self) -> str:
        """The next line that the person types; ``q`` ends the walk."""

    def has_typed(self) -> bool:
        """Whether a line waits to be read."""


@dataclass(frozen=True)
class WalkPlan:
    """How long a walk is: seconds to stand still, items moved and lifted, how long each is waited for."""

    still_s: float = 120.0
    moves: int = 4
    lifts: int = 4
    notice_s: float = 60.0
    settle_s: float = 45.0
    seed: int = 1


class Ended(Exception):
    """The person has enough."""


class Walk:
    """One walk. ``run`` returns when it is over, early or not; everything is in the session then."""

    def __init__(
        self,
        session: Session,
        person: Person,
        plan: WalkPlan,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.session, self.person, self.plan = session, person, plan
        self._sleep = sleep
        self._places: dict[str, str] = {}

    async def run(self) -> bool:
        """Walk through everything; whether it was walked to its end."""
        try:
            await self._put_up()
            await self._stand_still("Leave everything alone for a while", self.plan.still_s)
            shelves = self.session.survey.shelves
            steps = plan_steps(
                self._places, shelves, moves=self.plan.moves, lifts=self.plan.lifts, seed=self.plan.seed
            )
            for number, step in enumerate(steps, start=1):
                await self._do(step, f"{number} of {len(steps)}")
            await self._stand_still("Last: leave everything alone once more", self.plan.settle_s * 1.5)
        except Ended:
            return False
        return True

    async def _put_up(self) -> None:
        plan = self.session.plan
        if not plan.places:
            await self._scan()
        else:
            count = len(plan.places)
            self.person.instruct(f"Put the {count} items of the sheet on their shelves, then press Enter.")
            await self._entered()
        self._places = dict(plan.places)
        self.session.say(self._places)

    async def _scan(self) -> None:
        """Items are scanned one by one and put up at once; the name of a shelf turns to that shelf."""
        plan = self.session.plan
        shelf = plan.shelves[0]
        while True:
            count = sum(place == shelf for place in plan.places.values())
            turn = f"Scan an item and put it on {shelf} ({count} there)"
            self.person.instruct(f"{turn}; type another shelf's name to turn to it; Enter alone when all stand.")
            text = await self._entered()
            if not text:
                if plan.places:
                    return
                self.person.remark("Nothing was scanned yet.")
            elif text in plan.shelves:
                shelf = text
            else:
                self._scanned(text, shelf)

    def _scanned(self, text: str, shelf: str) -> None:
        try:
            name = self.session.plan.add(text, shelf)
            self.person.remark(f"{self.session.plan.labels[name]} stands on {shelf}.")
        except BadPlan as error:
            self.person.remark(f"Not taken: {error}")

    async def _do(self, step: Step, number: str) -> None:
        label = self.session.plan.labels[step.item]
        self.session.say(self._places, unsure=[step.item])
        doing = {
            "move": f"move {label} from {step.before} to {step.after}",
            "lift": f"take {label} off {step.before} and keep it two metres away",
            "put_back": f"put {label} back on {step.after}",
        }
        self.person.instruct(f"Step {number}: {doing[step.kind]}, then press Enter.")
        await self._entered()
        self._places[step.item] = step.after
        self.session.say(self._places)
        await self._notice(step, label)

    async def _notice(self, step: Step, label: str) -> None:
        """Wait until presence says so, for a while; Enter does not wait."""
        handled = self.session.survey.truth.handled[-1]
        where = "is away" if step.after == AWAY else f"stands on {step.after}"
        self.person.instruct(f"Wait until it is noticed that {label} {where} …")
        waited = 0.0
        while handled.delay_s is None and waited < self.plan.notice_s and not self.person.has_typed():
            await self._sleep(0.25)
            waited += 0.25
        if self.person.has_typed():
            await self._entered()
        if handled.delay_s is None:
            self.person.remark(f"Not noticed yet that {label} {where}; going on.")
        else:
            self.person.remark(f"Noticed after {handled.delay_s:.0f} s that {label} {where}.")

    async def _stand_still(self, doing: str, seconds: float) -> None:
        left = seconds
        while left > 0 and not self.person.has_typed():
            self.person.instruct(f"{doing}: {left:.0f} s. Enter goes on at once.")
            await self._sleep(min(1.0, left))
            left -= 1.0
        if self.person.has_typed():
            await self._entered()

    async def _entered(self) -> str:
        text = (await self.person.enter()).strip()
        if text.lower() == QUIT:
            raise Ended
        return text
