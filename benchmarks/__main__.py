"""`scripts/bench [--quick] [NAME…]`: run benchmarks and keep their figures beside the machine's name.

Each benchmark is a module of this package with ``run(quick: bool) -> dict`` and measures beside a baseline in the
same run: quote its ratios, since absolute figures belong to the machine.
"""

import argparse
import importlib
import json
import os
import platform
import sys
import time
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"
BENCHMARKS = {
    "facts": "benchmarks.facts",
    "llrp": "benchmarks.llrp",
    "door": "benchmarks.door",
    "frames": "benchmarks.frames",
    "blindness": "benchmarks.blindness",
    "crowd": "benchmarks.crowd",
    "stock": "benchmarks.stock",
    "wall": "benchmarks.wall",
    "tasks": "benchmarks.tasks",
    "sweeps": "benchmarks.sweeps",
    "latency": "benchmarks.latency",
    "shelf": "benchmarks.shelf",
    "queue": "benchmarks.queue",
    "outlook": "benchmarks.outlook",
}


def machine() -> dict[str, str | int]:
    """What these figures were measured on."""
    model = ""
    for path in (Path("/proc/device-tree/model"), Path("/proc/cpuinfo")):
        if path.exists():
            text = path.read_text(encoding="utf-8", errors="replace")
            names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
            model = names[0] if names else text.splitlines()[0].strip("\0")
            break
    return {
        "model": model,
        "architecture": platform.machine(),
        "cores": os.cpu_count() or 0,
        "python": platform.python_version(),
        "kernel": platform.release().split("-")[0],
    }


def main() -> int:
    """Run what was asked for; exit status 1 when one could not be run."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Run benchmarks, each beside a baseline.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(BENCHMARKS)} (all)")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}")
    RESULTS.mkdir(exist_ok=True)
    failed = []
    for name in options.names or BENCHMARKS:
        print(f"== {name} ==", flush=True)
        began = time.time()
        try:
            figures = importlib.import_module(BENCHMARKS[name]).run(quick=options.quick)
        except Exception as error:  # noqa: BLE001 - the next benchmark is run all the same, and this one named at the end
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
            failed.append(name)
            continue
        result = {
            "benchmark": name,
            "quick": options.quick,
            "date": time.strftime("%Y-%m-%d", time.gmtime(began)),
            "took_s": round(time.time() - began, 1),
            "machine": machine(),
            "figures": figures,
        }
        if not options.quick:
            (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
        print(json.dumps(figures, indent=1, ensure_ascii=False), flush=True)
    if failed:
        print(f"could not be run: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
