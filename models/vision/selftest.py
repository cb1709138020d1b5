"""The test that every detector takes before it may count anybody, whatever its catalogue row says."""

import numpy as np

from models.vision.errors import ModelUnfit
from models.vision.picture import Boxes
from models.vision.scene import PEOPLE, empty_shop, shop_with_people
from models.vision.session import PersonModel

_OVERLAP = 0.5


def overlap(box: Boxes, other: tuple[float, float, float, float]) -> float:
    """Intersection over union of one box (its first four numbers) and another."""
    width = min(float(box[2]), other[2]) - max(float(box[0]), other[0])
    height = min(float(box[3]), other[3]) - max(float(box[1]), other[1])
    shared = max(width, 0.0) * max(height, 0.0)
    union = float((box[2] - box[0]) * (box[3] - box[1])) + (other[2] - other[0]) * (other[3] - other[1]) - shared
    return shared / union if union > 0 else 0.0


def self_test(model: PersonModel) -> None:
    """Two drawn people are found where they stand, and nobody in the empty shop.

    Raises:
        ModelUnfit: with what it saw instead.
    """
    seen = _detect(model, "the drawn shop", people=True)
    if len(seen) != len(PEOPLE):
        raise ModelUnfit(f"{model.row.name}: sees {len(seen)} people in the drawn shop, {len(PEOPLE)} stand there")
    for person in PEOPLE:
        if max(overlap(box, person) for box in seen) < _OVERLAP:
            raise ModelUnfit(f"{model.row.name}: does not see the drawn person at {person}")
    ghosts = _detect(model, "the empty shop", people=False)
    if len(ghosts):
        raise ModelUnfit(f"{model.row.name}: sees {len(ghosts)} people in an empty shop")


def _detect(model: PersonModel, where: str, *, people: bool) -> Boxes:
    try:
        seen = model.detect(shop_with_people() if people else empty_shop())
    except ModelUnfit:
        raise
    except Exception as error:
        raise ModelUnfit(f"{model.row.name}: fails on {where}: {str(error)[:300]}") from error
    if not np.isfinite(seen).all():
        raise ModelUnfit(f"{model.row.name}: gives numbers that are not finite on {where}")
    return seen
