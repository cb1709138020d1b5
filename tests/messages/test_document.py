"""``docs/messages.md`` says what the classes say."""

from pathlib import Path

import msgspec

from models.messages import topics
from models.messages.document import MESSAGES, messages_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "messages.md"


def test_the_page_is_what_the_classes_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == messages_page(), "run `aisle docs`"


def test_every_message_of_the_wire_is_on_the_page(wire_class: type[msgspec.Struct]) -> None:
    assert [row.kind for row in MESSAGES].count(wire_class) == 1


def test_every_topic_of_the_tree_is_on_the_page() -> None:
    page = messages_page()
    assert topics.__doc__ is not None
    for line in topics.__doc__.splitlines():
        if line.startswith(topics.ROOT):
            first, *_others = line.split()[0].split("|")
            assert f"`{first}`" in page
