"""What a reader is told, for each behaviour; powers; the correction of its clock."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.adapters.llrp_clock import ReaderClock
from edge.adapters.llrp_plan import (
    BEHAVIOURS,
    abilities,
    add_rospec,
    missing_antennas,
    power_index,
    reader_config,
)
from edge.adapters.llrp_profile import GENERIC, profile_for, shipped
from edge.adapters.llrp_settings import Behaviour, LlrpReaderSettings
from firmware_stubs.llrp.answers import capabilities
from models.llrp.codec import Framer, decode_message, encode_message, frame_bytes
from models.llrp.layout import every, first
from models.llrp.messages import AddRoSpec, GetReaderCapabilitiesResponse
from models.llrp.rospec import (
    AiSpec,
    AntennaConfiguration,
    C1G2InventoryCommand,
    C1G2SingulationControl,
    InventoryParameterSpec,
    KeepaliveSpec,
    RfTransmitter,
    RoReportSpec,
    RoSpec,
)

PLAIN = shipped(GENERIC)
IMPINJ = Path(__file__).resolve().parents[2].parent / "shared" / "llrp" / "GetReaderCapabilitiesResponse-000.bytes"


def settings(behaviour: Behaviour = "shelf", power_dbm: float | None = 25.0) -> LlrpReaderSettings:
    return LlrpReaderSettings(
        name="r",
        host="h",
        antennas={2: "A2", 1: "A1", 9: "A9"},
        behaviour=behaviour,
        power_dbm=power_dbm,
        door="main" if behaviour == "exit" else None,
    )


def rospec(message: AddRoSpec) -> RoSpec:
    found = first(decode_message(next(Framer().feed(encode_message(message)))), RoSpec)  # type: ignore[arg-type] # has children
    assert found is not None
    return found


@pytest.mark.parametrize("behaviour", list(BEHAVIOURS))
def test_each_antenna_is_configured_with_power_and_session(behaviour: Behaviour) -> None:
    can = abilities(capabilities(4))
    spec = rospec(add_rospec(settings(behaviour), can, PLAIN))
    (inventory,) = every(spec, AiSpec)
    assert inventory.antennas == (1, 2), "the ninth does not exist"
    (how,) = every(inventory, InventoryParameterSpec)
    for antenna in every(how, AntennaConfiguration):
        assert first(antenna, RfTransmitter) == RfTransmitter(0, 1, 61)
        command = first(antenna, C1G2InventoryCommand)
        assert command is not None
        control = first(command, C1G2SingulationControl)
        assert control is not None
        assert control.session >> 6 == shipped(GENERIC).inventory(behaviour).session
    reports = first(spec, RoReportSpec)
    assert reports is not None
    assert (reports.trigger, reports.count) == ((1, 1) if behaviour == "exit" else (2, 0))
    assert missing_antennas(settings(), can) == [9]


def test_the_reader_keeps_its_power_where_none_is_set() -> None:
    spec = rospec(add_rospec(settings(power_dbm=None), abilities(capabilities(4)), PLAIN))
    how = first(every(spec, AiSpec)[0], InventoryParameterSpec)
    assert how is not None
    assert all(first(antenna, RfTransmitter) is None for antenna in every(how, AntennaConfiguration))


@pytest.mark.skipif(not IMPINJ.exists(), reason="no ../shared/llrp: the real reader's messages are not here")
def test_a_real_reader_that_hops_gets_its_hop_table() -> None:
    message = decode_message(next(Framer().feed(frame_bytes(11, IMPINJ.read_bytes()))))
    assert isinstance(message, GetReaderCapabilitiesResponse)
    can = abilities(message)
    assert (can.max_antennas, can.manufacturer, can.firmware, can.hop_table) == (4, 25882, "5.14.0.240", 1)
    how = first(every(rospec(add_rospec(settings(power_dbm=30.0), can, PLAIN)), AiSpec)[0], InventoryParameterSpec)
    assert how is not None
    assert first(every(how, AntennaConfiguration)[0], RfTransmitter) == RfTransmitter(1, 1, 81)
    profile = profile_for(can.manufacturer, can.model)
    assert profile.name == "Impinj Speedway"
    assert {profile.shelf.mode, profile.exit.mode, profile.counting.mode} <= set(can.modes)
    assert (can.inputs, can.warns_of_buffer) == (4, True)


def test_an_antenna_may_have_a_power_of_its_own() -> None:
    given = settings().model_copy(update={"antenna_power_dbm": {2: 20.0}})
    how = first(
        every(rospec(add_rospec(given, abilities(capabilities(4)), PLAIN)), AiSpec)[0], InventoryParameterSpec
    )
    assert how is not None
    powers = [first(antenna, RfTransmitter) for antenna in every(how, AntennaConfiguration)]
    assert [radio.power for radio in powers if radio] == [61, 41], "25 and 20 dBm"


def test_a_reader_that_says_nothing_of_itself_is_configured_all_the_same() -> None:
    can = abilities(GetReaderCapabilitiesResponse())
    assert every(rospec(add_rospec(settings(), can, PLAIN)), AiSpec)[0].antennas == (1, 2, 9)
    assert first(reader_config(settings(), can, PLAIN), KeepaliveSpec) == KeepaliveSpec(1, 5000)


@given(st.lists(st.floats(0, 33), min_size=1, max_size=30), st.floats(0, 36))
def test_the_power_is_the_strongest_that_is_allowed(levels: list[float], dbm: float) -> None:
    powers = list(enumerate(levels, start=1))
    index = power_index(powers, dbm)
    chosen = dict(powers)[index or 0]
    assert chosen <= dbm + 0.005 or chosen == min(levels)
    assert all(level <= chosen for level in levels if level <= dbm)
    assert power_index([], dbm) is None


REPORTS = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 900)), min_size=1, max_size=60)


@given(st.integers(-(10**9), 10**9), REPORTS)
def test_whatever_the_delays_a_corrected_time_is_never_late_nor_early_by_more_than_the_quickest(
    ahead_ms: int, reports: list[tuple[int, int]]
) -> None:
    clock, true_ms, quickest = ReaderClock(), 1_760_000_000_000, 10**9
    for pause_ms, delay_ms in reports:
        true_ms += pause_ms
        arrival_ms, quickest = true_ms + delay_ms, min(quickest, delay_ms)
        reader_us = (true_ms + ahead_ms) * 1000
        clock.heard(reader_us, arrival_ms)
        corrected = clock.host_ms(reader_us, arrival_ms)
        assert true_ms <= corrected <= arrival_ms
        assert corrected <= true_ms + max(quickest, 0) + (900 if pause_ms * len(reports) > 50_000 else 0)
