"""What the documents name exists: scripts, commands, files; and nothing names the place where it was written."""

import importlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer.main

import aisle

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md"),
     *(path for path in (ROOT / "firmware_stubs").rglob("*.md") if "node_modules" not in path.parts)]
)  # fmt: skip

CODE = re.compile(r"```.*?```|`[^`\n]+`|(?m:^(?: {4}|\t)[^\n]*$)", re.DOTALL)
COMMAND = re.compile(r"(?:^|[\s`;&|])(?:\.venv/bin/)?aisle((?: [a-z][a-z-]*)+)", re.MULTILINE)
SCRIPT = re.compile(r"(?<![\w/.-])scripts/([\w.-]*\w)")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")

# Taken apart, so that this file does not name what it looks for.
WORKPLACES = re.compile(
    "|".join(
        [
            r"(?<!\w)/" + "work" + r"\b/?",
            "/" + "root" + r"\b",
            "/" + r"home/(?!aisle|pi)[a-z]+/",
            "/" + r"Users/[A-Za-z]+",
        ]
    )
)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def code_of(path: Path) -> str:
    return "\n".join(CODE.findall(path.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def front_door() -> click.Group:
    """The front door as it is when everything is mounted; a copy, since modules are mounted once in a process."""
    app = typer.Typer()
    replay = typer.Typer()
    app.add_typer(replay, name="replay")
    for command in aisle.app.registered_commands:
        if command.callback in {aisle.init, aisle.docs}:
            app.registered_commands.append(command)
    for owner in aisle.OWNERS:
        importlib.import_module(owner).mount(app, replay)
    group = typer.main.get_command(app)
    assert hasattr(group, "commands")
    return group  # type: ignore[return-value]


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_command_that_is_named_exists(path: Path, front_door: click.Group) -> None:
    unknown = []
    for words in COMMAND.findall(code_of(path)):
        command: object = front_door
        for word in words.split():
            commands = getattr(command, "commands", None)
            if not commands:
                break
            if word not in commands:
                unknown.append(f"aisle{words}")
                break
            command = commands[word]
    assert unknown == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_script_that_is_named_exists(path: Path) -> None:
    assert [name for name in SCRIPT.findall(path.read_text("utf-8")) if not (ROOT / "scripts" / name).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_link_to_a_file_leads_somewhere(path: Path) -> None:
    links = [link for link in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (path.parent / link).exists()] == []


def tracked() -> Iterator[tuple[str, str]]:
    """Every text that belongs to the repository, by its name."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.fail("this is no git checkout: which files belong to the repository cannot be told")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file():
            data = path.read_bytes()
            if b"\0" not in data:
                yield name, data.decode("utf-8")


def test_nothing_names_the_place_where_it_was_written() -> None:
    found = {name: hits for name, text in tracked() if (hits := sorted(set(WORKPLACES.findall(text))))}
    assert found == {}
