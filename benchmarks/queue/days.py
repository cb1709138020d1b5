"""One simulated day through `aisle replay lanes`' code, with every answer beside the truth."""

import json
from dataclasses import dataclass, field
from statistics import fmean

from benchmarks.queue.baselines import Baselines
from benchmarks.queue.oracle import oracle
from edge.replay.lanes import Replay
from firmware_stubs.queue_simulator.recording import Line, Question, Recording
from firmware_stubs.queue_simulator.scenario import SCENARIOS
from firmware_stubs.queue_simulator.store import Store


@dataclass
class Day:
    """Absolute errors by predictor, whether the bound held and whether nobody waited, and what taking the recommended
    lane cost, seconds."""

    errors: dict[str, list[float]] = field(default_factory=dict)
    held: list[bool] = field(default_factory=list)
    empty: list[bool] = field(default_factory=list)
    regret: list[float] = field(default_factory=list)
    oracle_regret: list[float] = field(default_factory=list)

    def add(self, other: "Day") -> None:
        """Add another day's figures."""
        for name, errors in other.errors.items():
            self.errors.setdefault(name, []).extend(errors)
        self.held += other.held
        self.empty += other.empty
        self.regret += other.regret
        self.oracle_regret += other.oracle_regret

    def figures(self) -> dict[str, float]:
        """Mean absolute errors over those of the oracle's mean, Aisle's over its median's too; the oracle's error in
        seconds, how often the bound held, how many did not wait at all, and regret over the oracle's.
        """
        base = fmean(self.errors["oracle"])
        ratios = {name: round(fmean(errors) / base, 3) for name, errors in self.errors.items() if name != "oracle"}
        regret = fmean(self.regret) / max(fmean(self.oracle_regret), 0.5)
        return {
            **ratios,
            "aisle over median": round(fmean(self.errors["aisle"]) / fmean(self.errors["oracle's median"]), 3),
            "oracle_s": round(base, 1),
            "covered": round(fmean(self.held), 3),
            "no wait": round(fmean(self.empty), 3),
            "regret": round(regret, 2),
        }


def day(scenario: str, seed: int, *, noise: float, pos: bool) -> Day:
    """Run one day and judge every answer."""
    recording = Recording(SCENARIOS[scenario], seed, noise=noise, pos=pos)
    replay, baselines = Replay(), Baselines()
    answers: dict[str, Line] = {}
    others: dict[str, dict[str, float]] = {}
    for line in recording:
        baselines.take(line)
        if line["type"] == "ask":
            others[line["id"]] = baselines.answer(line["lane"], recording.questions[-1].truth[line["lane"]])
        answer = replay.line(json.dumps(line))
        if answer is not None:
            answers[line["id"]] = json.loads(answer)
    judged = Day()
    for question in recording.questions:
        judged.add(_judge(question, recording.store, answers, others))
    return judged


def _judge(question: Question, store: Store, answers: dict[str, Line], others: dict[str, dict[str, float]]) -> Day:
    judged = Day()
    waits = {name: virtual.wait for name, virtual in question.virtuals.items() if virtual.wait is not None}
    told = {name: oracle(question.truth[name], store) for name in waits}
    for name, wait in waits.items():
        answer = answers[f"{question.id}.{name}"]
        said = {
            "aisle": answer["mean"],
            "oracle": told[name].mean,
            "oracle's median": told[name].median,
            **others[f"{question.id}.{name}"],
        }
        for who, value in said.items():
            judged.errors.setdefault(who, []).append(abs(value - wait))
        judged.held.append(wait <= answer["p90"] + 1e-9)
        judged.empty.append(wait <= 1e-9)
    if waits and len(waits) == len(question.virtuals):
        least = min(waits.values())
        judged.regret.append(waits[answers[question.id]["best"]] - least)
        judged.oracle_regret.append(waits[min(told, key=lambda name: told[name].mean)] - least)
    return judged
