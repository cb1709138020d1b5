"""What is to be seen on the footage (``aisle footage fetch``), by eye. Tests and benchmarks compare with it."""

from typing import Final

PEOPLE: Final = {
    20: 5, 52: 6, 84: 7, 116: 8, 148: 9, 180: 7, 244: 7, 276: 7, 308: 6, 340: 6, 372: 5, 404: 2, 436: 3,
    468: 4, 500: 4, 532: 6, 564: 6, 596: 6, 628: 6, 660: 6, 724: 9, 756: 8,
}  # fmt: skip
"""Frame → people in it, counted on enlarged pictures; those half behind the signpost are people, too."""

CROSSINGS: Final = (6, 9)
"""In and out over the demo's door line, read from a slit picture: the line's column of every frame, side by side."""


def count_error(people: dict[int, int]) -> float:
    """Mean absolute error of counts (frame → people) over the labelled frames."""
    return sum(abs(people[number] - truth) for number, truth in PEOPLE.items()) / len(PEOPLE)
