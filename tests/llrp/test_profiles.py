"""Each make of reader gets what its vendor publishes, and one that refuses it is read in plain LLRP, and says so."""

import asyncio
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from edge.adapters.llrp_profile import GENERIC as PLAIN
from edge.adapters.llrp_profile import names, profile_for, shipped
from edge.adapters.llrp_settings import LlrpReaderSettings
from firmware_stubs.llrp.answers import GENERIC, IMPINJ_R420, ZEBRA_FX9600, Make
from firmware_stubs.llrp.reader import PretendReader
from models.llrp.codec import decode_parameters
from models.llrp.reports import Custom
from tests.llrp.listening import Heard, eventually
from tests.llrp.test_llrp_reader import Bench

R700 = replace(IMPINJ_R420, model=2_001_052)


def read_by(heard: Heard, make: Make, **more: object) -> tuple[Bench, list[tuple[int, int, bytes]]]:
    """Read a tag with a reader of this make; what was said of it, and the parameters of its own that it took."""

    async def run() -> Bench:
        async with PretendReader(make=make) as pretend:
            b = Bench(pretend, heard, **more)
            async with b.reader:
                await b.read()
                b.profile = b.reader.made.profile.name if b.reader.made else ""
            return b

    b = asyncio.run(run())
    return b, [(one.vendor, one.subtype, one.body) for one in b.pretend.customs]


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (IMPINJ_R420, "Impinj Speedway"),
        (R700, "Impinj R700"),
        (ZEBRA_FX9600, "Zebra FX9600"),
        (replace(ZEBRA_FX9600, model=75_004), "Zebra FX7500"),
        (replace(IMPINJ_R420, model=9, extensions=0), "any LLRP reader"),
        (GENERIC, "any LLRP reader"),
    ],
)
def test_the_profile_is_found_by_what_the_reader_says_of_itself(heard: Heard, make: Make, name: str) -> None:
    b, _ = read_by(heard, make)
    assert b.profile == name
    assert b.codes() == {}


@pytest.mark.parametrize(("behaviour", "search_mode"), [("shelf", 6), ("exit", 2), ("counting", 6)])
def test_an_impinj_reader_gets_its_link_monitor_and_the_search_mode_of_each_antenna(
    heard: Heard, behaviour: str, search_mode: int
) -> None:
    _, customs = read_by(heard, IMPINJ_R420, behaviour=behaviour)
    mode = (25_882, 23, struct.pack(">H", search_mode))
    assert customs == [(25_882, 38, b"\0\1\0\3"), mode, mode]


def test_a_zebra_shelf_reader_flips_between_the_states_of_its_tags(heard: Heard) -> None:
    _, customs = read_by(heard, ZEBRA_FX9600)
    (vendor, subtype, body), _ = customs
    assert (vendor, subtype) == (161, 703)
    assert decode_parameters(body) == (Custom(161, 710, b"\x40\0"),)


@pytest.mark.parametrize("make", [IMPINJ_R420, ZEBRA_FX9600], ids=["impinj", "zebra"])
def test_a_reader_that_refuses_its_vendors_extensions_is_read_in_plain_llrp_and_says_so(
    heard: Heard, make: Make
) -> None:
    b, customs = read_by(heard, replace(make, extensions=0))
    assert customs == []
    assert b.codes() == {"reader.r.profile": "plain"}
    (problem,) = b.health.problems()
    assert "refuses what" in problem.message
    assert 'profile = "generic"' in problem.hint


def test_a_reader_may_be_told_to_be_any_other_and_single_values_come_before_its_profile(heard: Heard) -> None:
    b, customs = read_by(heard, IMPINJ_R420, profile="generic")
    assert (b.profile, customs) == ("any LLRP reader", [])
    _, customs = read_by(Heard(), IMPINJ_R420, profile="impinj-speedway", session=1, mode=2)
    assert len(customs) == 3


def test_a_profile_of_ones_own_is_a_file(heard: Heard, tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text('name = "Ours"\nextensions = "impinj"\n[shelf]\nsearch_mode = 1\n', encoding="utf-8")
    b, customs = read_by(heard, IMPINJ_R420, profile=str(path))
    assert b.profile == "Ours"
    assert customs == [(25_882, 23, b"\0\1")] * 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "cannot be read"),
        ('name = "x"\nsearchmode = 1', "searchmode"),
        ("", "name"),
        (None, "cannot be read"),
    ],
)
def test_a_profile_that_is_none_is_refused_when_the_node_starts(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "ours.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    given = {"name": "r", "host": "h", "antennas": {1: "A1"}, "profile": str(path)}
    with pytest.raises(ValidationError, match=said):
        LlrpReaderSettings.model_validate(given)
    with pytest.raises(ValidationError, match="zebra-fx9600"):
        LlrpReaderSettings.model_validate(given | {"profile": "fx9600"})


def test_every_profile_that_is_shipped_is_good_and_says_a_session_for_each_behaviour() -> None:
    assert names() == ["generic", "impinj-r700", "impinj-speedway", "zebra-fx7500", "zebra-fx9600"]
    for name in names():
        for behaviour in ("shelf", "exit", "counting"):
            how = shipped(name).inventory(behaviour)
            assert how.session is not None
            assert how.population is not None
            # Without its extensions, a tag that is quiet while it is powered would be read once and then no more.
            assert how.session < 2 or how.search_mode == 6 or how.ab_flip
    assert profile_for(0, 0) is shipped(PLAIN)


def test_what_the_reader_cannot_do_is_said_with_what_to_do_and_the_rest_is_read(heard: Heard) -> None:
    b, _ = read_by(heard, GENERIC, power_dbm=33.0, mode=7, inputs=(1, 9), antenna_power_dbm={2: 5.0})
    (problem,) = b.health.problems()
    assert (problem.subject, problem.code) == ("reader.r.settings", "unsupported")
    for said in (
        "10 to 30 dBm, so with 30: set power_dbm",
        "so with 10: set antenna_power_dbm of 2",
        "no radio mode 7",
        "4 inputs: take 9 out",
    ):
        assert said in problem.message


def test_a_reader_that_has_none_of_the_antennas_is_not_told_to_use_all_of_them(heard: Heard) -> None:
    async def run() -> None:
        async with PretendReader(antennas=2) as pretend:
            b = Bench(pretend, heard, antennas={5: "A5"})
            async with b.reader:
                await eventually(lambda: b.codes().get("reader.r") == "antennas")
                assert not pretend.is_active

    asyncio.run(run())
    assert heard.events == []
