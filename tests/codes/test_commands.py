"""``aisle epc``."""

import json

import typer
from typer.testing import CliRunner

from models.codes.commands import mount

app, replay = typer.Typer(), typer.Typer()
mount(app, replay)


def run(*arguments: str, stdin: str = "") -> tuple[int, list[dict[str, object]]]:
    result = CliRunner().invoke(app, ["epc", *arguments], input=stdin)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_good_tags_and_bad_ones_each_get_a_line_and_a_bad_one_the_exit_status() -> None:
    status, lines = run("decode", "3034257BF7194E4000001A85", "zz", "E2801170000002AA")
    assert status == 1
    assert lines[0]["gtin"] == "80614141123458"
    assert lines[0]["serial"] == "6789"
    assert lines[1]["hex"] == "zz"
    assert "not an EPC" in str(lines[1]["error"])
    assert (lines[2]["scheme"], lines[2]["gtin"]) == ("unknown", None)


def test_uris_encode_and_the_filter_can_be_given() -> None:
    status, lines = run("encode", "urn:epc:id:sgtin:0614141.812345.6789", "--filter", "3")
    assert (status, lines[0]["hex"]) == (0, "3074257BF7194E4000001A85")


def test_a_dash_reads_lines() -> None:
    status, lines = run("decode", "-", stdin="3034257BF7194E4000001A85\n\n3114257BF4499602D2000000\n")
    assert (status, [line["scheme"] for line in lines]) == (0, ["sgtin-96", "sscc-96"])
