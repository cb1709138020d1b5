"""Frames: our whole loop (decode, letterbox, infer, suppress, track, count) beside bare onnxruntime inference.

Both use the same model, session options and footage in the same run, in blocks that take turns, so that a machine
that is busy for a while is busy for both. Overlapped is how it runs: the next frame is decoded during inference.
The processor ratio counts this thread's work alone, so it holds on a machine that others use, too.
"""

import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.footage_labels import count_error
from edge.adapters.camera_settings import CameraSettings
from edge.adapters.footage import FootageMissing, fetch
from edge.adapters.frame_source import Frame
from edge.adapters.opencv_source import OpenCvSource
from edge.adapters.person_detector import OnnxDetector
from edge.adapters.watcher import Watcher
from edge.core.lane.tracker import Tracker
from edge.replay.frames import ahead, read_source
from models.process.memory import give_large_blocks_back
from models.vision.catalogue import DEFAULT_MODEL, find_row
from models.vision.session import PersonModel
from models.vision.store import locate

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("AISLE_DATA") or ROOT / "var")
YOLOX = ROOT.parent / "shared" / "models" / "yolox_nano_416.onnx"
BLOCK = 10
WIDE = CameraSettings(name="bench", source="-")

Figures = dict[str, object]


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds a frame of a block: on the clock, and on this thread's share of the processor."""
    clock, processor = time.perf_counter(), time.thread_time()
    work()
    return (time.perf_counter() - clock) / BLOCK, (time.thread_time() - processor) / BLOCK


def bare_block(model: PersonModel) -> None:
    """Inference alone."""
    tensor = model.blank_input()
    for _ in range(BLOCK):
        model.infer(tensor)


def whole_block(frames: Iterator[Frame], watcher: Watcher) -> None:
    """Everything from the file to the counts."""
    for frame in itertools.islice(frames, BLOCK):
        watcher.look(frame.image, frame.t_ms)


def one_after_the_other(source: OpenCvSource, every: int) -> Iterator[Frame]:
    """Frames decoded on the thread that looks at them."""
    source.open()
    for _ in itertools.count():
        yield source.read()
        for _ in range(every - 1):
            source.read()


def time_model(model: PersonModel, footage: Path, blocks: int) -> Figures:
    """Milliseconds a frame, bare, overlapped and on one thread, and their ratios (medians over blocks)."""
    ways: dict[str, Callable[[OpenCvSource, int], Iterator[Frame]]] = {
        "overlapped": ahead,
        "one_thread": one_after_the_other,
    }
    running = {name: way(OpenCvSource(str(footage), live=False, loop=True), 1) for name, way in ways.items()}
    watchers = {name: Watcher(WIDE, OnnxDetector(model)) for name in ways}
    times: dict[str, list[tuple[float, float]]] = {"bare": [], **{name: [] for name in ways}}
    for _ in range(blocks):
        times["bare"].append(timed(partial(bare_block, model)))
        for name, frames in running.items():
            times[name].append(timed(partial(whole_block, frames, watchers[name])))
    figures: Figures = {
        f"{name}_ms": round(statistics.median(clock for clock, _ in found) * 1000, 2) for name, found in times.items()
    }
    for name in ways:
        figures[f"{name}_ratio"] = ratio(times[name], times["bare"], on=0)
    figures["one_thread_processor_ratio"] = ratio(times["one_thread"], times["bare"], on=1)
    return figures


def ratio(whole: list[tuple[float, float]], bare: list[tuple[float, float]], *, on: int) -> float:
    """Median over neighbouring blocks of whole : bare, on the clock (0) or the processor (1)."""
    return round(statistics.median(one[on] / other[on] for one, other in zip(whole, bare, strict=True)), 3)


def time_tracker(people: int = 20, frames: int = 300) -> Figures:
    """Milliseconds a frame of the tracker alone."""
    random = np.random.default_rng(1)
    tracker, places, times = Tracker(), random.uniform(0, 2000, (people, 2)), []
    for step in range(frames):
        feet = places + random.normal(0, 2, places.shape) + step * 0.5
        corners = (feet[:, 0] - 20, feet[:, 1] - 100, feet[:, 0] + 20, feet[:, 1])
        boxes = np.column_stack((*corners, np.full(people, 0.8))).astype(np.float32)
        start = time.perf_counter()
        tracker.update(boxes, step * 0.1)
        times.append(time.perf_counter() - start)
    return {"people": people, "median_ms": round(statistics.median(times) * 1000, 3)}


MEASURE_MEMORY = """
import json, sys, time
from pathlib import Path
import psutil
from edge.adapters.camera import CameraPipeline
from edge.adapters.footage import vtest_camera
from models.process.clock import SystemClock
from models.process.health import Health
me, clock, said = psutil.Process(), SystemClock(), []
before = me.memory_info().rss
settings = vtest_camera(Path(sys.argv[1]))
camera = CameraPipeline(settings, on_counts=said.append, clock=clock, health=Health(clock))
camera.start()
most = 0
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    most = max(most, me.memory_info().rss)
    time.sleep(0.1)
camera.stop()
print(json.dumps({"before_mb": round(before / 1e6), "most_mb": round(most / 1e6), "frames": len(said)}))
"""


def measure_memory(footage: Path, seconds: float) -> Figures:
    """Megabytes of a fresh process with one camera and the default model, live."""
    command = [sys.executable, "-c", MEASURE_MEMORY, str(footage), str(seconds)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT).stdout
    figures: Figures = json.loads(said)
    return figures


def run(quick: bool) -> Figures:  # noqa: FBT001 - the benchmarks' common signature
    """Time a frame against bare inference, the tracker, memory, and how many people are miscounted."""
    give_large_blocks_back()
    try:
        footage = fetch(DATA)
    except FootageMissing as error:
        return {"skipped": str(error)}
    path, row = locate(DEFAULT_MODEL, DATA / "models")
    models = {row.name: PersonModel(path, row)}
    if YOLOX.is_file():
        models["yolox-nano"] = PersonModel(YOLOX, find_row("yolox-nano"))
    figures: Figures = {}
    for name, model in models.items():
        measured = time_model(model, footage, 5 if quick else 40)
        if not quick:
            lines = read_source(str(footage), WIDE, OnnxDetector(model), every=1)
            measured["count_error"] = round(count_error({line["frame"]: line["people"] for line in lines}), 2)
        figures[name] = measured
    figures["tracker"] = time_tracker()
    figures["memory"] = measure_memory(footage, 4 if quick else 20)
    return figures


def main() -> None:
    """Print the figures as a table."""
    figures = run(quick="--quick" in sys.argv)
    for name, found in figures.items():
        print(f"{name:20} {found}")


if __name__ == "__main__":
    main()
