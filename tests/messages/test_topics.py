"""A topic is a value that cannot hold a bad string."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.messages import topics
from models.messages.errors import BadTopic
from models.messages.ids import SLUG_PATTERN, StreamClass

slugs = st.from_regex(SLUG_PATTERN.removesuffix("$"), fullmatch=True)
built = st.one_of(
    st.builds(topics.DeviceTopic, slugs, slugs, st.sampled_from(list(topics.DeviceKind))),
    st.builds(topics.FactsTopic, slugs, slugs, st.sampled_from(list(StreamClass))),
    st.builds(topics.AcksTopic, slugs, slugs, st.sampled_from(list(StreamClass))),
    st.builds(topics.StatusTopic, slugs, slugs),
    st.builds(topics.CommandTopic, slugs, slugs),
    st.builds(topics.AdviceTopic, slugs, slugs),
    st.builds(topics.LaneTopic, slugs, slugs),
    st.builds(topics.DoorTopic, slugs, slugs),
    st.builds(topics.BasketsTopic, slugs),
)


@given(built)
def test_a_topic_that_was_built_is_parsed_back(topic: topics.Topic) -> None:
    assert topics.parse_topic(str(topic)) == topic


@given(st.one_of(st.text(), st.text(alphabet="/+#aisle v1devnode", max_size=60)))
def test_any_text_parses_or_is_a_bad_topic(text: str) -> None:
    try:
        topic = topics.parse_topic(text)
    except BadTopic:
        return
    assert str(topic) == text


@pytest.mark.parametrize("bad", ["", "a/b", "#", "A", "a b", "a\n", "-a", "ä", "a" * 33, "a\0", "$SYS"])
def test_a_level_that_is_no_name_cannot_be_built(bad: str) -> None:
    for make in (
        lambda: topics.DeviceTopic(bad, "d", None),
        lambda: topics.DeviceTopic("s", bad, None),
        lambda: topics.FactsTopic("s", bad, None),
        lambda: topics.AcksTopic(bad, "n", None),
        lambda: topics.StatusTopic("s", bad),
        lambda: topics.CommandTopic("s", bad),
        lambda: topics.LaneTopic("s", bad),
        lambda: topics.DoorTopic("s", bad),
    ):
        with pytest.raises(BadTopic):
            make()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "aisle/v1",
        "aisle/v2/s/lane/l",
        "aisle/v1/s/dev/d/smell",
        "aisle/v1/s/node/n/facts/gossip",
        "aisle/v1/s/node/n/facts",
        "aisle/v1/s/lane/l/",
        "/aisle/v1/s/lane/l",
        "aisle/v1/+/lane/l",
        "aisle/v1/s/lane/#",
        "aisle/v1/S/lane/l",
    ],
)
def test_a_topic_outside_the_tree_is_refused(text: str) -> None:
    with pytest.raises(BadTopic):
        topics.parse_topic(text)


def test_a_subscription_names_all_with_a_plus() -> None:
    assert str(topics.DeviceTopic("s", topics.ANY, None)) == "aisle/v1/s/dev/+/+"
    assert str(topics.FactsTopic("s", topics.ANY, None)) == "aisle/v1/s/node/+/facts/+"
