"""The catalogue in people's hands: products, prices, imports."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.hq.conftest import NOON_MS, Desk

Run = Callable[..., Any]
HEAD = "gtin,name_en,name_zh,category,tagged,price_minor,currency\n"


async def imported(desk: Desk, text: str | bytes) -> dict[str, Any]:
    body = text.encode() if isinstance(text, str) else text
    answer = await desk.http.post("/api/imports", content=body)
    assert answer.status_code == 202, answer.text
    for _ in range(1000):
        state: dict[str, Any] = await desk.get(f"/api/imports/{answer.json()['import']}")
        if state["state"] != "running":
            return state
        await asyncio.sleep(0.005)
    raise AssertionError("the import does not end")


def test_good_lines_are_entered_and_bad_ones_named(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        state = await imported(
            desk,
            "\ufeff" + HEAD + "4006381333931,Pencil,铅笔,stationery,no,199,EUR\n"
            "4006381333932,Wrong digit,,,,,\n"
            "\n"
            '80614141123458,"Socks, grey",,clothes,yes,1999,eur\n'
            "96385074,,,,,,\n"
            "96385074,Gum,,,maybe,,\n"
            "96385074,Gum,,,,1.99,EUR\n"
            "96385074,Gum,,,,99,euros\n"
            f"96385074,{'x' * 300},,,,,\n"
            "96385074,Gum,口香糖,,,99,CNY\n",
        )
        assert (state["lines"], state["done"], state["entered"], state["wrong"]) == (9, 9, 3, 6)
        assert [one["line"] for one in state["errors"]] == [3, 6, 7, 8, 9, 10]
        for part, one in zip(
            ("check digit", "no name", "yes or no", "whole cents", "three letters", "longer"),
            state["errors"],
            strict=True,
        ):
            assert part in one["message"]
        told = await desk.store("harbour").hear()
        assert [(fact["kind"], fact["gtin"]) for fact in told] == [
            ("product.changed", "04006381333931"), ("price.changed", "04006381333931"),
            ("product.changed", "80614141123458"), ("price.changed", "80614141123458"),
            ("product.changed", "00000096385074"),
        ]  # fmt: skip
        assert told[2]["tagged"]
        assert told[2]["name_en"] == "Socks, grey"

    run(story)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "columns"),
        (b"product,price\n1,2\n", "columns"),
        (b"gtin,price_minor\n1,2\n", "columns"),
        (b"gtin,name_en\n\xff\xfe,a\n", "encoding"),
        (b'gtin,name_en\n"1","a"x"\n', "csv"),
        (b'gtin,name_en\n1,"' + b"x" * 200_000 + b'"\n', "csv"),
    ],
    ids=["empty", "other", "no-name", "bytes", "quotes", "huge-field"],
)
def test_a_file_that_is_no_catalogue_is_refused_with_what_to_do(run: Run, body: bytes, code: str) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        answer = await desk.http.post("/api/imports", content=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
        assert answer.json()["error"]["hint"]

    run(story)


def test_an_import_of_only_a_head_is_done_at_once(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        assert (await imported(desk, HEAD))["state"] == "done"
        assert (await desk.http.get("/api/imports/99")).status_code == 404

    run(story)


def test_the_price_that_holds_now_is_shown(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        path = "/api/products/4006381333931"
        assert (await desk.http.put(f"{path}/price", json={"price_minor": 1, "currency": "EUR"})).status_code == 404
        await desk.http.put(path, json={"name_en": "Pencil"})
        for price_minor, from_ms in ((100, 0), (150, NOON_MS - 1), (90, NOON_MS + 1)):
            body = {"price_minor": price_minor, "currency": "EUR", "from_ms": from_ms}
            assert (await desk.http.put(f"{path}/price", json=body)).status_code == 200
        assert (await desk.get(path))["prices"] == [{"currency": "EUR", "price_minor": 150}]

    run(story)


@pytest.mark.parametrize(
    ("gtin", "body"),
    [
        ("4006381333932", {"name_en": "x"}),
        ("400638133393", {"name_en": "x"}),
        ("00000000", {"name_en": "x"}),
        ("4006381333931", {"name_en": " ", "name_zh": ""}),
        ("4006381333931", {"name_en": "a\u0000b"}),
        ("4006381333931", {"name_en": "x" * 201}),
        ("4006381333931", {"name_en": 7}),
        ("4006381333931", []),
    ],
)
def test_what_is_no_product_is_refused(run: Run, gtin: str, body: object) -> None:
    async def story(desk: Desk) -> int:
        await desk.sign_in()
        return (await desk.http.put(f"/api/products/{gtin}", json=body)).status_code

    assert run(story) == 422
