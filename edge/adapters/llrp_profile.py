"""Profiles of readers: what a vendor's model is best told, as TOML beside this module or in a file of one's own."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from models.process.settings import Settings

FOLDER: Final = Path(__file__).parent / "reader_profiles"
GENERIC: Final = "generic"

Extensions = Literal["", "impinj", "zebra"]
Models = tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]


class InventoryProfile(Settings):
    """How tags are asked. What is left out is the generic profile's, or the reader's own."""

    mode: int | None = Field(default=None, ge=0, le=65_535, description="Radio mode.")
    session: int | None = Field(default=None, ge=0, le=3, description="Gen2 session.")
    population: int | None = Field(default=None, ge=1, le=65_535, description="How many tags an antenna sees.")
    search_mode: int | None = Field(default=None, ge=0, le=6, description="Impinj's search mode.")
    ab_flip: bool = Field(default=False, description="Zebra: ask tags in state A, then those in state B.")


class ReaderProfile(Settings):
    """One vendor's models."""

    name: str = Field(min_length=1, max_length=60, description="What a person calls these readers.")
    manufacturers: tuple[int, ...] = Field(default=(), description="IANA's enterprise numbers.")
    models: tuple[Models, ...] = Field(default=(), description="From and to which model number.")
    extensions: Extensions = Field(default="", description="Whose own parameters it understands.")
    link_monitor: int | None = Field(
        default=None, ge=1, le=100, description="Impinj: it lets a client go that owes so many keepalives."
    )
    shelf: InventoryProfile = InventoryProfile()
    exit: InventoryProfile = InventoryProfile()
    counting: InventoryProfile = InventoryProfile()

    def fits(self, manufacturer: int, model: int) -> bool:
        """Whether a reader that reports these numbers is one of these."""
        return manufacturer in self.manufacturers and any(first <= model <= last for first, last in self.models)

    def needs_extensions(self, behaviour: Literal["shelf", "exit", "counting"]) -> bool:
        """Whether anything of it goes beyond plain LLRP."""
        how = self.inventory(behaviour)
        return self.link_monitor is not None or how.search_mode is not None or how.ab_flip

    def inventory(self, behaviour: Literal["shelf", "exit", "counting"]) -> InventoryProfile:
        """How tags are asked for a behaviour; what this profile leaves out is filled in from the generic one."""
        own: InventoryProfile = getattr(self, behaviour)
        common: InventoryProfile = getattr(shipped(GENERIC), behaviour)
        return own.model_copy(
            update={
                "session": common.session if own.session is None else own.session,
                "population": common.population if own.population is None else own.population,
            }
        )


def names() -> list[str]:
    """The profiles that are shipped, in order."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@lru_cache(maxsize=64)
def shipped(name: str) -> ReaderProfile:
    """A profile that is shipped. Raises ``ValueError`` where there is none of this name."""
    return load_profile(name)


def load_profile(name_or_path: str) -> ReaderProfile:
    """A shipped profile by its name, or one's own by its path (it ends in ``.toml``).

    Raises:
        ValueError: no such profile or file, or one that is no profile; says which there are.
    """
    path = Path(name_or_path) if name_or_path.endswith(".toml") else FOLDER / f"{name_or_path}.toml"
    if not name_or_path.endswith(".toml") and name_or_path not in names():
        raise ValueError(f"there is no profile {name_or_path!r}: {', '.join(names())}, or a path to a .toml file")
    try:
        return ReaderProfile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"the profile {path} cannot be read: {error}") from error
    except ValidationError as error:
        found = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
        raise ValueError(f"{path} is no reader profile: {found}") from error


def profile_for(manufacturer: int, model: int) -> ReaderProfile:
    """The shipped profile of a reader that reports these numbers; the generic one for a stranger."""
    return next((shipped(name) for name in names() if shipped(name).fits(manufacturer, model)), shipped(GENERIC))
