"""The same broker as a Mosquitto configuration, for a store that has one already."""

import base64
import hashlib
import os

from cloud_sync.rights import rights_of
from cloud_sync.settings import BrokerSettings

_ITERATIONS = 101

_CONFIGURATION = """\
# Made by `aisle broker --config … --print mosquitto`: what the embedded broker does, for Mosquitto 2.
per_listener_settings false
listener {port} {host}
{tls}allow_anonymous false
password_file {directory}/passwords
acl_file {directory}/acl
# Nothing rests on the broker's memory: facts are acknowledged end to end, and samples are said again.
persistence false
max_inflight_messages 200
max_queued_messages 10000
# Far above what a message may have, so that one that is too big arrives and is refused with a reason.
message_size_limit 8000000
max_packet_size 8100000
"""


def mosquitto_configuration(settings: BrokerSettings, directory: str = "/etc/mosquitto/aisle") -> str:
    """The text of ``mosquitto.conf``; the other two files lie in ``directory``."""
    host, _, port = settings.listen.rpartition(":")
    tls = ""
    if settings.cert_file and settings.key_file:
        tls = f"certfile {settings.cert_file.resolve()}\nkeyfile {settings.key_file.resolve()}\n"
    return _CONFIGURATION.format(host=host, port=port, tls=tls, directory=directory)


def mosquitto_acl(settings: BrokerSettings) -> str:
    """The text of the access list: one paragraph a user."""
    paragraphs = []
    for user in settings.users:
        rights = rights_of(settings, user)
        lines = [f"user {user.name}"]
        lines += [f"topic write {topic}" for topic in rights.publish]
        lines += [f"topic read {topic}" for topic in rights.subscribe]
        paragraphs.append("\n".join(lines) + "\n")
    return "\n".join(paragraphs)


def mosquitto_passwords(settings: BrokerSettings) -> str:
    """The text of the password file, hashed as ``mosquitto_passwd`` does (PBKDF2, SHA-512)."""
    return "".join(f"{user.name}:{_hash(user.password)}\n" for user in settings.users)


def _hash(password: str) -> str:
    salt = os.urandom(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"
