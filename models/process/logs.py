"""One structured log per process, on standard error. Secrets and people never reach it."""

import contextlib
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_SECRET = re.compile(r"password|secret|token|authorization|cookie|phone|card|\bpin\b|_key$", re.IGNORECASE)
_HIDDEN = "…"


def _hide(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        event[name] = _HIDDEN if _SECRET.search(name) else _without_secrets(value)
    return event


def _without_secrets(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _HIDDEN if _SECRET.search(str(name)) else _without_secrets(one) for name, one in value.items()}
    return [_without_secrets(one) for one in value] if isinstance(value, list | tuple) else value


class _StandardError:
    """Writes each line to what standard error is at that moment, so that a replaced one is no trouble."""

    def __init__(self, *_names: object) -> None:
        """structlog hands over the logger's name, which the line does not need."""

    def msg(self, message: str) -> None:
        """Write one line; a closed standard error must never stop a process."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(message + "\n")
            sys.stderr.flush()

    log = debug = info = warning = warn = error = err = critical = fatal = exception = failure = msg


def configure_logs(process: str, *, as_json: bool | None = None) -> None:
    """Write JSON lines where a machine reads, coloured text where a person does."""
    readable = sys.stderr.isatty() if as_json is None else not as_json
    renderer: Any = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            _hide,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_StandardError,
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(process=process)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
