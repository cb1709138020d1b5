"""Bring the pinned ``uv`` (MIT or Apache-2.0) into .tools/, from its wheel, checked by hash.

Needs Python's standard library alone: a bare Debian has neither pip nor ensurepip, and we ask for no root.
"""

import hashlib
import io
import platform
import stat
import sys
import urllib.request
import zipfile
from pathlib import Path

VERSION = "0.13.9"
WHEELS = {
    "x86_64": (
        "https://files.pythonhosted.org/packages/3d/aa/26d64642d808de4a652579ef950d7cd2d37f080a8babf9c67c6b75fc4c3f/uv-0.13.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    ),
    "aarch64": (
        "https://files.pythonhosted.org/packages/57/15/94b6cd62ac3ff6550288328e8035288875197cbc183f51554b266a69877b/uv-0.13.9-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
        "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    ),
}


def main() -> int:
    machine = platform.machine()
    if machine not in WHEELS:
        print(f"setup: this machine is {machine}; Aisle runs on {' and '.join(WHEELS)}.", file=sys.stderr)
        return 1
    target = Path(__file__).resolve().parent.parent / ".tools" / f"uv-{VERSION}"
    if not target.exists():
        address, sha256 = WHEELS[machine]
        print(f"setup: fetching uv {VERSION} …", file=sys.stderr)
        with urllib.request.urlopen(address, timeout=120) as answer:
            wheel = answer.read()
        if hashlib.sha256(wheel).hexdigest() != sha256:
            print("setup: the file that came is not the one that was pinned; nothing was installed.", file=sys.stderr)
            return 1
        with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
            program = archive.read(f"uv-{VERSION}.data/scripts/uv")
        target.parent.mkdir(exist_ok=True)
        partial = target.with_suffix(".partial")
        partial.write_bytes(program)
        partial.chmod(partial.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        partial.rename(target)
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
