"""EPCs: the standard's vectors, round trips, agreement of the fast path with epcpy, nonsense."""

import pytest
from epcpy.utils.parsers import hex_to_tag_encodable
from hypothesis import given
from hypothesis import strategies as st

from models.codes.epc import UNKNOWN, decode_epc, encode_sgtin96, encode_uri, identify
from models.codes.errors import BadCode, BadEpc
from models.codes.gtin import check_digit

VECTOR = "3034257BF7194E4000001A85"

# Hexadecimal → pure identity, from the examples of the EPC Tag Data Standard 1.13, annex E.
STANDARD = {
    VECTOR: "urn:epc:id:sgtin:0614141.812345.6789",
    "3634257BF6B7A659B2C2BF100000000000000000000000000000": "urn:epc:id:sgtin:0614141.712345.32a%2Fb",
    "3114257BF4499602D2000000": "urn:epc:id:sscc:0614141.1234567890",
    "3214257BF460720000000190": "urn:epc:id:sgln:0614141.12345.400",
    "3914257BF46072CD9615F8800000000000000000000000000000": "urn:epc:id:sgln:0614141.12345.32a%2Fb",
    "3314257BF40C0E4000000190": "urn:epc:id:grai:0614141.12345.400",
    "3714257BF40C0E59B2C2BF1000000000000000000000": "urn:epc:id:grai:0614141.12345.32a%2Fb",
    "3414257BF40000000000162E": "urn:epc:id:giai:0614141.5678",
    "3814257BF59B2C2BF10000000000000000000000000000000000": "urn:epc:id:giai:0614141.32a%2Fb",
    "350007AB70425D4000000586": "urn:epc:id:gid:31415.271828.1414",
}


@pytest.mark.parametrize(("code", "uri"), STANDARD.items())
def test_the_standards_examples_decode_and_encode(code: str, uri: str) -> None:
    decoded = decode_epc(code)
    assert decoded.uri == uri
    assert encode_uri(decoded.tag_uri).hex == code
    assert encode_uri(uri, filter_value=decoded.filter).hex == code


def test_an_sgtin_names_its_product_and_piece() -> None:
    decoded = decode_epc(VECTOR.lower())
    assert (decoded.hex, decoded.scheme, decoded.filter) == (VECTOR, "sgtin-96", 1)
    assert (decoded.gtin, decoded.serial) == ("80614141123458", "6789")
    assert decoded.tag_uri == "urn:epc:tag:sgtin-96:1.0614141.812345.6789"


def test_a_long_serial_is_unescaped_and_an_asset_has_its_key() -> None:
    assert decode_epc("3634257BF6B7A659B2C2BF100000000000000000000000000000").serial == "32a/b"
    assert decode_epc("3114257BF4499602D2000000").key == "106141412345678908"
    assert decode_epc("3214257BF460720000000190").key == "0614141123452"


def test_a_pure_identity_takes_the_shortest_scheme_that_holds_its_serial() -> None:
    assert encode_uri("urn:epc:id:sgtin:0614141.812345.6789").hex == VECTOR
    assert encode_uri("urn:epc:id:sgtin:0614141.812345.274877906943").scheme == "sgtin-96"
    assert encode_uri("urn:epc:id:sgtin:0614141.812345.274877906944").scheme == "sgtin-198"
    assert encode_uri("urn:epc:id:sgtin:0614141.812345.0007").scheme == "sgtin-198"


@given(
    st.integers(6, 12), st.data(), st.integers(0, (1 << 38) - 1), st.integers(0, 7)
)  # fmt: skip
def test_the_fast_path_agrees_with_epcpy_and_comes_back(
    digits: int, data: st.DataObject, serial: int, filter_value: int
) -> None:
    body = data.draw(st.text("0123456789", min_size=13, max_size=13).filter(lambda text: bool(text.strip("0"))))
    gtin = body + check_digit(body)
    code = encode_sgtin96(gtin, serial, company_prefix_digits=digits, filter_value=filter_value)
    decoded = decode_epc(code)
    assert (decoded.gtin, decoded.serial, decoded.filter) == (gtin, str(serial), filter_value)
    assert decoded.uri == hex_to_tag_encodable(code).epc_uri
    assert encode_uri(decoded.tag_uri) == decoded


