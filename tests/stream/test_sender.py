"""When a sender sends, asks, waits and goes back."""

from cloud_sync.stream.sender import Step, StreamSender

EPOCH = "0123456789abcdef"


def connected(acknowledged: int = 0, window: int = 4) -> StreamSender:
    """A sender that has asked at second 0 and was told that the receiver is where it thought."""
    sender = StreamSender(EPOCH, acknowledged, window=window, timeout_s=5, probe_s=30, rewind_s=1)
    sender.connected()
    assert sender.poll(0, 10) is Step.PROBE
    sender.probed(0)
    sender.answered(EPOCH, acknowledged, 0)
    return sender


def send_all(sender: StreamSender, now_s: float, last: int) -> list[int]:
    """Send batches of ten until it says wait; gives the first number of each."""
    firsts = []
    while sender.poll(now_s, last) is Step.SEND:
        firsts.append(sender.cursor)
        sender.sent(min(sender.cursor + 9, last), now_s)
    return firsts


def test_nothing_is_sent_before_the_link_is_up_and_the_receiver_has_answered() -> None:
    sender = StreamSender(EPOCH, 0)
    assert sender.poll(0, 100) is None
    sender.connected()
    assert sender.poll(0, 100) is Step.PROBE
    sender.probed(0)
    assert sender.poll(0.1, 100) is None


def test_a_receiver_that_is_away_is_asked_ever_more_rarely_and_gets_no_facts() -> None:
    sender = StreamSender(EPOCH, 0, timeout_s=5)
    sender.connected()
    asked = []
    for tenth in range(300):
        step = sender.poll(tenth / 10, 1000)
        assert step is not Step.SEND
        if step is Step.PROBE:
            asked.append(tenth / 10)
            sender.probed(tenth / 10)
    assert asked[:5] == [0, 0.5, 1.5, 3.5, 7.5]
    assert asked[-1] - asked[-2] == 5


def test_several_batches_are_in_flight_and_an_answer_makes_room() -> None:
    sender = connected(window=4)
    assert send_all(sender, 0, 100) == [1, 11, 21, 31]
    sender.answered(EPOCH, 20, 1)
    assert send_all(sender, 1, 100) == [41, 51]


def test_without_progress_it_asks_and_goes_on_from_the_answer() -> None:
    sender = connected()
    send_all(sender, 0, 100)
    sender.answered(EPOCH, 10, 1)
    send_all(sender, 1, 100)
    assert sender.poll(5.9, 100) is None
    assert sender.poll(6.1, 100) is Step.PROBE
    sender.probed(6.1)
    sender.answered(EPOCH, 10, 6.2)
    assert send_all(sender, 6.2, 100)[0] == 11


def test_a_refused_gap_sends_again_at_once_but_not_for_every_refusal() -> None:
    sender = connected()
    send_all(sender, 0, 100)
    assert sender.answered(EPOCH, 0, 10)
    assert send_all(sender, 10, 100)[0] == 1
    assert not sender.answered(EPOCH, 0, 10.1)
    assert send_all(sender, 10.1, 100) == []


def test_a_receiver_that_went_back_is_followed_even_when_it_says_so_twice_in_a_second() -> None:
    sender = connected(acknowledged=50)
    assert sender.answered(EPOCH, 40, 10)
    assert sender.cursor == 41
    sender.answered(EPOCH, 20, 10.5)
    assert sender.poll(11.1, 50) is Step.PROBE
    sender.probed(11.1)
    sender.answered(EPOCH, 20, 11.2)
    assert sender.cursor == 21


def test_an_idle_stream_asks_every_half_minute_and_sleeps_in_between() -> None:
    sender = connected(acknowledged=10)
    assert sender.poll(29, 10) is None
    assert sender.next_wakeup(1) == 29
    assert sender.poll(30, 10) is Step.PROBE


def test_answers_for_another_epoch_are_nothing_to_it() -> None:
    sender = connected(acknowledged=10)
    assert not sender.answered("f" * 16, 99, 1)
    assert sender.acknowledged == 10
