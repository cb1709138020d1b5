"""What can be wrong with a message, as one tree.

WireError                 this message will never be good: refuse it, keep it, count it, go on
├── Oversized             more bytes than a message may have
├── Malformed             not JSON, not of the expected shape, not finite, nested too deeply
├── WrongVersion          of a version this build does not speak
└── BadTopic              a topic outside the tree of topics.py
LinkError                 the other side cannot be reached now: wait and try again
"""


class WireError(ValueError):
    """A message that will never be good. ``reason`` is one word for counters, the text is for people."""

    reason = "wire"


class Oversized(WireError):
    """More bytes than a message may have."""

    reason = "oversized"


class Malformed(WireError):
    """Not JSON, not of the expected shape, a number that is not finite, or nested too deeply."""

    reason = "malformed"


class WrongVersion(WireError):
    """A version of the message that this build does not speak."""

    reason = "version"


class BadTopic(WireError):
    """A topic that is not in the tree, or a part of one that cannot be a topic level."""

    reason = "topic"


class LinkError(ConnectionError):
    """The other side cannot be reached now; the same call may succeed later."""
