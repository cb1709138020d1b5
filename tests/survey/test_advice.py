"""What a survey advises, from how antennas hear what stands where."""

from edge.core.survey.advice import Names, advise, power_hints
from edge.core.survey.airwaves import Airwaves
from edge.core.survey.radio import Heard

ANTENNAS = {"r:1": "A1", "r:2": "A2", "r:3": "A3"}
NOBODY = Names({}, {})


def installation(rates: dict[tuple[str, str], float], rssi: dict[tuple[str, str], float] | None = None) -> Airwaves:
    """Ten items on each shelf for 100 cycles; ``rates`` of (shelf, antenna)."""
    loud = rssi or {}
    heard = [
        Heard(f"{shelf}-{number}", shelf, antenna, round(100 * rates.get((shelf, antenna), 0.0)), 100.0,
              loud.get((shelf, antenna), -55.0 if ANTENNAS[antenna] == shelf else -68.0))
        for shelf in ANTENNAS.values()
        for number in range(10)
        for antenna in ANTENNAS
    ]  # fmt: skip
    reads = {antenna: sum(one.cycles for one in heard if one.antenna == antenna) for antenna in ANTENNAS}
    return Airwaves(ANTENNAS, heard, reads)


WELL = {("A1", "r:1"): 0.8, ("A2", "r:2"): 0.8, ("A3", "r:3"): 0.8, ("A1", "r:2"): 0.1, ("A2", "r:1"): 0.08}


def kinds(air: Airwaves, never_read: dict[str, str] | None = None, names: Names = NOBODY) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in advise(air, never_read or {}, names):
        found.setdefault(one.kind, []).append(one.about)
    return found


def test_an_installation_that_hears_well_needs_nothing() -> None:
    air = installation(WELL)
    assert kinds(air) == {}
    assert air.neighbours(0.01) == {"A1": ["A2"], "A2": ["A1"]}


def test_exchanged_cables_are_told_as_that_and_not_as_twenty_items_in_the_wrong_place() -> None:
    rates = WELL | {("A1", "r:1"): 0.1, ("A1", "r:2"): 0.8, ("A2", "r:2"): 0.08, ("A2", "r:1"): 0.8}
    found = kinds(installation(rates))
    assert found["swapped"] == ["A1, A2"]
    assert "nearer_elsewhere" not in found
    assert "loud" not in found


def test_an_antenna_that_hears_nothing_is_a_cable() -> None:
    rates = {pair: rate for pair, rate in WELL.items() if pair[1] != "r:3"}
    assert kinds(installation(rates), {f"A3-{number}": "A3" for number in range(10)})["deaf"] == ["A3"]


def test_of_a_shelf_on_which_nothing_stood_nothing_is_said() -> None:
    heard = [Heard("one", "A1", antenna, 80 if antenna == "r:1" else 0, 100.0, -55.0) for antenna in ANTENNAS]
    assert kinds(Airwaves(ANTENNAS, heard, {"r:1": 80})) == {"untested": ["A2", "A3"]}


def test_a_quiet_antenna_is_given_more_power_and_a_loud_one_less() -> None:
    quiet = WELL | {("A3", "r:3"): 0.3}
    assert power_hints(installation(quiet), {"r:3": 24.0}) == {"r:3": "more power (power_dbm 24 → 26)"}
    loud = WELL | {("A1", "r:2"): 0.7}
    rssi = {("A1", "r:2"): -56.0}
    (hint,) = power_hints(installation(loud, rssi), {}).items()
    assert hint[0] == "r:2"
    assert hint[1].startswith("less power")
    assert kinds(installation(loud, rssi)) == {"loud": ["A2"]}


def test_an_antenna_that_is_quiet_and_hears_others_as_well_is_moved_and_its_items_are_left_in_peace() -> None:
    far = WELL | {("A2", "r:2"): 0.15, ("A1", "r:2"): 0.7}
    (only,) = advise(installation(far, {("A1", "r:2"): -56.0}), {"A2-1": "A3"}, NOBODY)[:1]
    assert (only.kind, only.about) == ("far", "A2")
    assert "move it nearer" in only.text
    assert "weak" not in kinds(installation(far, {("A1", "r:2"): -56.0}))


def test_a_tag_that_was_never_read_is_named_by_what_stands_on_it() -> None:
    (only,) = advise(installation(WELL), {"A1-3": "A1"}, Names({}, {"A1-3": "the blue one"}))
    assert only.kind == "never_read"
    assert "the blue one" in only.text
    assert "Turn the tag" in only.text
