"""Bring the pinned ``uv`` (MIT or Apache-2.0) into .tools/, from its wheel, checked by hash.

Needs Python's standard library alone: a bare Debian has neither pip nor ensurepip, and we ask for no root.
"""

import hashlib
import io
import platform
import stat
import struct
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


def unfit(machine: str, bits: int, libc: str) -> str | None:
    """Why Aisle cannot run here, and what to do; None if it can.

    ``machine`` is the kernel's word, ``bits`` this Python's: a Raspberry Pi OS of 32 bits may run on a 64-bit kernel.
    """
    if bits != 64 or machine.startswith(("armv6", "armv7", "i386", "i686")):
        return (
            f"this system's programs are of {bits} bits ({machine}); Aisle needs a 64-bit system, since its libraries"
            " exist for no other. On a Raspberry Pi 3 or newer: install Raspberry Pi OS (64-bit)."
        )
    if machine not in WHEELS or sys.platform != "linux":
        return f"this machine is {machine} with {sys.platform}; Aisle runs on Linux with {' or '.join(WHEELS)}."
    if libc != "glibc":
        return "this system has no glibc; Aisle's libraries need Debian, Raspberry Pi OS or another system with it."
    return None


def main() -> int:
    machine = platform.machine()
    if reason := unfit(machine, struct.calcsize("P") * 8, platform.libc_ver()[0]):
        print(f"setup: {reason}", file=sys.stderr)
        return 1
    target = Path(__file__).resolve().parent.parent / ".tools" / f"uv-{VERSION}"
    if not target.exists():
        address, sha256 = WHEELS[machine]
        print(f"setup: fetching uv {VERSION} …", file=sys.stderr)
        try:
            with urllib.request.urlopen(address, timeout=120) as answer:
                wheel = answer.read()
        except OSError as error:
            print(f"setup: {address} cannot be fetched ({error}). Is this machine on the network?", file=sys.stderr)
            return 1
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
