"""How a camera hangs: its picture must stand the right way up, and be the view that it was."""

from typing import Final

from edge.adapters.frame_watch import Fault
from edge.adapters.view import Turn, View
from edge.core.lane.upright import Upright
from models.vision.picture import Boxes, Image

TURNED_S: Final = 3.0
"""So long a picture is another way up before that is a fault; its frames are not counted from the first on."""

_FAULTS: Final[dict[Turn, tuple[str, str]]] = {
    "half": ("The picture stands on its head.", "Turn the camera, or change `turned` of this camera in edge.toml."),
    "mirrored": ("The picture is mirrored.", "Switch mirroring off in the camera's own settings."),
    "quarter": ("The picture is turned by a quarter.", "Turn the camera back."),
}


class Stance:
    """What the scene says at once, once it is known, and what people say always."""

    def __init__(self) -> None:
        self._view, self._upright = View(), Upright()
        self._turn: Turn | None = None
        self._since_s = 0.0

    def look(self, image: Image, t_s: float) -> bool:
        """Take in a frame that is good otherwise; whether it may be counted."""
        turn = self._view.look(image, t_s)
        if turn == "half" and not self._upright.is_sure and self._turn is None:
            # Nobody has shown yet that the scene as it was stood the right way up: this one may.
            self._view.forget()
            self._upright = Upright()
            turn = None
        if turn is None and self._turn is not None:
            self._upright.trust()
        if turn != self._turn:
            self._turn, self._since_s = turn, t_s
        return self.is_good

    @property
    def is_good(self) -> bool:
        """Whether the last frame may be counted."""
        return self._turn is None and not self._upright.is_doubted

    def is_due(self, t_s: float) -> bool:
        """Whether the detector should look at this frame both ways up."""
        return self._turn is None and self._upright.is_due(t_s)

    def weigh(self, upright: Boxes, turned: Boxes, t_s: float) -> None:
        """Whom it found, as the picture is and turned by a half."""
        self._upright.weigh(upright, turned, t_s)

    def fault(self, t_s: float) -> Fault | None:
        """What is wrong at ``t_s``."""
        if self._turn is not None and t_s - self._since_s >= TURNED_S:
            return Fault("camera_turned", *_FAULTS[self._turn])
        if self._turn is None and self._upright.is_turned:
            return Fault("camera_turned", *_FAULTS["half"])
        return None
