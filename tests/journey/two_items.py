"""Two pieces in the pretend store to which happens what the test wants: one is bought, one is stolen."""

from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

import httpx

from firmware_stubs.demo.store import RunningStore
from firmware_stubs.store.catalogue import CATALOGUE
from firmware_stubs.store.happening import Happening
from models.messages.codec import encode

PRODUCT = next(one for one in CATALOGUE if one.name_en == "Fleece, grey, L")
SHELF = "A4"
BOUGHT, STOLEN = PRODUCT.epc(810_001), PRODUCT.epc(810_002)
DELIVERY = "DN-TWO"


def notice(now_ms: int) -> dict[str, Any]:
    """The two were announced."""
    line = {"gtin": PRODUCT.gtin, "quantity": 2, "epcs": [BOUGHT, STOLEN]}
    return {"delivery": DELIVERY, "supplier": "Demo Textiles", "due_ms": now_ms, "units": [{"lines": [line]}]}


def life_of(store: RunningStore, epc: str) -> dict[str, Any]:
    """An item as a clerk's handheld shows it; no state while no reader has seen it, or nobody answers."""
    assert store.manager is not None
    try:
        answer = store.manager.http.get(f"/api/items/{epc}")
    except httpx.HTTPError:
        return {"state": ""}
    found: dict[str, Any] = answer.json() if answer.status_code == 200 else {"state": ""}
    return found


class Ended(Exception):
    """Nobody waits for the two pieces any more."""


class TwoPieces(Thread):
    """What people do with them, each step as soon as the store knows of the one before. It takes most of a minute."""

    def __init__(self, store: RunningStore, script: Path) -> None:
        super().__init__(name="two pieces", daemon=True)
        self._store, self._script = store, script
        self._ended = Event()

    def __enter__(self) -> Self:
        """Begin."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, wherever it is."""
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Go through all steps, or up to where somebody ends it."""
        with suppress(Ended):
            self._live()

    def _live(self) -> None:
        """Unpack, carry to the shelf, take, pay for one, leave with both."""
        for epc in (BOUGHT, STOLEN):
            self._happens("delivered", epc=epc, gtin=PRODUCT.gtin, shelf="backroom", delivery=DELIVERY)
        self._wait_until("back_room", BOUGHT, STOLEN)
        for epc in (BOUGHT, STOLEN):
            self._happens("moved", epc=epc, gtin=PRODUCT.gtin, shelf=SHELF)
        self._wait_until("on_shelf", BOUGHT, STOLEN)
        for epc in (BOUGHT, STOLEN):
            self._happens("lifted", epc=epc, gtin=PRODUCT.gtin, shelf=SHELF)
        self._happens("scanned", gtin=PRODUCT.gtin, code=f"(01){PRODUCT.gtin}(21)810001")
        self._wait_until("in_basket", BOUGHT)
        self._happens("sold", lane="1", transaction="two-1", gtins=(PRODUCT.gtin,), epcs=(BOUGHT,))
        self._wait_until("paid", BOUGHT)
        self._happens("passed", door="main", epcs=(BOUGHT,))
        self._happens("stolen", epcs=(STOLEN,), gtins=(PRODUCT.gtin,))
        self._happens("passed", door="main", epcs=(STOLEN,))

    def _happens(self, kind: str, **what: Any) -> None:  # noqa: ANN401 - the fields of Happening
        with self._script.open("ab") as script:
            script.write(encode(Happening(t_s=0.0, kind=kind, **what)) + b"\n")

    def _wait_until(self, state: str, *epcs: str) -> None:
        while any(life_of(self._store, epc)["state"] != state for epc in epcs):
            if self._ended.wait(0.3):
                raise Ended
