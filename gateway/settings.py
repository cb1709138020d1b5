"""What a gateway is told: ``gateway.toml``."""

from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, HttpUrl, model_validator

from cloud_sync.settings import HqLinkSettings, MqttSettings
from models.messages.ids import SLUG_PATTERN
from models.process.settings import Settings

Name = Annotated[str, Field(pattern=SLUG_PATTERN)]
Place = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("expected a time zone of the IANA list, such as Europe/Berlin or Asia/Shanghai") from error
    return name


def _about(text: str) -> Any:  # noqa: ANN401 - what Field gives
    return Field(description=text)


class StoreSettings(Settings):
    """Which store this is."""

    id: Name = _about("the store's name in topics and at headquarters")
    name: Annotated[str, Field(min_length=1, max_length=100)] = _about("what people call it")
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="of prices and baskets, ISO 4217")] = "EUR"
    time_zone: Annotated[str, AfterValidator(_known_zone), Field(description="of the IANA list")] = "UTC"
    phone_country: Annotated[
        str, Field(pattern=r"^[1-9][0-9]{0,2}$", description="calling code for numbers that are typed without it")
    ] = "49"
    backroom: Annotated[Place, Field(description="the place that is the back room")] = "backroom"
    counter: Annotated[Place, Field(description="the place that is the counter")] = "counter"
    minor_per_point: Annotated[
        int, Field(ge=1, le=1_000_000, description="so many cents or fen give a point")
    ] = 100  # fmt: skip


class ListenSettings(Settings):
    """Where pages and the API are served."""

    host: Annotated[str, Field(description="`0.0.0.0` lets the shop's network in; give it TLS then")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535, description="0 takes a free one")] = 8080
    certificate_file: Annotated[Path | None, Field(description="this gateway's certificate: TLS on")] = None
    key_file: Annotated[Path | None, Field(description="and its key")] = None
    url: Annotated[HttpUrl | None, Field(description="what enrolment links begin with, behind a proxy")] = None

    @model_validator(mode="after")
    def _both_or_none(self) -> "ListenSettings":
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("expected both certificate_file and key_file for TLS, or neither")
        return self

    @property
    def is_tls(self) -> bool:
        """Whether pages are served over TLS."""
        return self.certificate_file is not None

    @property
    def address(self) -> str:
        """The address that people open, without a slash at its end."""
        if self.url is not None:
            return str(self.url).rstrip("/")
        return f"{'https' if self.is_tls else 'http'}://{self.host}:{self.port}"


class TaskSettings(Settings):
    """What the shop does with its goods."""

    claim_minutes: Annotated[
        int, Field(ge=1, le=1440, description="so long a claimed task waits for its clerk, then others may have it")
    ] = 30  # fmt: skip
    default_low: Annotated[
        int, Field(ge=0, le=1000, description="where the planogram says nothing: at so many pieces a shelf is low")
    ] = 1  # fmt: skip
    default_capacity: Annotated[
        int, Field(ge=0, le=10_000, description="and it is filled up to so many; 0: only what is planned is refilled")
    ] = 6  # fmt: skip
    counts_per_day: Annotated[
        int, Field(ge=0, le=10_000, description="products in places that are to be counted each day; 0 asks for none")
    ] = 20  # fmt: skip


class LossSettings(Settings):
    """When something counts as missing."""

    exit_grace_s: Annotated[
        int, Field(ge=0, le=600, description="so long an unpaid item that passed a door waits for its till to tell")
    ] = 20  # fmt: skip
    till_wait_s: Annotated[
        int, Field(ge=0, le=86_400, description="and so much longer while a till's node cannot be heard")
    ] = 600  # fmt: skip
    missing_after_h: Annotated[
        float, Field(gt=0, le=240, description="picked up for so long and neither paid nor back: missing")
    ] = 4.0  # fmt: skip
    sweep_odds: Annotated[
        float,
        Field(gt=0, le=0.1, description="so unlikely must a sweep be by a product's own habits before it rings"),
    ] = 1e-4
    closes: Annotated[
        str | None,
        Field(
            pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
            description="when the store closes: half an hour later, what was picked up before is missing",
        ),
    ] = None


