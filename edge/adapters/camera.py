"""One camera, composed: source, newest frame, watch, detector, people. Numbers come out; no picture ever does."""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import structlog

from edge.adapters.camera_settings import CameraSettings
from edge.adapters.effort import FLOOR_FPS, Effort
from edge.core.lane.told import HEAT_MINUTES, MINUTE_MS, CameraCounts, CameraSums, Quarters, told
from models.process.clock import Clock
from models.process.health import Health
from models.process.memory import give_large_blocks_back

if TYPE_CHECKING:  # OpenCV and onnxruntime take 60 MB: a node without a camera never loads them
    from edge.adapters.frame_source import Frame, FrameSource
    from edge.adapters.frame_watch import Fault, FrameWatch
    from edge.adapters.person_detector import OnnxDetectors, PersonDetector
    from edge.adapters.preview import Preview
    from edge.adapters.stance import Stance
    from edge.adapters.watcher import Watcher
    from models.vision.picture import Boxes

_log = structlog.get_logger(__name__)

_TO_FOLLOW = 3
"""Frames after a beginning or a gap until everybody who stands there is counted."""

OnCounts = Callable[[CameraCounts], None]
OnSums = Callable[[CameraSums], None]

_detectors: "OnnxDetectors | None" = None


def _shared_detectors() -> "OnnxDetectors":
    """The process's models: two cameras with the same model share its memory."""
    global _detectors  # noqa: PLW0603 - one per process by design; cameras start one after the other
    if _detectors is None:
        from edge.adapters.person_detector import OnnxDetectors

        _detectors = OnnxDetectors(Path(os.environ.get("AISLE_DATA") or "var") / "models")
    return _detectors


