"""Settings of headquarters (``hq.toml``)."""

import hashlib
from pathlib import Path
from typing import Final, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from models.messages.ids import SLUG_PATTERN
from models.process.settings import Settings


class StoreSettings(Settings):
    """A store that may send its streams here. Its key is given as it is, or as its SHA-256."""

    id: str = Field(pattern=SLUG_PATTERN, description="The store's id, the same as in its gateway.toml.")
    name: str = Field(min_length=1, max_length=100, description="What people call it.")
    time_zone: str = Field(default="Europe/Berlin", description="Where its day begins, for example Asia/Shanghai.")
    currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$", description="What its tills take.")
    key: str | None = Field(
        default=None, min_length=16, max_length=200, repr=False, description="The key its gateway sends."
    )
    key_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$", description="The key's SHA-256, instead.")

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("a time zone such as Europe/Berlin or Asia/Shanghai") from error
        return name

    @model_validator(mode="after")
    def _has_one_key(self) -> Self:
        if (self.key is None) == (self.key_sha256 is None):
            raise ValueError("exactly one of key and key_sha256; `aisle hq key` draws one")
        return self

    @property
    def key_digest(self) -> bytes:
        """SHA-256 of the key."""
        if self.key is not None:
            return hashlib.sha256(self.key.encode()).digest()
        return bytes.fromhex(self.key_sha256 or "")


class StaffSettings(Settings):
    """Somebody who may sign in to headquarters' page."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,31}$", description="What they type to sign in.")
    password_hash: str = Field(
        pattern=r"^\$argon2id\$.+",
        max_length=300,
        repr=False,
        description="What `aisle hq password` printed for their password.",
    )


class TlsSettings(Settings):
    """The certificate that this process shows."""

    cert_file: Path = Field(description="PEM, with the chain.")
    key_file: Path = Field(description="PEM.")


class HqSettings(Settings):
    """Headquarters of many stores."""

    data_dir: Path = Field(description="Where its database lives.")
    host: str = Field(
        default="127.0.0.1", description="0.0.0.0 lets stores in other networks reach it; use TLS then."
    )
    port: int = Field(default=8090, ge=0, le=65_535, description="0 picks a free one.")
    tls: TlsSettings | None = Field(default=None, description="Without it only HTTP, for a proxy or a demo.")
    behind_tls_proxy: bool = Field(default=False, description="A proxy in front speaks HTTPS: cookies are Secure.")
    outbox_budget_mb: int = Field(default=500, ge=1, le=100_000, description="Disk for facts to one store.")
    backups: int = Field(default=7, ge=0, le=365, description="Nightly copies that are kept; 0 makes none.")
    stores: tuple[StoreSettings, ...] = Field(default=(), description="The stores.")
    staff: tuple[StaffSettings, ...] = Field(default=(), description="Who may sign in.")

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        for what, values in (
            ("stores with the same id", [store.id for store in self.stores]),
            ("stores with the same key", [store.key_digest for store in self.stores]),
            ("staff with the same name", [person.name for person in self.staff]),
        ):
            if len(values) != len(set(values)):
                raise ValueError(f"no two {what}")
        return self


EXAMPLE: Final = """\
# Headquarters: `aisle hq --config hq.toml`

data_dir = "data/hq"

# Stores in other networks need 0.0.0.0, and then [tls] or a proxy that speaks HTTPS.
host = "127.0.0.1"
port = 8090
# behind_tls_proxy = true

# Disk for what one store that cannot be reached has yet to hear, in megabytes.
outbox_budget_mb = 500

# A copy of the database every night, in data_dir/backups; so many are kept.
backups = 7

# [tls]
# cert_file = "/etc/aisle/hq.pem"
# key_file = "/etc/aisle/hq.key"

# One of these for each store. `aisle hq key` draws a key and prints its SHA-256: the key goes into the
# store's gateway.toml, its SHA-256 here.
[[stores]]
id = "main-street"
name = "Aisle, Main Street"
time_zone = "Europe/Berlin"
currency = "EUR"
key = "change-me-hq-key"
# key_sha256 = "…"

# Who may sign in to the page. `aisle hq password` asks for a password and prints its hash.
# [[staff]]
# name = "desk-1"
# password_hash = "$argon2id$…"
"""
