"""How strategies do on made-up tables of many kinds, none of which anything was tuned on.

Writes each table as a CSV file, runs `./blockfront bench search` over it and prints the medians, and what of them is worse than chance: a
rank sum test of each strategy against `random` at each checkpoint, one in twenty.

    pip install numpy
    python made_up_tables.py --out runs/tables --strategies random,nsga2-async,auto --seeds 30 --budget 200 --tables 1
"""

import argparse
import csv
import itertools
import json
import math
import pathlib
import subprocess

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[4]


class Effects:
    """Random numbers that the choices of some genes always have in common."""

    def __init__(self, random):
        self.random = random
        self.drawn = {}

    def __call__(self, *key):
        if key not in self.drawn:
            self.drawn[key] = self.random.normal()
        return self.drawn[key]


def mixed(effect):
    """Six genes of 2 to 6 choices, ordered and not."""

    def row(x):
        error = -math.sqrt(x[0]) - 0.7 * math.sqrt(x[1]) + 0.6 * effect("a", x[2]) + 0.6 * effect("b", x[3])
        error += 0.5 * effect("c", x[4], x[5]) + 0.3 * effect("d", x[2], x[3])
        return error, 0.5 * x[0] + 0.7 * x[1] + 0.4 * effect("e", x[2]) + 0.3 * x[5]

    return (6, 5, 4, 3, 3, 2), "01", row


def categorical(effect):
    """Three genes of 20, 20 and 8 unordered choices."""

    def row(x):
        error = sum(effect("a", i, x[i]) for i in range(3)) + 0.4 * effect("b", x[0], x[2])
        return error, sum(effect("c", i, x[i]) for i in range(3))

    return (20, 20, 8), "", row


def unrelated(effect):
    """The cost has nothing to do with the error."""

    def row(x):
        error = sum(effect("a", i, x[i]) + 0.4 * effect("b", i, x[i], x[(i + 1) % 6]) for i in range(6))
        return error, sum(effect("c", i, x[i]) for i in range(6))

    return (4,) * 6, "", row


def smooth(effect):
    """Ordered and smooth."""
    power = [abs(effect("a", i)) + 0.2 for i in range(5)]
    price = [abs(effect("b", i)) + 0.2 for i in range(5)]

    def row(x):
        return -sum(p * math.sqrt(v) for p, v in zip(power, x)), sum(p * v for p, v in zip(price, x))

    return (7,) * 5, "01234", row


def rugged(effect):
    """Each gene depends on three others (NK)."""

    def row(x):
        error = sum(effect("a", i, x[i], x[(i + 1) % 7], x[(i + 3) % 7], x[(i + 5) % 7]) for i in range(7))
        return error, sum((i % 3 + 1) * x[i] for i in range(7))

    return (3,) * 7, "", row


def ceiling(effect):
    """A ceiling of accuracy, and a cost over four decades."""

    def row(x):
        power = x[0] + x[1] + 0.5 * effect("a", x[2]) + 0.5 * effect("b", x[3]) + 0.3 * effect("c", x[4])
        return -min(1, 1 - math.exp(-power / 2)), 10 ** (0.4 * (x[0] + x[1])) * (1 + 0.5 * x[4])

    return (6, 6, 6, 3, 3), "01", row


def ties(effect):
    """Many networks of equal error."""

    def row(x):
        return round(sum(effect("a", i, x[i]) for i in range(5))), sum((i % 2 + 1) * x[i] for i in range(5))

    return (4,) * 5, "", row


def missing(effect):
    """Most combinations are missing."""

    def row(x):
        if effect("hole", *x) < 0.86:
            return None
        error = sum(effect("a", i, x[i]) for i in range(6)) + 0.5 * effect("b", x[0], x[3])
        return error, sum((i % 3 + 1) * x[i] for i in range(6))

    return (5,) * 6, "", row


def three(effect):
    """Three objectives."""

    def row(x):
        error = -0.4 * sum(x) + effect("a", x[0]) + effect("b", x[3])
        return error, sum(v * (1 + i % 3) for i, v in enumerate(x)), sum(v if i % 2 == 0 else 0.3 * (3 - v) for i, v in enumerate(x))

    return (4,) * 6, "012345", row


