"""The sheet of known items and places: what installers write, and what they write wrong."""

import pytest

from edge.survey.plan import BadPlan, Plan, read_plan
from models.codes.epc import encode_sgtin96

GTIN = "00614141001019"
EPC = encode_sgtin96(GTIN, 4711, company_prefix_digits=7, filter_value=1)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"epc,shelf\n{EPC},A1\n", EPC),
        (f"\ufeffShelf;EPC;Label\r\nA1;{EPC.lower()};The blue one\r\n", EPC),
        (f"gtin,serial,shelf\n{GTIN},4711,A1\n", f"{GTIN}/4711"),
        (f"code\tshelf\n(01){GTIN}(21)4711\tA1\n", f"{GTIN}/4711"),
    ],
)
def test_a_sheet_may_be_written_in_several_ways(text: str, name: str) -> None:
    plan, refused = read_plan(text, ["A1", "A2"])
    assert refused == []
    assert plan.places == {name: "A1"}
    assert plan.name_of(EPC) == name, "a tag that is read is the item of the sheet"


def test_bad_rows_are_refused_with_their_line_and_what_is_wrong_and_the_others_count() -> None:
    text = f"epc,shelf\n{EPC},A1\n{EPC},A2\nnonsense,A1\n{GTIN},A1\n{EPC[:-1]}8,Z9\n\n"
    plan, refused = read_plan(text, ["A1", "A2"])
    assert plan.places == {EPC: "A1"}
    assert [line.partition(":")[0] for line in refused] == ["line 3", "line 4", "line 5", "line 6"]
    for line, word in zip(
        refused, ["stands on A1 already", "neither an EPC", "not one item", "no antenna"], strict=True
    ):
        assert word in line


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "epc,shelf\n", "epc,shelf\nnonsense,A1\n"])
def test_a_sheet_without_one_item_says_what_was_expected(text: str) -> None:
    with pytest.raises(BadPlan):
        read_plan(text, ["A1"])


def test_a_tag_that_nobody_planned_keeps_its_own_name() -> None:
    assert Plan(["A1"]).name_of(EPC) == EPC
    assert Plan(["A1"]).name_of("DEAD") == "DEAD"