class CameraPipeline:
    """Runs one camera on a thread of its own, from ``start`` to ``stop``.

    About ``fps`` times a second it calls ``on_counts``, once a minute ``on_sums`` with what zones and floor add up
    to; an exception in either is logged and the camera goes on. While the view cannot be believed (lost, denied,
    silent, black, flickering, frozen, turned, of the wrong size) it calls nothing, and ``health`` has the problem
    ``camera.{name}``. A lost connection may come back: the last number ages. That the picture is wrong is told to
    ``on_blind`` at once: what it showed last is shown to nobody any more.
    """

    def __init__(
        self,
        settings: CameraSettings,
        *,
        on_counts: OnCounts,
        on_sums: OnSums | None = None,
        on_blind: Callable[[], None] | None = None,
        preview: "Preview | None" = None,
        most_threads: int = 2,
        clock: Clock,
        health: Health,
        source: "FrameSource | None" = None,
        detector: "PersonDetector | None" = None,
    ) -> None:
        """``preview`` is shown the frames that are counted; the model may have ``most_threads``.

        ``source`` and ``detector`` are for tests.
        """
        self._settings, self._on_counts, self._on_sums, self._on_blind = settings, on_counts, on_sums, on_blind
        self._preview, self._most_threads = preview, most_threads
        self._quarters, self._minute = Quarters(), clock.now_ms() // MINUTE_MS
        self._clock, self._health = clock, health
        self._source, self._detector = source, detector
        self._subject = f"camera.{settings.name}"
        self._last_ms = -1
        self._is_blind = False
        self._followed = 0
        self._stopping = Event()
        self._thread = Thread(target=self._run, name=self._subject, daemon=True)

    def start(self) -> None:
        """Begin; the model is loaded and the camera opened on the pipeline's thread."""
        give_large_blocks_back()
        self._thread.start()

    def stop(self) -> None:
        """Stop; waits until the thread has ended."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        try:
            self._watch()
        except Exception as error:  # noqa: BLE001 - the node must outlive its camera
            _log.exception("camera failed", camera=self._settings.name)
            self._health.report(self._subject, "camera_failed", f"{type(error).__name__}: {error}", "See the log.")

    def _watch(self) -> None:
        from edge.adapters.frame_watch import Fault, FrameWatch
        from edge.adapters.newest_frame import NewestFrame
        from edge.adapters.stance import Stance
        from edge.adapters.watcher import Watcher

        detector = self._detector or self._open_detector()
        if detector is None:
            return
        watcher = Watcher(self._settings, detector)
        newest = NewestFrame(self._source or self._open_source())
        watch, stance = FrameWatch(self._settings.size, started_s=self._clock.monotonic_s()), Stance()
        interval_s = 1 / self._settings.fps
        effort = Effort(self._settings.fps)
        newest.start()
        try:
            while not self._stopping.is_set() and not newest.ended:
                taken = newest.take(min(interval_s, 1.0))
                began_s = self._clock.monotonic_s()
                good = taken is not None and watch.look(taken[0].image, taken[1])
                fault = newest.fault or watch.fault(self._clock.monotonic_s())
                if taken is not None and good and fault is None:
                    took_s = self._look(watcher, stance, watch, *taken)
                    self._tell_effort(effort, watcher, took_s)
                self._tell_health(fault or stance.fault(self._clock.monotonic_s()))
                # The source keeps the pace; this keeps one that does not from taking the whole processor.
                self._stopping.wait(max(0.0, interval_s / 4 - (self._clock.monotonic_s() - began_s)))
        finally:
            newest.stop()
        if newest.ended:
            ended = Fault("camera_ended", "The footage has ended.", "Set loop = true to play it again.")
            self._tell_health(ended)

    def _look(
        self, watcher: "Watcher", stance: "Stance", watch: "FrameWatch", frame: "Frame", came_s: float
    ) -> float:
        """Look at a good frame and count it if the camera hangs as it should; gives the seconds that this takes.

        What is spent on finding out how it hangs is not in them: it passes.
        """
        began_s = self._clock.monotonic_s()
        hangs_well, boxes = stance.look(frame.image, came_s), None
        if hangs_well or stance.is_due(came_s):
            boxes = watcher.find(frame.image)
        found_s = self._clock.monotonic_s()
        if boxes is not None and stance.is_due(came_s):
            sure = boxes[boxes[:, 4] >= watcher.threshold]
            stance.weigh(sure, watcher.find_turned(frame.image), came_s)
        weighed_s = self._clock.monotonic_s()
        if boxes is not None and stance.is_good:
            watch.saw(self._count(watcher, boxes, frame, came_s))
        return self._clock.monotonic_s() - weighed_s + found_s - began_s

    def _count(self, watcher: "Watcher", boxes: "Boxes", frame: "Frame", came_s: float) -> int:
        t_ms = self._clock.now_ms() - round((self._clock.monotonic_s() - came_s) * 1000)
        # Two frames of one burst may come in the same millisecond; tracks need time to pass.
        self._last_ms = max(round(came_s * 1000), self._last_ms + 1)
        seen = watcher.follow(frame.image, boxes, self._last_ms)
        if self._preview:
            self._preview.put(frame.image, seen)
        counts = told(seen, t_ms)
        self._followed += 1
        try:
            # At first nobody is followed yet: a lane that is told empty and full a second later misleads who learns.
            if self._followed >= _TO_FOLLOW:
                self._on_counts(counts)
            self._sum_up(watcher)
        except Exception:  # noqa: BLE001 - whoever takes the counts must not end the camera
            _log.exception("counts were not taken", camera=self._settings.name)
        return seen.people

    def _sum_up(self, watcher: "Watcher") -> None:
        """Tell what came together when a minute ends; of where people stood, when a quarter of an hour does."""
        minute = self._clock.now_ms() // MINUTE_MS
        if minute == self._minute or self._on_sums is None:
            return
        is_quarter = minute // HEAT_MINUTES != self._minute // HEAT_MINUTES
        self._minute = minute
        heat = self._quarters.whole(watcher.heat()) if is_quarter else None
        self._on_sums(CameraSums(minute * MINUTE_MS, watcher.zones(), heat))

    def _tell_effort(self, effort: Effort, watcher: "Watcher", seconds: float) -> None:
        """A machine that does not keep up sees fewer frames, never older ones, and in the end less of each."""
        now_s = self._clock.monotonic_s()
        effort.took(seconds, now_s)
        subject = f"{self._subject}.pace"
        if effort.gives_up(now_s) and (given_up := watcher.lighten()):
            message = (
                f"This machine is too slow for {given_up}: fewer than {FLOOR_FPS:.0f} frames a second were seen."
            )
            hint = "Small people may be missed now. Take a smaller model (aisle models bench) or a faster machine."
            self._health.report(f"{self._subject}.effort", "camera_lighter", message, hint)
        if effort.is_slow:
            wanted = f"the settings want one every {1 / self._settings.fps:.2f} s."
            hint = "Lower fps or tiles, or take a smaller model: aisle models bench"
            message = f"A frame takes {effort.mean_s:.2f} s here, {wanted}"
            self._health.report(subject, "camera_slow", message, hint)
        elif effort.keeps_up:
            self._health.clear(subject)

    def _tell_health(self, fault: "Fault | None") -> None:
        if fault is None:
            self._health.clear(self._subject)
        else:
            self._health.report(self._subject, fault.code, fault.message, fault.hint)
        if fault is not None:
            self._followed = 0
        is_blind = fault is not None and fault.is_wrong
        if is_blind and not self._is_blind and self._on_blind:
            self._on_blind()
        self._is_blind = is_blind

    def _open_source(self) -> "FrameSource":
        from edge.adapters.opencv_source import OpenCvSource

        settings = self._settings
        return OpenCvSource(settings.source, loop=settings.loop, every_s=1 / settings.fps, turned=settings.turned)

    def _open_detector(self) -> "PersonDetector | None":
        from models.vision.errors import ModelRefused

        def warn(reason: str) -> None:
            self._health.report(f"{self._subject}.model", "model_refused", reason, "See: aisle models list")

        try:
            return _shared_detectors().get(
                self._settings.model, threads=self._settings.threads, most=self._most_threads, warn=warn
            )
        except ModelRefused as error:
            self._health.report(self._subject, "model_refused", str(error), "See: aisle models check")
            return None
