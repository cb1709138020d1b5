"""One detector, whatever its family: a picture in, people out."""

from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from models.vision.catalogue import ModelRow
from models.vision.errors import ModelUnfit
from models.vision.families import FAMILIES
from models.vision.letterbox import Letterbox, unletterbox
from models.vision.picture import Boxes, Image


def open_session(path: Path, threads: int = 1) -> Any:  # noqa: ANN401 - onnxruntime ships no types
    """An onnxruntime session that suits a Pi: few threads, none of them spinning, memory kept from frame to frame.

    With the arena a frame takes 0.66 of the time without, where the C library returns large blocks at once.

    Raises:
        ModelUnfit: the runtime cannot load the file.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelUnfit(f"{path}: onnxruntime cannot load it: {str(error)[:300]}") from error


class PersonModel:
    """A person detector. Cameras may share one: calls from several threads take turns."""

    def __init__(self, path: Path, row: ModelRow, threads: int = 1) -> None:
        """Open the file at ``path`` as ``row`` describes it; ``store.open_model`` checks hash and licence first.

        Raises:
            ModelUnfit: it does not load, or its input has another shape than its family's.
        """
        self.row = row
        self._family = FAMILIES[row.family](row)
        self._session = open_session(path, threads)
        first = self._session.get_inputs()[0]
        self._family.check(first.shape, first.type)
        self._input = first.name
        self._letterbox = Letterbox(row.side, self._family.fill)
        self._lock = Lock()

    def detect(self, frame_bgr: Image, least: float | None = None) -> Boxes:
        """People in ``frame_bgr`` (H × W × 3, uint8, BGR): N × 5 of x0, y0, x1, y1 in its pixels, and the score.

        ``least`` is the smallest score that is given, the model's own threshold unless said otherwise.

        Raises:
            ValueError: not such a picture.
            ModelUnfit: the model's outputs are not its family's.
        """
        if frame_bgr.ndim != 3 or frame_bgr.shape[2] != 3 or frame_bgr.dtype != np.uint8 or not frame_bgr.size:
            raise ValueError(f"a picture is H × W × 3 of uint8, not {frame_bgr.shape} of {frame_bgr.dtype}")
        height, width = frame_bgr.shape[:2]
        with self._lock:
            canvas, scale = self._letterbox.put(frame_bgr)
            outputs = self.infer(self._family.feed(canvas))
            boxes = self._family.read(outputs, self.row.threshold if least is None else least)
        return unletterbox(boxes, scale, width, height)

    def infer(self, tensor: NDArray[Any]) -> list[NDArray[Any]]:
        """Bare inference: the input tensor in, the raw outputs out. What benchmarks compare with."""
        outputs: list[NDArray[Any]] = self._session.run(None, {self._input: tensor})
        return outputs

    def blank_input(self) -> NDArray[Any]:
        """An input tensor of the right shape, for bare inference."""
        return self._family.feed(np.full((self.row.side, self.row.side, 3), self._family.fill, np.uint8)).copy()
