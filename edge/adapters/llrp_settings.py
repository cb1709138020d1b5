"""Settings of one LLRP reader (``[[reader]]`` in ``edge.toml``)."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from edge.adapters.llrp_profile import load_profile
from models.messages.ids import SLUG_PATTERN
from models.process.settings import Settings

ShelfName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
AntennaNumber = Annotated[int, Field(ge=1, le=255)]
Power = Annotated[float, Field(ge=0, le=36)]
InputNumber = Annotated[int, Field(ge=1, le=255)]
EpcPrefix = Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{1,124}$", to_upper=True)]
AUTO = "auto"
ANNOUNCED = "mdns:"
"""How a host begins that is the name by which a reader announces itself."""
Behaviour = Literal["shelf", "exit", "counting"]


class LlrpReaderSettings(Settings):
    """One RFID reader."""

    name: str = Field(pattern=SLUG_PATTERN, description="What the reader is called here.")
    host: str = Field(
        min_length=1,
        max_length=255,
        description="Its address in the store's network, or `mdns:NAME` as `aisle readers find` shows it.",
    )
    port: int = Field(default=5084, ge=1, le=65_535, description="5084; with TLS usually 5085.")
    antennas: dict[AntennaNumber, ShelfName] = Field(
        min_length=1,
        description="Antenna number → shelf. At a door: `inside` or `outside` where it has antennas on both sides "
        "(they tell who goes out from who comes in), else any name.",
    )
    behaviour: Behaviour = Field(
        default="shelf",
        description="shelf: what stands there, cycle by cycle; exit: every tag at once, at a door; "
        "counting: many tags before each antenna (back room, dock).",
    )
    door: str | None = Field(
        default=None, pattern=SLUG_PATTERN, description="The door at which an `exit` reader hangs."
    )
    door_strong_dbm: float = Field(
        default=-60.0, ge=-90, le=-20, description="How strongly a tag in the doorway is read; weaker ones pass by."
    )
    inputs: tuple[InputNumber, ...] = Field(
        default=(), max_length=8, description="General-purpose inputs to tell of (a light barrier, a door contact)."
    )
    input_debounce_ms: int = Field(
        default=100, ge=0, le=10_000, description="An input is told when it has been as it is for so long."
    )
    cycle_ms: int = Field(default=1000, ge=100, le=60_000, description="How long one inventory takes.")
    profile: str = Field(
        default=AUTO,
        max_length=500,
        description="What kind of reader: `auto` goes by what it says of itself; else a name of docs/readers.md, or "
        "the path of a TOML file of one's own.",
    )
    power_dbm: Power | None = Field(default=None, description="Transmit power; the reader's own if left out.")
    antenna_power_dbm: dict[AntennaNumber, Power] = Field(
        default_factory=dict,
        description="Transmit power of single antennas; less keeps an antenna from hearing its neighbour's shelf.",
    )
    session: int | None = Field(default=None, ge=0, le=3, description="Gen2 session; the profile's if left out.")
    population: int | None = Field(
        default=None, ge=1, le=65_535, description="How many tags an antenna usually sees; the profile's if left out."
    )
    mode: int | None = Field(
        default=None, ge=0, le=65_535, description="Radio mode; the profile's, or the reader's own if left out."
    )
    keepalive_s: float = Field(
        default=5.0, ge=0.05, le=120, description="After three of these without a word the link is dead."
    )
    retry_s: float = Field(
        default=1.0, ge=0, le=60, description="How long it waits at first before it connects again; it doubles."
    )
    retry_max_s: float = Field(default=30.0, ge=0, le=600, description="The longest wait between two attempts.")
    timeout_s: float = Field(default=5.0, gt=0, le=60, description="How long an answer may take.")
    ignore_epcs: tuple[EpcPrefix, ...] = Field(
        default=(), max_length=100, description="EPCs of others, by how they begin."
    )
    tls: bool = Field(default=False, description="Whether the reader speaks TLS.")
    ca_file: Path | None = Field(
        default=None, description="Who signed the reader's certificate; the system's if left out."
    )
    cert_file: Path | None = Field(default=None, description="Our certificate, where the reader asks for one.")
    key_file: Path | None = Field(default=None, description="And its key.")

    @field_validator("profile")
    @classmethod
    def _is_a_profile(cls, profile: str) -> str:
        if profile != AUTO:
            load_profile(profile)
        return profile

    @model_validator(mode="after")
    def _powers_are_of_antennas(self) -> Self:
        unknown = sorted(set(self.antenna_power_dbm) - set(self.antennas))
        if unknown:
            raise ValueError(f"antenna_power_dbm names antenna {unknown[0]}, which antennas does not")
        return self

    @model_validator(mode="after")
    def _exits_are_doors(self) -> Self:
        if (self.behaviour == "exit") != (self.door is not None):
            raise ValueError('behaviour = "exit" and door = "…" belong together: which door does it watch?')
        return self

    @model_validator(mode="after")
    def _files_belong_to_tls(self) -> Self:
        if not self.tls and (self.ca_file or self.cert_file or self.key_file):
            raise ValueError("ca_file, cert_file and key_file need tls = true")
        if bool(self.cert_file) != bool(self.key_file):
            raise ValueError("cert_file and key_file belong together")
        return self
