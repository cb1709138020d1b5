"""What `scripts/setup` says where Aisle cannot run: the reason and what to do, in one line."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(path for path in (ROOT / "scripts").iterdir() if path.is_file() and path.suffix != ".py")


@pytest.fixture(scope="module")
def fetch_uv() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fetch_uv", ROOT / "scripts" / "fetch_uv.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_a_pc_and_a_pi_of_64_bits_fit(fetch_uv: ModuleType, machine: str) -> None:
    assert fetch_uv.unfit(machine, 64, "glibc") is None


@pytest.mark.parametrize(("machine", "bits"), [("armv7l", 32), ("armv6l", 32), ("aarch64", 32), ("i686", 32)])
def test_a_system_of_32_bits_is_told_to_become_one_of_64(fetch_uv: ModuleType, machine: str, bits: int) -> None:
    reason = fetch_uv.unfit(machine, bits, "glibc")
    assert "32 bits" in reason
    assert "64-bit" in reason
    assert "\n" not in reason


@pytest.mark.parametrize(("machine", "libc"), [("riscv64", "glibc"), ("x86_64", "musl"), ("x86_64", "")])
def test_another_machine_is_told_which_ones_fit(fetch_uv: ModuleType, machine: str, libc: str) -> None:
    assert fetch_uv.unfit(machine, 64, libc)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_uv_is_pinned_by_hash_to_the_version_that_it_says(fetch_uv: ModuleType, machine: str) -> None:
    address, sha256 = fetch_uv.WHEELS[machine]
    assert f"uv-{fetch_uv.VERSION}-" in address
    assert machine in address
    assert len(bytes.fromhex(sha256)) == 32


def run_setup(python: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["scripts/setup"], cwd=ROOT, env=os.environ | {"PYTHON": python}, capture_output=True, text=True, check=False
    )


def test_an_old_python_is_refused_with_what_to_install(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.9.2" && exit\nexit 1\n')
    old.chmod(0o755)
    done = run_setup(str(old))
    assert done.returncode == 1
    assert "3.11" in done.stderr
    assert "Python 3.9.2" in done.stderr
    assert "apt-get install -y python3" in done.stderr


def test_no_python_at_all_is_said_in_one_line(tmp_path: Path) -> None:
    done = run_setup(str(tmp_path / "python3"))
    assert done.returncode == 1
    assert "apt-get install -y python3" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_can_be_run_and_is_sound(path: Path) -> None:
    assert os.access(path, os.X_OK)
    done = subprocess.run(["bash", "-n", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_whatever_is_missing_one_line_installs_it_all(tmp_path: Path) -> None:
    """On a machine without root and without any of them, `scripts/test` says what the README and the tests say."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "dirname", "env"):
        (programs / name).symlink_to(shutil.which(name) or name)
    (programs / "id").write_text("#!/bin/sh\necho 1000\n")
    (programs / "id").chmod(0o755)
    text = (ROOT / "scripts" / "test").read_text(encoding="utf-8")
    begin, end = text.index("# What only Debian has."), text.index("# The MicroPython VM")
    # Mosquitto lies where an ordinary user's PATH does not lead.
    part = f"set -euo pipefail\n{text[begin:end]}".replace("/usr/sbin/mosquitto", str(tmp_path / "mosquitto"))
    done = subprocess.run(
        ["bash", "-c", part], env={"PATH": str(programs)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    line = done.stderr.strip().rsplit(": ", 1)[-1]
    assert line.startswith("sudo apt-get install -y")
    for path in ("README.md", "tests/conftest.py", "tests/mqtt/conftest.py"):
        assert line in (ROOT / path).read_text(encoding="utf-8"), f"{path} says another line than {line}"
