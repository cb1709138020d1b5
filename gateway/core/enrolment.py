"""The link that lets a device in."""


def enrolment_url(address: str, code: str) -> str:
    """The address that enrols the device on which it is opened. The code stands behind #, so that no log has it."""
    return f"{address}/handheld#enrol={code}"
