"""Inputs of readers: what bounces is told once, what chatters is not told for ever."""

from edge.core.inputs import MOST_A_MINUTE, Inputs

START = 1_763_769_600_000


def test_an_input_that_bounces_is_told_once_when_it_has_settled_with_the_time_at_which_it_changed() -> None:
    inputs = Inputs()
    for step, high in enumerate((True, False, True, False, True)):
        inputs.changed("gate", 1, START + step * 10, high=high, debounce_ms=100)
        assert inputs.tick(START + step * 10) == []
    (fact,) = inputs.tick(START + 250)
    assert (fact.device, fact.port, fact.high, fact.t_ms) == ("gate", 1, True, START + 40)
    assert inputs.tick(START + 500) == []


def test_a_pulse_shorter_than_the_debounce_is_not_told() -> None:
    inputs = Inputs()
    inputs.changed("gate", 1, START, high=False, debounce_ms=100)
    inputs.tick(START + 200)
    inputs.changed("gate", 1, START + 300, high=True, debounce_ms=100)
    inputs.changed("gate", 1, START + 320, high=False, debounce_ms=100)
    assert inputs.tick(START + 1000) == []


def test_a_contact_that_chatters_is_told_so_often_a_minute_and_counted() -> None:
    inputs = Inputs()
    told = 0
    for step in range(200):
        inputs.changed("gate", 2, START + step * 200, high=step % 2 == 0, debounce_ms=100)
        told += len(inputs.tick(START + step * 200 + 150))
    assert told == MOST_A_MINUTE
    assert inputs.left_out == 200 - MOST_A_MINUTE


def test_two_readers_have_inputs_of_the_same_number() -> None:
    inputs = Inputs()
    inputs.changed("gate", 1, START, high=True, debounce_ms=0)
    inputs.changed("dock", 1, START, high=False, debounce_ms=0)
    assert [(fact.device, fact.high) for fact in inputs.tick(START)] == [("gate", True), ("dock", False)]