class GatewaySettings(Settings):
    """One gateway."""

    store: StoreSettings
    node: Annotated[Name, Field(description="the name under which headquarters knows this machine")] = "gateway"
    data_dir: Path = _about("database, key and backups")
    listen: ListenSettings = ListenSettings()
    mqtt: MqttSettings
    hq: Annotated[HqLinkSettings | None, Field(description="without it the store runs by itself")] = None
    tasks: TaskSettings = TaskSettings()
    loss: LossSettings = LossSettings()
    member_key_file: Annotated[
        Path | None, Field(description="the organisation's key for members; `member.key` in `data_dir` if none")
    ] = None
    outbox_bytes: Annotated[
        int, Field(ge=1_000_000, le=10**12, description="what may wait for headquarters")
    ] = 8_000_000_000  # fmt: skip
    backups: Annotated[int, Field(ge=0, le=365, description="nightly copies that are kept; 0 makes none")] = 7
    backup_hour: Annotated[int, Field(ge=0, le=23, description="of the store's day")] = 3

    @property
    def database(self) -> Path:
        """The store's database file."""
        return self.data_dir / "gateway.db"

    @property
    def member_key(self) -> Path:
        """The file with the organisation's key for members."""
        return self.member_key_file or self.data_dir / "member.key"


EXAMPLE: Final = """\
# Aisle gateway: one per store. `aisle gateway --config gateway.toml`

node = "gateway"            # the name under which headquarters knows this machine
data_dir = "data/gateway"   # database, key and backups; relative to where it is started

# The members' key, 64 hexadecimal digits, readable by its owner only. All stores of an organisation share it: copy
# the file of the first store to the others. Made at the first start where it is missing.
# member_key_file = "/etc/aisle/member.key"

outbox_bytes = 8_000_000_000  # what may wait for headquarters: more than 14 days of a busy store
backups = 7                   # nightly copies of the database that are kept; 0 makes none
backup_hour = 3               # at this hour of the store's day

[store]
id = "main-street"          # a-z, 0-9 and -
name = "Aisle, Main Street"
currency = "EUR"
time_zone = "Europe/Berlin"
phone_country = "49"        # for members' numbers that are typed without it
backroom = "backroom"       # the place that is the back room
counter = "counter"
minor_per_point = 100       # so many cents give a point

[listen]
host = "127.0.0.1"          # 0.0.0.0 lets handhelds in; give them TLS then
port = 8080
# certificate_file = "/etc/aisle/gateway.crt"
# key_file = "/etc/aisle/gateway.key"
# url = "https://store-1.example:8443"    # what enrolment links begin with, behind a proxy for instance

[mqtt]
hosts = ["127.0.0.1:1883"]
username = "gateway"
password = "change-me-gateway"    # the same as in broker.toml

[tasks]
claim_minutes = 30          # so long a claimed task waits for its clerk
default_low = 1             # where the planogram says nothing: low at so many pieces
default_capacity = 6        # and filled up to so many; 0: only what is planned is refilled
counts_per_day = 20         # products in places to be counted each day; 0 asks for none

[loss]
exit_grace_s = 20           # an unpaid item that passed a door waits so long for its till to tell
till_wait_s = 600           # and so much longer while a till's node cannot be heard
missing_after_h = 4.0       # picked up for so long and neither paid nor back: missing
sweep_odds = 1e-4           # so unlikely must many pieces at once be, by the product's habits, before it rings
# closes = "20:00"          # half an hour after closing, what was picked up before is missing

# Without this table the store runs by itself.
[hq]
url = "http://127.0.0.1:8090"     # https:// for any other machine
key = "change-me-hq-key"          # the same as in hq.toml
"""
