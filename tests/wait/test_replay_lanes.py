"""`aisle replay lanes`: the protocol of docs/replay.md."""

import io
import json
import subprocess
import sys
from pathlib import Path

from edge.replay.lanes import replay_lanes

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = [
    (
        '{"t":0,"type":"hello","pos":true,"lanes":[{"id":"1","kind":"staffed","servers":1,"open":true},'
        '{"id":"3","kind":"staffed","servers":1,"open":true},{"id":"5","kind":"staffed","servers":1,"open":false},'
        '{"id":"sco","kind":"sco","servers":4,"open":true}],"mean_service":{"staffed":86.0,"sco":175.0}}'
    ),
    '{"t":0,"type":"lane","lane":"3","value":"open"}',
    '{"t":12.0,"type":"count","lane":"3","value":4}',
    '{"t":12.0,"type":"count","lane":"sco","value":6,"busy":4}',
    '{"t":73.4,"type":"txn","lane":"3","value":"start"}',
    '{"t":74.0,"type":"txn","lane":"sco","value":"start","server":2}',
    '{"t":131.0,"type":"txn","lane":"3","value":"end","items":17}',
    '{"t":140.2,"type":"ask","lane":"3","id":"r12.3"}',
    '{"t":140.2,"type":"recommend","id":"r12","lanes":["1","3","sco"]}',
    '{"t":150.0,"type":"advise","id":"a5","open":["1"],"closed":["5"]}',
]


def replayed(lines: list[str]) -> tuple[list[dict[str, object]], str, int]:
    out, complaints = io.StringIO(), io.StringIO()
    bad = replay_lanes(lines, out, complaints)
    return [json.loads(line) for line in out.getvalue().splitlines()], complaints.getvalue(), bad


def test_each_question_gets_exactly_one_line_with_its_id() -> None:
    answers, _, bad = replayed(EXAMPLE)
    assert [answer["id"] for answer in answers] == ["r12.3", "r12", "a5"]
    assert set(answers[0]) == {"id", "mean", "p90"}
    assert set(answers[1]) == {"id", "best"}
    assert set(answers[2]) == {"id", "open", "close"}
    assert bad == 0


def test_a_line_of_an_unknown_type_is_passed_over_in_silence() -> None:
    answers, complaints, bad = replayed([*EXAMPLE, '{"t":151,"type":"weather","value":"rain"}'])
    assert len(answers) == 3
    assert complaints == ""
    assert bad == 0


def test_bad_lines_are_told_with_their_number_and_counted_and_the_next_question_is_answered() -> None:
    bad_lines = [
        "nonsense",
        "[1,2]",
        '{"type":"ask","lane":"1"}',
        '{"t":1e999,"type":"ask","lane":"1"}',
        '{"t":2,"type":"count","lane":"1","value":-4}',
        '{"t":2,"type":"count","lane":"1","value":"many"}',
        '{"t":2,"type":"txn","lane":"1","value":"maybe"}',
        '{"t":2,"type":"hello","lanes":[7]}',
        "[" * 5000,
    ]
    answers, complaints, bad = replayed([*bad_lines, *EXAMPLE])
    assert bad == len(bad_lines)
    assert complaints.startswith("line 1: ")
    assert "line 9: " in complaints
    assert [answer for answer in answers if "error" not in answer][-3:] == replayed(EXAMPLE)[0]


def test_a_question_that_is_not_understood_is_answered_with_its_id_and_what_was_expected() -> None:
    questions = [
        '{"type":"ask","lane":"1","id":"no-time"}',
        '{"t":"soon","type":"ask","lane":"1","id":"a-word"}',
        '{"t":1,"type":"ask","id":"no-lane"}',
        '{"t":1,"type":"recommend","lanes":["1",3,null],"id":"strange-lanes"}',
        '{"t":1,"type":"advise","open":7,"id":"no-list"}',
    ]
    answers, _, bad = replayed([*EXAMPLE, *questions])
    assert bad == len(questions)
    refused = answers[3:]
    assert [answer["id"] for answer in refused] == ["no-time", "a-word", "no-lane", "strange-lanes", "no-list"]
    assert all(answer["error"] for answer in refused)
    assert refused[0]["mean"] is None
    assert refused[3]["best"] is None
    assert refused[4]["open"] == []


def test_bytes_that_are_no_text_end_nothing() -> None:
    out, complaints = io.StringIO(), io.StringIO()
    bad = replay_lanes([b'{"t":1,"type":"\xff"}\n', *(line.encode() for line in EXAMPLE)], out, complaints)
    assert bad == 1
    assert len(out.getvalue().splitlines()) == 3


def test_a_second_hello_begins_anew_with_its_own_time() -> None:
    again = [*EXAMPLE[:1], *(f'{{"t":{t},"type":"count","lane":"1","value":6}}' for t in range(1, 200))]
    ask = '{"t":200,"type":"ask","lane":"1","id":"q"}'
    fresh = replayed([*again, ask])[0]
    late = '{"t":100000,"type":"count","lane":"1","value":0}'
    assert replayed([*EXAMPLE, late, *again, ask])[0][-1] == fresh[0]
    assert float(str(fresh[0]["mean"])) > 60.0


def test_a_lane_that_was_never_heard_of_is_not_recommended() -> None:
    counts = ['{"t":5,"type":"count","lane":"1","value":2}', '{"t":5,"type":"count","lane":"3","value":3}']
    ask = '{"t":5,"type":"recommend","lanes":["78","1","3"],"id":"q"}'
    assert replayed([EXAMPLE[0], *counts, ask])[0] == [{"id": "q", "best": "1"}]


def test_the_command_answers_a_question_before_the_next_line_comes() -> None:
    command = [sys.executable, "-c", "import aisle; aisle.main()", "replay", "lanes"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n".join(EXAMPLE[:8]) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == "r12.3"
        process.stdin.close()
        assert process.wait(timeout=20) == 0
