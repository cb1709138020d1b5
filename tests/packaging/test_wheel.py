"""What is installed from a wheel is whole: every file is in it, and every module runs without the checkout."""

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("models", "cloud_sync", "edge", "gateway", "firmware_stubs")
LEFT_OUT = {"__pycache__", "node_modules"}

# Without `site`, so that nothing points back to the checkout: the wheel first, then what Aisle depends on.
IMPORT_ALL = """
import importlib, json, sys, traceback
wheel, libraries, modules = sys.argv[1], sys.argv[2], json.loads(sys.stdin.read())
sys.path[:0] = [wheel]
sys.path.append(libraries)
wrong = {}
for name in modules:
    try:
        module = importlib.import_module(name)
        if not module.__file__.startswith(wheel):
            wrong[name] = "came from " + module.__file__
    except BaseException:
        wrong[name] = traceback.format_exc(limit=-3)
print(json.dumps(wrong))
"""


def files_below(folder: Path) -> set[str]:
    """What belongs to the packages, as paths below ``folder``."""
    return {
        path.relative_to(folder).as_posix()
        for package in PACKAGES
        for path in (folder / package).rglob("*")
        if path.is_file() and not LEFT_OUT & set(path.parts)
    }


def import_all(unpacked: Path, names: list[str]) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", IMPORT_ALL, str(unpacked), sysconfig.get_path("purelib")],
        input=json.dumps(names), capture_output=True, text=True, check=False, cwd=unpacked,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    wrong: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return wrong


def test_every_page_model_and_example_is_in_the_wheel(unpacked: Path) -> None:
    assert files_below(ROOT) - files_below(unpacked) == set()


def test_the_wheel_holds_the_packages_and_the_front_door_alone(unpacked: Path) -> None:
    top = {path.name for path in unpacked.iterdir() if not path.name.endswith(".dist-info")}
    assert top == {*PACKAGES, "aisle.py"}


def test_every_module_of_the_wheel_imports_without_the_checkout(unpacked: Path) -> None:
    paths = [path for path in files_below(unpacked) if path.endswith(".py") and "micropython" not in path]
    names = sorted(path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in paths)
    assert len(names) > 200
    assert import_all(unpacked, ["aisle", *names]) == {}


def test_a_module_that_is_not_there_is_noticed(unpacked: Path) -> None:
    assert "ModuleNotFoundError" in import_all(unpacked, ["gateway.no_such_thing"])["gateway.no_such_thing"]


@pytest.mark.parametrize(
    "process", ["edge.node", "gateway.app", "cloud_sync.hq.app", "cloud_sync.broker_run", "firmware_stubs.demo.run"]
)
def test_a_process_of_the_wheel_starts_with_an_interpreter_of_its_own(unpacked: Path, process: str) -> None:
    assert import_all(unpacked, [process]) == {}
