"""GTINs of every length, and check digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.codes.errors import BadGtin
from models.codes.gtin import check_digit, expand_upc_e, normalise_gtin


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("036000291452", "00036000291452"),
        ("4006381333931", "04006381333931"),
        ("96385074", "00000096385074"),
        ("14006381333938", "14006381333938"),
        ("0036000291452", "00036000291452"),
    ],
)
def test_every_length_becomes_fourteen_digits(text: str, gtin: str) -> None:
    assert normalise_gtin(text) == gtin


@pytest.mark.parametrize("text", ["", "4006381333930", "400638133393", "12345", "0" * 13, "٤٠٠٦٣٨١٣٣٣٩٣١", "1" * 99])
def test_what_is_no_gtin_is_refused(text: str) -> None:
    with pytest.raises(BadGtin):
        normalise_gtin(text)


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(body: str, place: int, shift: int) -> None:
    gtin = body + check_digit(body)
    wrong = gtin[:place] + str((int(gtin[place]) + shift) % 10) + gtin[place + 1 :]
    with pytest.raises(BadGtin):
        normalise_gtin(wrong)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("04252614", "042100005264"),
        ("01234565", "012345000065"),
        ("01234531", "012300000451"),
        ("01234543", "012340000053"),
    ],
)
def test_a_upc_e_stands_for_a_upc_a(short: str, long: str) -> None:
    assert expand_upc_e(short)[:-1] == long[:-1]


def test_what_is_no_upc_e_is_refused() -> None:
    for text in ("", "1234567", "94252614", "0425261x"):
        with pytest.raises(BadGtin):
            expand_upc_e(text)
