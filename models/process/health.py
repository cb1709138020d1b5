"""What is wrong now. An outage is logged once and its end once; the status, ``/health`` and pages show the rest."""

from collections.abc import Callable
from threading import Lock

import structlog

from models.messages.samples import Problem
from models.process.clock import Clock

_log = structlog.get_logger(__name__)


class Health:
    """The problems of one process, by subject (``camera.front``, ``broker``, ``disk``). Safe from any thread."""

    def __init__(self, clock: Clock, on_change: Callable[[Problem, bool], None] | None = None) -> None:
        """``on_change(problem, ok)`` is called when a problem begins (``ok`` false) and when it ends."""
        self._clock = clock
        self._on_change = on_change
        self._problems: dict[str, Problem] = {}
        self._lock = Lock()

    def report(self, subject: str, code: str, message: str, hint: str = "") -> None:
        """Say that ``subject`` has problem ``code`` now; saying it again changes nothing but the message."""
        with self._lock:
            known = self._problems.get(subject)
            is_new = known is None or known.code != code
            since_ms = self._clock.now_ms() if known is None or is_new else known.since_ms
            problem = Problem(subject=subject, code=code, since_ms=since_ms, message=message[:500], hint=hint[:500])
            self._problems[subject] = problem
        if is_new:
            _log.warning("problem", subject=subject, code=code, message=message)
            if self._on_change:
                self._on_change(problem, False)

    def clear(self, subject: str) -> None:
        """Say that ``subject`` is well."""
        with self._lock:
            problem = self._problems.pop(subject, None)
        if problem is not None:
            _log.info("recovered", subject=subject, code=problem.code)
            if self._on_change:
                self._on_change(problem, True)

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong now, the oldest first."""
        with self._lock:
            return tuple(sorted(self._problems.values(), key=lambda problem: problem.since_ms))
