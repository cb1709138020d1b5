"""A member's code: drawn, checked, read back from its own picture."""

import cv2
import numpy as np
import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from models.codes.errors import BadCode
from models.codes.image import read_frame
from models.codes.member import (
    PREFIX,
    check_character,
    member_code,
    member_code_svg,
    new_member_id,
    parse_member_code,
)

BODIES = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=7, max_size=19)


def test_the_standards_example_has_its_check_character() -> None:
    assert check_character("A12425GABC1234002") == "M"  # GRid, the registered user of ISO 7064 MOD 37,36


@given(BODIES, st.data())
def test_one_wrong_character_is_always_noticed(body: str, data: st.DataObject) -> None:
    member = body + check_character(body)
    place = data.draw(st.integers(0, len(member) - 1))
    other = data.draw(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ").filter(lambda c: c != member[place]))
    assert parse_member_code(member) == member
    with pytest.raises(BadCode):
        parse_member_code(PREFIX + member[:place] + other + member[place + 1 :])


def test_a_typed_id_may_have_spaces_and_small_letters() -> None:
    member = new_member_id()
    assert parse_member_code(f" {member[:4].lower()}-{member[4:8]} {member[8:]} ") == member
    assert parse_member_code(member_code(member).lower()) == member


@pytest.mark.parametrize("text", ["", "AISLE-M:", "AISLE-M:AB", "AISLE-M:" + "A" * 40, "AISLE-M:ÄÖÜ12345"])
def test_what_is_no_members_code_is_refused(text: str) -> None:
    with pytest.raises(BadCode):
        parse_member_code(text)


def test_two_ids_are_never_the_same() -> None:
    assert len({new_member_id() for _ in range(1000)}) == 1000


def test_the_drawing_is_svg_without_script_or_style_and_its_modules_read_back() -> None:
    member = new_member_id()
    drawing = member_code_svg(member)
    assert drawing.startswith("<svg")
    assert "script" not in drawing
    assert "style" not in drawing
    modules = np.array(list(segno.make(member_code(member), error="m", micro=False).matrix_iter(scale=4, border=4)))
    frame = np.where(modules > 0, 0, 255).astype(np.uint8)
    assert [code.member for code in read_frame(cv2.GaussianBlur(frame, (3, 3), 0))] == [member]  # type: ignore[arg-type] # cv2's wider dtype
