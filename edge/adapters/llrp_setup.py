"""Setting a reader up: what it is, which profile fits, its configuration and its ROSpec; plain LLRP if it must be."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from edge.adapters.link_lost import LinkLost
from edge.adapters.llrp_extensions import ENABLE_EXTENSIONS, extensions_enabled
from edge.adapters.llrp_plan import Abilities, abilities, add_rospec, missing_antennas, reader_config
from edge.adapters.llrp_profile import GENERIC, ReaderProfile, load_profile, profile_for, shipped
from edge.adapters.llrp_settings import AUTO, LlrpReaderSettings
from models.llrp.layout import Message
from models.llrp.messages import (
    SUCCESS,
    AddRoSpecResponse,
    CustomMessage,
    DeleteRoSpec,
    DeleteRoSpecResponse,
    GetReaderCapabilities,
    GetReaderCapabilitiesResponse,
    SetReaderConfigResponse,
)

M = TypeVar("M", bound=Message)


class Ask(Protocol):
    """Asks the reader and waits for its answer; raises ``LinkLost``, with code ``refused`` where it says no."""

    def __call__(self, message: Message, kind: type[M], /) -> Awaitable[M]:
        """Ask."""


@dataclass(frozen=True)
class SetUp:
    """A reader that is set up. ``plain`` says why it is read without its vendor's extensions, where it should be."""

    can: Abilities
    profile: ReaderProfile
    plain: str = ""


async def set_up(ask: Ask, settings: LlrpReaderSettings) -> SetUp:
    """Set a reader up as its settings and its profile say; its ROSpec is there, and not yet enabled.

    Raises:
        LinkLost: it refuses plain LLRP, too, or none of its antennas can be used.
    """
    can = abilities(await ask(GetReaderCapabilities(), GetReaderCapabilitiesResponse))
    if len(missing_antennas(settings, can)) == len(settings.antennas):
        raise LinkLost(
            "antennas",
            f"it has {can.max_antennas} antenna ports, and none of those in its settings",
            "Correct antennas.",
        )
    profile = _profile(settings, can)
    if not profile.needs_extensions(settings.behaviour):
        await _configure(ask, settings, can, profile)
        return SetUp(can, profile)
    try:
        await _enable_extensions(ask, profile)
        await _configure(ask, settings, can, profile)
    except LinkLost as refusal:
        if refusal.code != "refused":
            raise
        await _configure(ask, settings, can, shipped(GENERIC))
        return SetUp(can, profile, plain=str(refusal))
    return SetUp(can, profile)


def _profile(settings: LlrpReaderSettings, can: Abilities) -> ReaderProfile:
    if settings.profile == AUTO:
        return profile_for(can.manufacturer, can.model)
    try:
        return load_profile(settings.profile)
    except ValueError as error:
        raise LinkLost("profile", str(error), "Correct profile in the node's settings.") from error


async def _enable_extensions(ask: Ask, profile: ReaderProfile) -> None:
    if profile.extensions != "impinj":
        return
    status = extensions_enabled(await ask(ENABLE_EXTENSIONS, CustomMessage))
    if status is None or status.code != SUCCESS:
        reason = "it answers something else" if status is None else status.text or f"status {status.code}"
        raise LinkLost("refused", f"IMPINJ_ENABLE_EXTENSIONS was refused: {reason}")


async def _configure(ask: Ask, settings: LlrpReaderSettings, can: Abilities, profile: ReaderProfile) -> None:
    await ask(reader_config(settings, can, profile), SetReaderConfigResponse)
    await ask(DeleteRoSpec(0), DeleteRoSpecResponse)
    await ask(add_rospec(settings, can, profile), AddRoSpecResponse)
