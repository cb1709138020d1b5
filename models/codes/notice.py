"""An advance shipping notice as it is sent to a store or to headquarters, and the fact that it makes."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from models.codes.errors import BadGtin
from models.codes.gtin import normalise_gtin
from models.messages.goods import DeliveryExpected, DeliveryLine, LogisticUnit


def _whole_gtin(text: str) -> str:
    try:
        return normalise_gtin(text)
    except BadGtin as error:
        raise ValueError(str(error)) from error


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class NoticeLine(_Part):
    """Pieces of one product in a unit, with their EPCs where the sender knows them."""

    gtin: Annotated[str, AfterValidator(_whole_gtin)]
    quantity: int = Field(ge=1, le=1_000_000, strict=True)
    epcs: tuple[Annotated[str, Field(pattern=r"^(?:[0-9A-F]{4}){1,31}$")], ...] = Field(default=(), max_length=5000)


class NoticeUnit(_Part):
    """A pallet or carton, or loose goods without a number."""

    sscc: str | None = Field(default=None, pattern=r"^[0-9]{18}$")
    lines: list[NoticeLine] = Field(min_length=1, max_length=500)


class Notice(_Part):
    """What is on its way; said again, the newest holds until it arrives."""

    delivery: str = Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")
    supplier: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
    due_ms: int = Field(ge=0, le=253_402_300_799_999, strict=True)
    units: list[NoticeUnit] = Field(max_length=500)
    cancelled: bool = False

    def fact(self, t_ms: int) -> DeliveryExpected:
        """The notice as a fact of the moment ``t_ms``."""
        units = tuple(
            LogisticUnit(
                sscc=unit.sscc,
                lines=tuple(
                    DeliveryLine(gtin=line.gtin, quantity=line.quantity, epcs=line.epcs) for line in unit.lines
                ),
            )
            for unit in self.units
        )
        return DeliveryExpected(
            t_ms=t_ms, delivery=self.delivery, supplier=self.supplier, due_ms=self.due_ms, units=units,
            cancelled=self.cancelled,
        )  # fmt: skip
