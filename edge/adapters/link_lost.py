"""How a link to a reader ends."""

from models.messages.errors import LinkError


class LinkLost(LinkError):
    """The connection is over. ``code`` is one word for the status, ``hint`` what a person can do."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.hint = code, hint
