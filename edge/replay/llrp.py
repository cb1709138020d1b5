"""What a reader sent, message by message, by the codec that reads it live."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from msgspec import Struct

from models.llrp.codec import Frame, Framer, decode_message, message_name
from models.llrp.errors import LlrpError
from models.llrp.layout import BitString, Parameter
from models.llrp.messages import RoAccessReport
from models.llrp.tags import decode_tags

_CHUNK: Final = 65_536


def read_messages(stream: BinaryIO) -> Iterator[dict[str, object]]:
    """Each message of ``stream`` as ``{message, version, id, parameters…}``; reports have their ``tags``, too.

    A message whose body is bad gives its ``error`` and its bytes, and reading goes on behind it; where the framing
    itself is broken, or the stream ends inside a message, the last line says so.
    """
    framer = Framer()
    # What is there is read at once, so that a pipe from a live reader is printed as it comes.
    read = getattr(stream, "read1", stream.read)
    try:
        while data := read(_CHUNK):
            for frame in framer.feed(data):
                yield _line(frame)
    except LlrpError as error:
        yield {"error": f"{error}: nothing behind it can be read"}
        return
    if framer.held:
        yield {"error": f"the stream ends inside a message, {framer.held} bytes of which came"}


def _line(frame: Frame) -> dict[str, object]:
    line: dict[str, object] = {"message": message_name(frame.type), "version": frame.version, "id": frame.id}
    try:
        if frame.type == RoAccessReport.TYPE:
            names = ("epc", "antenna", "rssi_dbm", "first_seen_us", "last_seen_us", "count")
            line["tags"] = [dict(zip(names, tag, strict=True)) for tag in decode_tags(frame.body)]
        line |= _plain(decode_message(frame))
    except LlrpError as error:
        line |= {"error": str(error), "body": frame.body.hex().upper()}
    return line


def _plain(value: Struct) -> dict[str, object]:
    """A message or parameter as JSON: its fields by name, bytes as hexadecimal, parameters with their names."""
    plain: dict[str, object] = {"parameter": type(value).__name__} if isinstance(value, Parameter) else {}
    for name in value.__struct_fields__:
        given = getattr(value, name)
        if name == "children":
            plain["parameters"] = [_plain(child) for child in given]
        elif isinstance(given, bytes):
            plain[name] = given.hex().upper()
        elif isinstance(given, BitString):
            plain |= {name: given.data.hex().upper(), "bits": given.bits}
        else:
            plain[name] = given
    return plain
