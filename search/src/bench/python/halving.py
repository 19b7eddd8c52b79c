"""Successive halving against training everything to the end, at the same time and slots.

Runs `./blockfront search` for each seed, once with `--strategy auto --halving` and once with `--strategy random --no-halving`, and prints the
share of the hypervolume box (error 0 to 1, 10^3 to 10^12 multiply-adds, logarithmic) that each dominates as time goes by.

    python search/src/bench/python/halving.py --example fashion --minutes 60 --slots 2 --seeds 1,2,3 --out runs/halving

With `--together` both searches of a seed run at the same time, so that whatever else the machine does disturbs both alike.
"""

import argparse
import csv
import json
import math
import subprocess
from datetime import datetime
from pathlib import Path

WAYS = {
    "auto, halving": ["--strategy", "auto", "--halving"],
    "random, full": ["--strategy", "random", "--no-halving"],
}
MARKS = 10


def dominated(points):
    area, ceiling, last = 0.0, 1.0, None
    for place, error in sorted(points):
        if error < ceiling:
            area += (1 - place) * (ceiling - error)
            ceiling = error
    return area


def when(text):
    """To the second; the rest is written with more digits than Python reads."""
    return datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")


def progress(folder, minutes):
    """The share dominated at each mark, and how many networks were measured."""
    with open(folder / "trials.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    begun = min(when(row["created"]) for row in rows)
    measured = []
    for row in rows:
        if row["validationAccuracy"]:
            place = min(1, max(0, (math.log10(float(row["multiplyAdds"])) - 3) / 9))
            after = (when(row["measured"]) - begun).total_seconds() / 60
            measured.append((after, (place, 1 - float(row["validationAccuracy"]))))
    shares = []
    for mark in range(1, MARKS + 1):
        until = minutes * mark / MARKS if mark < MARKS else math.inf
        shares.append(dominated([point for after, point in measured if after <= until]))
    return {"measured": len(measured), "shares": shares}


def finished(search):
    if search.wait():
        raise subprocess.CalledProcessError(search.returncode, search.args)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--example", default="fashion")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--slots", type=int, default=2)
    parser.add_argument("--seeds", type=lambda text: [int(seed) for seed in text.split(",")], default=[1, 2, 3])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--blockfront", default="./blockfront")
    parser.add_argument("--together", action="store_true")
    args = parser.parse_args()
    results = {}
    for seed in args.seeds:
        running = {}
        for way, options in WAYS.items():
            folder = args.out / f"{way.replace(', ', '-')}-{seed}"
            command = [args.blockfront, "search", "--example", args.example, "--trials", "100000", "--minutes", str(args.minutes)]
            command += ["--slots", str(args.slots), "--seed", str(seed), "--out", str(folder), "--json", *options]
            running[way] = (folder, subprocess.Popen(command, stdout=subprocess.DEVNULL))
            if not args.together:
                finished(running[way][1])
        for way, (folder, search) in running.items():
            finished(search)
            results.setdefault(way, []).append({"seed": seed, **progress(folder, args.minutes)})
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
