"""A dump of what is believed, and back: numpy's own archive format, without pickles."""

import io
import json
import zipfile
import zlib
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from edge.core.shelf.antennas import FIELDS as ANTENNA_FIELDS
from edge.core.shelf.habits import LONGEST_S
from edge.core.shelf.state import State
from edge.core.shelf.tags import FIELDS as TAG_FIELDS
from edge.core.shelf.telling import Told

Array = npt.NDArray[Any]

_VERSION: Final = 3


class Dump(NamedTuple):
    """What survives a restart."""

    epcs: list[str]
    antennas: list[str]
    shelves: list[str]
    clock: dict[str, int]
    state: State | None
    told: Told


def pack(dump: Dump, rows: Array) -> bytes:
    """Write a dump of the tags in ``rows``, which are named by its ``epcs`` in the same order."""
    about: dict[str, Any] = {"version": _VERSION, "epcs": dump.epcs, "antennas": dump.antennas}
    about |= {"shelves": dump.shelves, "clock": dump.clock}
    arrays: dict[str, Any] = {"told_state": dump.told.state[rows], "told_shelf": dump.told.shelf[rows]}
    if (state := dump.state) is not None:
        about |= {"spread": state.antennas.spread, "hours": state.habits.hours, "takes": state.habits.takes}
        about |= {"came": state.habits.came, "passed": state.habits.passed}
        about |= {"bin": state.bin, "begun": state.begun}
        arrays |= {f"tag_{name}": array[rows] for name, array in state.tags.arrays().items()}
        arrays |= {f"antenna_{name}": getattr(state.antennas, name) for name in ANTENNA_FIELDS}
        arrays["lengths"] = state.habits.lengths
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def unpack(data: bytes, antennas: list[str], shelves: list[str]) -> Dump:
    """Read a dump for an installation of these ``antennas`` and ``shelves``, which may have changed.

    Raises:
        ValueError: not a dump of ours.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(arrays["about"].tobytes())
        _check_version(about)
        return _restore(arrays, about, antennas, shelves)
    except (
        LookupError,
        TypeError,
        AttributeError,
        ValueError,
        EOFError,
        OSError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise ValueError(f"not a dump of presence: {error}") from error


def _check_version(about: dict[str, Any]) -> None:
    if about["version"] != _VERSION:
        raise ValueError(f"version {about['version']}, this build reads {_VERSION}")


def _restore(arrays: dict[str, Array], about: dict[str, Any], antennas: list[str], shelves: list[str]) -> Dump:
    epcs = about["epcs"]
    told = Told(max(1, len(epcs)))
    places = np.array([shelves.index(name) if name in shelves else -1 for name in [*about["shelves"], ""]], np.int16)
    told.state[: len(epcs)] = arrays["told_state"]
    told.shelf[: len(epcs)] = places[arrays["told_shelf"]]
    told.state[told.shelf < 0] = 0
    state = None
    if "tag_home" in arrays:
        state = State.blank(len(antennas), 0)
        numbers = [antennas.index(key) if key in antennas else -1 for key in about["antennas"]]
        _restore_antennas(state, arrays, numbers)
        state.antennas.spread = float(about["spread"])
        state.habits.hours, state.habits.takes = float(about["hours"]), float(about["takes"])
        state.habits.came, state.habits.passed = float(about["came"]), float(about["passed"])
        state.habits.lengths = arrays["lengths"].astype(np.float64)[:LONGEST_S]
        state.rates = state.habits.rates()
        state.bin, state.begun = int(about["bin"]), int(about["begun"])
        _restore_tags(state, arrays, numbers, len(epcs))
    return Dump(epcs, antennas, shelves, {name: int(at) for name, at in about["clock"].items()}, state, told)


def _restore_antennas(state: State, arrays: dict[str, Array], numbers: list[int]) -> None:
    for name in ANTENNA_FIELDS:
        kept = getattr(state.antennas, name)
        for old, new in enumerate(numbers):
            if new >= 0:
                kept[new] = arrays[f"antenna_{name}"][old]


def _restore_tags(state: State, arrays: dict[str, Array], numbers: list[int], count: int) -> None:
    tags = state.tags.resized(max(64, count))
    for name, (dtype, _, _) in TAG_FIELDS.items():
        tags.arrays()[name][:count] = arrays[f"tag_{name}"].astype(dtype)
    renumber = np.array([*numbers, -1], np.int16)
    for name in ("home", "anchor", "antenna"):
        array = tags.arrays()[name]
        array[:] = renumber[array]
    homeless = tags.home < 0
    tags.gone[homeless] += tags.at_home[homeless]
    tags.stands[homeless] = tags.hidden[homeless] = tags.shaded[homeless] = 0.0
    state.tags = tags
