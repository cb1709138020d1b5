"""Golden payloads: what each message looks like on the wire, byte for byte, committed in ``examples.jsonl``.

Each line is ``{"class": …, "payload": …}``; a class may stand there more than once. Documentation shows them, tests
decode and encode them again, and whoever writes firmware can copy them.
"""

from functools import cache
from pathlib import Path
from typing import Final

import msgspec

PATH: Final = Path(__file__).with_name("examples.jsonl")


class Example(msgspec.Struct, frozen=True, rename={"name": "class"}):
    """One payload of the class ``name``, as raw bytes of JSON."""

    name: str
    payload: msgspec.Raw


@cache
def load_examples() -> tuple[Example, ...]:
    """All examples in the order of the file."""
    lines = PATH.read_bytes().splitlines()
    return tuple(msgspec.json.decode(line, type=Example) for line in lines if line.strip())