@pytest.mark.parametrize(
    "code",
    [
        VECTOR + "0000",  # trailing words
        VECTOR[:-4],
        "303C257BF7194E4000001A85",  # partition 7
        "3037FFFFFFFFFFFFFFFFFFFF",  # more digits than the partition allows
        "3634257BF6B7A659B2C2BF100000000000000000000000000001",  # padding that is not zero
        "3634257BF6B7A659B2C2BF10000000000000000000000000",  # 12 words of 13
    ],
)
def test_a_tag_that_contradicts_its_header_is_refused_and_kept_as_an_unknown_item(code: str) -> None:
    with pytest.raises(BadEpc):
        decode_epc(code)
    item = identify(code)
    assert (item.scheme, item.hex, item.gtin) == (UNKNOWN, code, None)
    assert item.note


def test_a_tag_of_no_scheme_is_an_unknown_item_and_no_error() -> None:
    item = decode_epc("E2801170000002AA")
    assert (item.scheme, item.uri) == (UNKNOWN, "urn:epc:raw:64.xE2801170000002AA")
    assert encode_uri(item.uri) == item


@pytest.mark.parametrize("text", ["", "zz", "303", "30342", "00" * 64, "３０３４", "3034 257B", "urn:epc:id:x"])
def test_what_is_not_hexadecimal_words_is_refused(text: str) -> None:
    for work in (decode_epc, identify):
        with pytest.raises(BadEpc):
            work(text)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "urn:epc:id:sgtin:",
        "urn:epc:id:sgtin:0614141.812345",
        "urn:epc:id:sgtin:06141411.812345.6789",
        "urn:epc:id:lgtin:4012345.012345.998877",
        "urn:epc:id:nothing:1.2.3",
        "urn:epc:tag:sgtin-96:9.0614141.812345.6789",
        "urn:epc:tag:sgtin-96:0614141.812345.6789",
        "urn:epc:tag:sgtin-96:1.0614141.812345.999999999999",
        "urn:epc:tag:sgtin-97:1.0614141.812345.1",
        "urn:epc:raw:64.x3034257BF7194E4000001A85",
        "urn:epc:id:sgtin:" + "1" * 10_000,
    ],
)
def test_a_uri_that_breaks_its_scheme_is_refused(uri: str) -> None:
    with pytest.raises(BadEpc):
        encode_uri(uri)


@given(st.text("0123456789ABCDEF", max_size=60))
def test_any_hexadecimal_decodes_or_is_refused_and_what_decodes_comes_back(text: str) -> None:
    try:
        decoded = decode_epc(text)
    except BadEpc:
        return
    assert encode_uri(decoded.tag_uri).hex == text


@pytest.mark.parametrize("header", ["2C", "2D", "2E", "2F", *(f"{n:02X}" for n in range(0x30, 0x42))])
@given(rest=st.binary(min_size=11, max_size=27))
def test_any_content_under_any_header_decodes_or_is_refused(header: str, rest: bytes) -> None:
    code = (header + rest.hex().upper())[: (2 + len(rest) * 2) // 4 * 4]
    try:
        decoded = decode_epc(code)
    except BadEpc:
        assert identify(code).scheme == UNKNOWN
    else:
        assert encode_uri(decoded.tag_uri).hex == code


@given(st.text(max_size=60))
def test_any_text_as_a_uri_encodes_or_is_refused(text: str) -> None:
    for uri in (text, "urn:epc:id:sgtin:" + text, "urn:epc:tag:giai-202:" + text):
        try:
            encode_uri(uri)
        except BadCode:
            continue
