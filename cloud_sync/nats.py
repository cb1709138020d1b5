"""The configuration of the embedded broker: a NATS server with its MQTT listener.

Passwords stand in the file as they are, so it is written with mode 0600 in a directory with mode 0700. They are
random tokens of one device each; hashing them (bcrypt) would cost a Pi a tenth of a second for every connection.
"""

import json
from pathlib import Path

from cloud_sync.rights import rights_of
from cloud_sync.settings import BrokerSettings, BrokerUser

_TEMPLATE = """\
# Written by `aisle broker` from its own settings at every start: change those, not this.
server_name: "aisle-{store}"
# NATS's own protocol is not used; its listener stays on this machine and no user may enter by it.
listen: "127.0.0.1:-1"
log_file: {log_file}
log_size_limit: 5000000
# Far above what a message may have, so that one that is too big arrives, is refused with a reason, and the next
# is taken: a broker that hangs up instead has the device send it again for ever.
max_payload: 8000000
max_connections: 1000
jetstream {{ store_dir: {store_dir}, max_mem: 64MB, max_file: 1GB }}
mqtt {{
  host: {host}
  port: {port}
  ack_wait: "10s"
  max_ack_pending: 4096
{tls}}}
authorization {{ users: [
{users}
] }}
"""


def nats_configuration(settings: BrokerSettings) -> str:
    """The text of a ``nats-server`` configuration file; every path in it is absolute."""
    data = settings.data_dir.resolve()
    host, _, port = settings.listen.rpartition(":")
    return _TEMPLATE.format(
        store=settings.store,
        log_file=json.dumps(str(data / "nats.log")),
        store_dir=json.dumps(str(data / "jetstream")),
        host=json.dumps(host),
        port=port,
        tls=_tls(settings.cert_file, settings.key_file),
        users=",\n".join(_user(settings, user) for user in settings.users),
    )


def _tls(cert_file: Path | None, key_file: Path | None) -> str:
    if cert_file is None or key_file is None:
        return ""
    cert, key = json.dumps(str(cert_file.resolve())), json.dumps(str(key_file.resolve()))
    return f"  tls {{ cert_file: {cert}, key_file: {key} }}\n"


def _user(settings: BrokerSettings, user: BrokerUser) -> str:
    rights = rights_of(settings, user)
    # A QoS 1 subscription is delivered through an inbox of the session's own below $MQTT.sub.
    subscribe = [*map(_subject, rights.subscribe), "$MQTT.sub.>"] if rights.subscribe else []
    return (
        f"  {{ user: {json.dumps(user.name)}, password: {json.dumps(user.password)},"
        f' allowed_connection_types: ["MQTT"], permissions {{\n'
        f"    publish {_allow(list(map(_subject, rights.publish)))}\n"
        f"    subscribe {_allow(subscribe)} }} }}"
    )


def _allow(subjects: list[str]) -> str:
    return f"{{ allow: {json.dumps(subjects)} }}" if subjects else '{ deny: [">"] }'


def _subject(topic: str) -> str:
    """An MQTT filter as a NATS subject."""
    return topic.replace("/", ".").replace("+", "*")
