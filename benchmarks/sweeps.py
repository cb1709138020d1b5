"""Sweep alarms, learned habits beside a fixed number: how often each rings for customers, and for thieves.

A simulation, and only of what makes them differ: products are picked at different rates, most by ones and twos, a
fifth of them now and then by the six. Shelves miss a lifted piece after a few seconds. Habits are learned from day to
day, as if a clerk closed what rang as false; the first week is not counted. ``curve`` trades false alarms for sweeps
that ring, by how unlikely a sweep must be; the gateway's is 1e-4, which was not chosen on this.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from gateway.core.alarms import PRODUCT_RULE, Habit, SweepRule, unlikely

HOURS_A_DAY = 12
LEARNING_DAYS = 7
LIKELY = (1e-3, 1e-4, 1e-5, 1e-6)
FIXED = SweepRule(least=5, likely=1.1)
"""Five of one product in the span, whatever its habits: nothing is ever too likely."""


@dataclass
class Product:
    """How one product is picked, and what was learned of it."""

    per_hour: float
    by_six: float
    habit: Habit = field(default_factory=lambda: Habit({}, 0.0))

    def go(self, draw: random.Random) -> int:
        """How many pieces a customer takes in one go."""
        if draw.random() < self.by_six:
            return 6
        size = 1
        while draw.random() < 0.2:
            size += 1
        return size


def products(draw: random.Random, count: int) -> list[Product]:
    """A shop: a few fast sellers, a long tail, a fifth of it in packs."""
    return [
        Product(min(draw.lognormvariate(-0.5, 1.3), 40.0), 0.15 if draw.random() < 0.2 else 0.0) for _ in range(count)
    ]


def goes(draw: random.Random, product: Product) -> Iterator[tuple[float, int]]:
    """A day's goes: when in seconds, and how many pieces."""
    now_s = draw.expovariate(product.per_hour / 3600)
    while now_s < HOURS_A_DAY * 3600:
        yield now_s, product.go(draw)
        now_s += draw.expovariate(product.per_hour / 3600)


def windows(draw: random.Random, product: Product) -> list[int]:
    """The most pieces in the span after each go of a day: what the alarm judges."""
    missed = sorted(
        at_s + draw.uniform(2, 15) for at_s, size in goes(draw, product) for _ in range(size)
    )  # fmt: skip
    span_s = PRODUCT_RULE.span_ms / 1000
    found, first = [], 0
    while first < len(missed):
        last = first
        while last < len(missed) and missed[last] - missed[first] <= span_s:
            last += 1
        found.append(last - first)
        first = last
    return found


def run(quick: bool) -> dict[str, object]:  # noqa: FBT001 - every benchmark is called so
    """False alarms a day of a whole shop, and the share of sweeps of so many pieces that ring, by both rules."""
    draw = random.Random(20261122)
    days, count = (10, 200) if quick else (35, 1000)
    shop = products(draw, count)
    rules = {likely: replace(PRODUCT_RULE, likely=likely) for likely in LIKELY} | {1.1: FIXED}
    false = dict.fromkeys(rules, 0)
    for day in range(days):
        for product in shop:
            for pieces in windows(draw, product):
                if day >= LEARNING_DAYS:
                    for likely, rule in rules.items():
                        false[likely] += unlikely(pieces, product.habit, rule) is not None
                product.habit = product.habit.with_go(pieces)
            product.habit = Habit(product.habit.sizes, product.habit.hours + HOURS_A_DAY)
    measured = days - LEARNING_DAYS
    return {
        "products": count,
        "days": measured,
        "fixed_five_false_alarms_a_day": round(false[1.1] / measured, 2),
        "ratio_to_fixed": round(false[PRODUCT_RULE.likely] / max(false[1.1], 1), 4),
        "curve": {
            f"{likely:g}": {"false_a_day": round(false[likely] / measured, 2)} | rang(shop, rules[likely])
            for likely in LIKELY
        },
    }


def rang(shop: list[Product], rule: SweepRule) -> dict[str, float]:
    """The share of products of which so many pieces at once would ring."""
    return {
        f"rings_at_{pieces}": round(sum(unlikely(pieces, one.habit, rule) is not None for one in shop) / len(shop), 3)
        for pieces in (5, 6, 8, 12, 20)
    }


if __name__ == "__main__":
    for name, value in run(quick=False).items():
        print(f"{name:32} {value}")
