"""What can be wrong with a model, as one tree.

ModelRefused            this file will not be used: the text says why and what to do
├── ModelMissing        it is not on this machine; ``aisle models pull`` or a path brings it
├── ModelTampered       its bytes are not the ones that the catalogue names
├── ModelUnlicensed     its licence is unknown or not one that a shop may simply use
└── ModelUnfit          it does not load, has an unknown shape, or fails its self-test
"""


class ModelRefused(Exception):
    """A model that is not used. ``reason`` is one word for counters, the text is for people."""

    reason = "refused"


class ModelMissing(ModelRefused):
    """The file is not on this machine."""

    reason = "missing"


class ModelTampered(ModelRefused):
    """The bytes are not those that the catalogue, or the description beside the file, names."""

    reason = "hash"


class ModelUnlicensed(ModelRefused):
    """The licence is unknown, or not in ``catalogue.LICENCES``."""

    reason = "licence"


class ModelUnfit(ModelRefused):
    """It does not load, has another shape than its family, or fails its self-test."""

    reason = "unfit"
