"""What can be wrong with bytes that claim to be LLRP."""

from models.messages.errors import WireError


class LlrpError(WireError):
    """Bytes that are not LLRP, or a message that cannot be encoded. After one from a ``Framer`` a link is useless."""

    reason = "llrp"
