"""What pictures and boxes are. Light: whoever only names these types loads neither OpenCV nor onnxruntime."""

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""H × W × 3, BGR, as OpenCV gives it."""

Boxes = NDArray[np.float32]
"""N × 5: x0, y0, x1, y1 in pixels, score 0..1."""
