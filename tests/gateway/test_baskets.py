"""A shopper scans with a phone, a fixed scanner at the till."""

import json

import httpx
import pytest

from models.codes.member import member_code, new_member_id
from models.messages.facts import CodeScanned, ItemPlaced, SaleCompleted, SaleLine
from tests.gateway.conftest import EPC, MILK, NOW_MS, SOAP, TEA, Store

MEMBER = new_member_id()


@pytest.fixture
def shopper(store: Store) -> httpx.Client:
    client = store.client()
    client.post("/api/baskets").raise_for_status()
    return client


def scan(client: httpx.Client, text: str, name: str) -> httpx.Response:
    return client.post("/api/baskets/mine/scans", json={"text": text, "scan": name})


def test_scans_become_lines_with_name_price_and_stock(store: Store, shopper: httpx.Client) -> None:
    store.fold(ItemPlaced(t_ms=NOW_MS, epc=EPC, shelf="A1", p=0.99, gtin=MILK))
    scan(shopper, "4006381333931", "1")
    scan(shopper, f"https://example.com/01/{TEA}", "2")
    basket = scan(shopper, MILK, "3").raise_for_status().json()
    assert [(line["name_en"], line["quantity"], line["line_minor"], line["on_hand"]) for line in basket["lines"]] == [
        ("Whole milk 1 l", 2, 258, 1),
        ("Green tea", 1, 349, 0),
    ]
    assert (basket["total_minor"], basket["currency"]) == (607, "EUR")
    assert shopper.get("/api/baskets/mine").json() == basket


def test_a_scan_that_is_sent_twice_counts_once(shopper: httpx.Client) -> None:
    scan(shopper, MILK, "a:1")
    assert scan(shopper, MILK, "a:1").json()["total_minor"] == 129


def test_taking_out_removes_one_piece_and_scanning_again_puts_it_back(shopper: httpx.Client) -> None:
    scan(shopper, MILK, "1")
    line = scan(shopper, MILK, "2").json()["lines"][0]
    left = shopper.delete(f"/api/baskets/mine/lines/{line['n']}").raise_for_status().json()
    assert (left["lines"][0]["quantity"], left["total_minor"]) == (1, 129)
    gone = shopper.delete(f"/api/baskets/mine/lines/{line['n']}")
    assert gone.status_code == 404
    assert scan(shopper, MILK, "3").json()["total_minor"] == 258


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [("12345670", 404, "unknown_product"), ("hello", 404, "unknown_product"), ("4006381333932", 422, "bad_code")],
)
def test_a_code_that_is_no_product_says_what_to_do(shopper: httpx.Client, text: str, status: int, code: str) -> None:
    refused = scan(shopper, text, "1")
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)
    assert refused.json()["error"]["hint"]


def test_a_basket_is_the_shoppers_own(store: Store, shopper: httpx.Client) -> None:
    scan(shopper, MILK, "1")
    other = store.client()
    other.post("/api/baskets").raise_for_status()
    assert other.get("/api/baskets/mine").json()["lines"] == []


def test_a_members_code_says_whose_basket_it_is_and_tells_no_name(shopper: httpx.Client) -> None:
    basket = scan(shopper, member_code(MEMBER), "1").raise_for_status().json()
    assert basket["member"] == {"member": MEMBER, "points": 0}


def test_a_phone_that_listens_sees_its_basket_change(store: Store, shopper: httpx.Client) -> None:

    other = store.client()
    other.cookies.update(shopper.cookies)
    totals = []
    with shopper.stream("GET", "/api/baskets/mine/events") as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                totals.append(json.loads(line[6:])["total_minor"])
                if len(totals) == 1:
                    scan(other, MILK, "1")
                else:
                    break
    assert totals == [0, 129]


def test_a_full_basket_takes_no_more(store: Store, shopper: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.store.baskets.MAX_SCANS", 3)
    answers = [scan(shopper, MILK, f"n{number}").status_code for number in range(4)]
    assert answers == [200, 200, 200, 409]


def scanned(gtin: str | None = None, member: str | None = None) -> CodeScanned:
    return CodeScanned(t_ms=NOW_MS, device="scanner-1", symbology="EAN-13", text="x", gtin=gtin, member=member)


def test_a_fixed_scanners_codes_stand_in_its_open_basket(store: Store) -> None:
    clerk = store.manager()
    store.fold(scanned(TEA), scanned(TEA), scanned(member=MEMBER))
    basket = clerk.get("/api/devices/scanner-1/basket").raise_for_status().json()
    assert [(line["gtin"], line["quantity"], line["price_minor"]) for line in basket["lines"]] == [(TEA, 2, 349)]
    assert basket["member"]["member"] == MEMBER
    assert clerk.get("/api/devices/scanner-2/basket").json()["basket"] == ""


def test_the_next_shoppers_basket_is_empty_after_ten_minutes_or_a_sale(store: Store) -> None:
    clerk = store.manager()
    store.fold(scanned(TEA))
    store.clock.advance(601)
    assert clerk.get("/api/devices/scanner-1/basket").json()["lines"] == []
    store.fold(scanned(SOAP))
    first = clerk.get("/api/devices/scanner-1/basket").json()
    assert [line["gtin"] for line in first["lines"]] == [SOAP]
    line = SaleLine(gtin=SOAP, quantity=1, price_minor=199)
    store.fold(
        SaleCompleted(t_ms=NOW_MS, sale="s-1", till="scanner-1", lines=(line,), total_minor=199, currency="EUR")
    )
    assert clerk.get("/api/devices/scanner-1/basket").json()["basket"] == ""


def test_an_unknown_code_at_a_fixed_scanner_is_seen_not_lost(store: Store) -> None:
    store.fold(scanned("00000012345670"))
    (line,) = store.manager().get("/api/devices/scanner-1/basket").json()["lines"]
    assert (line["gtin"], line["name_en"], line["price_minor"]) == ("00000012345670", "", 0)


def test_a_picture_is_read_and_an_oversized_or_broken_one_is_refused(store: Store, shopper: httpx.Client) -> None:
    import io

    import segno

    drawing = io.BytesIO()
    segno.make(f"https://id.gs1.org/01/{MILK}").save(drawing, kind="png", scale=8, border=4)
    jpeg = {"content-type": "image/png"}
    found = shopper.post("/api/codes/image", content=drawing.getvalue(), headers=jpeg).raise_for_status().json()
    assert [(code["gtin"], code["product"]["price_minor"]) for code in found["codes"]] == [(MILK, 129)]
    assert shopper.post("/api/codes/image", content=b"\x89PNG....", headers=jpeg).status_code == 422
    assert shopper.post("/api/codes/image", content=b"", headers=jpeg).status_code == 422
    assert shopper.post("/api/codes/image", content=b"x", headers={"content-type": "text/plain"}).status_code == 415
    assert shopper.post("/api/codes/image", content=bytes(1_000_001), headers=jpeg).status_code == 413


def test_a_text_is_told_apart(shopper: httpx.Client) -> None:
    said = shopper.post("/api/codes/text", json={"text": f"(01){TEA}(21)abc"}).raise_for_status().json()
    assert (said["gtin"], said["serial"], said["product"]["name_zh"]) == (TEA, "abc", "绿茶")
    said = shopper.post("/api/codes/text", json={"text": member_code(MEMBER)}).json()
    assert (said["member"], said["product"]) == (MEMBER, None)