def deceptive(effect):
    """All but one way lead away from the best."""

    def row(x):
        error = 0
        for block in (x[:4], x[4:]):
            error += 0 if block.count(2) == 4 else 1.2 - 0.2 * block.count(0) + 0.05 * block.count(2)
        return error, sum((i % 3 + 1) * v for i, v in enumerate(x))

    return (3,) * 8, "", row


def noise(effect):
    """Nothing can be learnt."""

    def row(x):
        return effect("a", *x), effect("b", *x)

    return (3,) * 7, "", row


def hidden(effect):
    """Few networks, and all but the best lead away from it."""

    def row(x):
        return (-100, -100) if all(x) else (sum(x), sum((i % 3 + 1) * v for i, v in enumerate(x)))

    return (2,) * 7, "", row


def few(effect):
    """Few networks, of which nothing can be learnt."""

    def row(x):
        return effect("a", *x), effect("b", *x)

    return (2,) * 8, "", row


KINDS = (mixed, categorical, unrelated, smooth, rugged, ceiling, ties, missing, three, deceptive, noise, hidden, few)


def write(kind, number, folder):
    """A table's file and the words that tell the bench its columns."""
    choices, ordinal, row = kind(Effects(np.random.default_rng([KINDS.index(kind), number])))
    names = [f"g{i}" for i in range(len(choices))]
    rows = [(x, row(list(x))) for x in itertools.product(*map(range, choices))]
    rows = [(x, objectives) for x, objectives in rows if objectives is not None]
    results = [f"f{i}" for i in range(len(rows[0][1]))]
    path = folder / f"{kind.__name__}{number}.csv"
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names + results)
        # unordered choices are words, so that nothing takes them for numbers
        writer.writerows(
            [str(v) if str(i) in ordinal else f"c{v}" for i, v in enumerate(x)] + list(objectives) for x, objectives in rows
        )
    words = ["--table", str(path), "--choices", ",".join(names), "--minimize", ",".join(results)]
    if ordinal:
        words += ["--ordinal", ",".join(f"g{i}" for i in ordinal)]
    return path, len(rows), words


def below(one, other):
    """How likely values as low as one's are if both are alike: the rank sum test's normal approximation, ties corrected."""
    both = np.concatenate([one, other])
    _, place, count = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    n, m, total = len(one), len(other), len(both)
    spread = n * m / 12 * (total + 1 - (count**3 - count).sum() / (total * (total - 1)))
    if spread == 0:
        return 1.0
    distance = ranks[:n].sum() - n * (total + 1) / 2
    return 0.5 * math.erfc(-(distance + 0.5) / math.sqrt(2 * spread))


def search(words, strategy, args):
    command = ["./blockfront", "bench", "search", *words, "--strategy", strategy, "--seeds", str(args.seeds)]
    command += ["--budget", str(args.budget), "--workers", str(args.workers), "--json"]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the tables and the results")
    parser.add_argument("--strategies", type=lambda text: text.split(","), default=["random", "nsga2-async", "auto"])
    parser.add_argument("--kinds", type=lambda text: text.split(","), default=[kind.__name__ for kind in KINDS])
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--budget", type=int, default=200)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--tables", type=int, default=1, help="tables of each kind")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for kind in (kind for kind in KINDS if kind.__name__ in args.kinds):
        for number in range(args.tables):
            path, rows, words = write(kind, number, args.out)
            reports = {name: search(words, name, args) for name in args.strategies}
            path.with_suffix(".json").write_text(json.dumps(reports, indent=1))
            cells = []
            worse = []
            for name, report in reports.items():
                medians = [f"{value:.3f}" for value in report["hypervolumeAt"].values() if value is not None]
                to99 = report["evaluationsTo99"]["median"]
                cells.append(" / ".join(medians) + f", to 99 % {'-' if to99 is None else to99}")
                for checkpoint in report["each"][0]["hypervolumeAt"] if "random" in reports and name != "random" else ():
                    own, chance = (
                        np.array([seed["hypervolumeAt"][checkpoint] for seed in reports[each]["each"]]) for each in (name, "random")
                    )
                    likely = below(own, chance)
                    if likely < 0.05:
                        worse.append(f"{name} at {checkpoint} (p = {likely:.3f})")
            print(f"| {path.stem}: {kind.__doc__} | {rows:,} | " + " | ".join(cells) + f" | {', '.join(worse) or 'none'} |", flush=True)


if __name__ == "__main__":
    main()
