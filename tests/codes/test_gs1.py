"""What a scanned text says, and that nothing but ``BadCode`` comes out of nonsense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.codes.errors import BadCode
from models.codes.gs1 import parse_code
from models.codes.member import member_code, new_member_id

GTIN = "09521234543213"


@pytest.mark.parametrize(
    ("text", "serial", "lot"),
    [
        ("(01)09521234543213(21)12345(10)ABC", "12345", "ABC"),
        ("\x1d010952123454321321AB\x1d10X", "AB", "X"),
        ("]C1010952123454321321AB", "AB", None),
        ("]d2010952123454321310L1\x1d2177", "77", "L1"),
        ("010952123454321321AB", "AB", None),
        ("https://id.gs1.org/01/09521234543213/10/L7/21/12345", "12345", "L7"),
        ("HTTPS://ID.GS1.ORG/01/09521234543213/21/aB", "aB", None),
        ("http://shop.example/x/gtin/9521234543213/ser/9", "9", None),
        ("  https://example.com/01/09521234543213?17=271231&10=Z#top\r\n", None, "Z"),
    ],
)
def test_a_gs1_code_names_its_product(text: str, serial: str | None, lot: str | None) -> None:
    parsed = parse_code(text, "QRCode")
    assert (parsed.gtin, parsed.serial, parsed.lot) == (GTIN, serial, lot)
    assert (parsed.symbology, parsed.text) == ("QRCode", text)


@pytest.mark.parametrize(
    ("text", "symbology", "gtin"),
    [
        ("4006381333931", "EAN-13", "04006381333931"),
        ("4006381333931", "", "04006381333931"),
        ("036000291452", "UPC-A", "00036000291452"),
        ("96385074", "EAN-8", "00000096385074"),
        ("04252614", "UPC-E", "00042100005264"),
        ("0042100005264", "UPC-E", "00042100005264"),
        ("14006381333938", "ITF", "14006381333938"),
    ],
)
def test_a_bar_code_names_its_product(text: str, symbology: str, gtin: str) -> None:
    assert parse_code(text, symbology).gtin == gtin


@pytest.mark.parametrize(
    ("text", "symbology"),
    [
        ("4006381333930", "EAN-13"),
        ("4006381333930", ""),
        ("(01)09521234543219", "QRCode"),
        ("0109521234543219", ""),
        ("https://id.gs1.org/01/09521234543219", "QRCode"),
        ("]C1013", ""),
        ("(01)1234", ""),
        ("00106141412345678909", ""),
        ("", ""),
        ("   ", "QRCode"),
        ("a\x00b", ""),
        ("x" * 5000, ""),
        ("\ud800", ""),
        ("urn:epc:id:sgtin:1", ""),
    ],
)
def test_a_code_that_claims_and_is_wrong_is_refused_with_a_reason(text: str, symbology: str) -> None:
    with pytest.raises(BadCode) as caught:
        parse_code(text, symbology)
    assert str(caught.value)
    assert caught.value.reason == "code"


@pytest.mark.parametrize(
    ("text", "symbology"),
    [
        ("hello", "QRCode"),
        ("https://example.com/menu", ""),
        ("http://[", ""),
        ("4006381333930", "Code128"),
        ("雨衣", ""),
    ],
)
def test_a_text_that_claims_nothing_comes_back_as_it_is(text: str, symbology: str) -> None:
    parsed = parse_code(text, symbology)
    assert parsed.text == text
    assert not any((parsed.gtin, parsed.serial, parsed.member, parsed.epc, parsed.sscc))


def test_an_epc_names_its_product_and_piece() -> None:
    for text in ("3034257BF7194E4000001A85", "urn:epc:id:sgtin:0614141.812345.6789"):
        parsed = parse_code(text)
        assert (parsed.epc, parsed.gtin, parsed.serial) == ("3034257BF7194E4000001A85", "80614141123458", "6789")


def test_a_pallet_has_its_sscc() -> None:
    assert parse_code("(00)106141412345678908").sscc == "106141412345678908"
    assert parse_code("3114257BF4499602D2000000").sscc == "106141412345678908"


def test_a_members_code_names_the_member() -> None:
    member = new_member_id()
    assert parse_code(member_code(member), "QRCode").member == member


@given(st.text(max_size=80), st.sampled_from(["", "EAN-13", "QRCode", "UPC-E", "x"]))
def test_any_text_is_parsed_or_refused(text: str, symbology: str) -> None:
    for start in ("", "https://x/01/", "(01)", "\x1d", "]C1", "01", "AISLE-M:", "30", "urn:epc:", "http://"):
        try:
            parse_code(start + text, symbology)
        except BadCode:
            continue


@given(
    st.lists(
        st.tuples(st.sampled_from(["01", "10", "17", "21", "00", "3103", "37", "8008", "7003"]), st.text(max_size=12))
    )
)
def test_any_elements_are_parsed_or_refused(elements: list[tuple[str, str]]) -> None:
    for text in (
        "".join(f"({ai}){value}" for ai, value in elements),
        "\x1d".join(ai + value for ai, value in elements),
    ):
        try:
            parse_code(text)
        except BadCode:
            continue
