"""Every command answers `--help`, at once: on a Pi nobody waits for numpy to read what a command does."""

import functools
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("numpy", "cv2", "onnxruntime", "fastapi", "starlette", "pydantic", "cryptography", "zxingcpp", "asyncio")

WALK = """
import importlib, io, json, sys
from contextlib import redirect_stdout, redirect_stderr
import typer.main
import aisle

for owner in aisle.OWNERS:
    importlib.import_module(owner).mount(aisle.app, aisle.replay)
mounted = sorted(set(sys.modules) & set(sys.argv[1:]))
answers = {}

def walk(command, path):
    with redirect_stdout(io.StringIO()) as said, redirect_stderr(said):
        try:
            status = command.main(["--help"], prog_name=" ".join(path), standalone_mode=False)
        except SystemExit as end:
            status = end.code
    answers[" ".join(path)] = [status or 0, said.getvalue()]
    for name, below in getattr(command, "commands", {}).items():
        walk(below, [*path, name])

walk(typer.main.get_command(aisle.app), ["aisle"])
print(json.dumps({"answers": answers, "mounted": mounted, "after": sorted(set(sys.modules) & set(sys.argv[1:]))}))
"""

FRONT_DOOR = """
import json, sys
import aisle
sys.argv = ["aisle", "--help"]
try:
    aisle.main()
except SystemExit as end:
    print(json.dumps([end.code, sorted(set(sys.modules) & set(%r))]))
"""


@functools.cache
def walked() -> dict[str, object]:
    done = subprocess.run([sys.executable, "-c", WALK, *HEAVY], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def answers() -> dict[str, tuple[int, str]]:
    found = walked()["answers"]
    assert isinstance(found, dict)
    return found


def test_every_command_answers_help() -> None:
    assert {"aisle", "aisle demo", "aisle edge", "aisle gateway enrol", "aisle replay shelf"} <= answers().keys()
    assert {path: said for path, (status, said) in answers().items() if status != 0 or "Usage" not in said} == {}


def test_every_command_says_in_a_sentence_what_it_does() -> None:
    def sentence(said: str) -> str:
        return next((line.strip() for line in said.splitlines()[1:] if line.strip() and "Usage:" not in line), "")

    silent = [path for path, (_status, said) in answers().items() if " " not in sentence(said)]
    assert silent == []


def test_no_command_needs_a_heavy_library_for_its_help() -> None:
    assert walked()["mounted"] == []
    assert walked()["after"] == []


def test_the_front_door_opens_without_a_heavy_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FRONT_DOOR % (HEAVY,)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [0, []], done.stderr


def test_the_command_is_installed() -> None:
    command = Path(sys.executable).parent / "aisle"
    done = subprocess.run([command, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "demo" in done.stdout
