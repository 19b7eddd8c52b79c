"""How many trainings Optuna and pymoo need on a table of finished trainings.

Prints the same list as `./blockfront bench search --json`, measured in the same way: unique rows looked up until a share of the table's
own hypervolume is dominated, each objective scaled by its range over the true front (over all rows where that is 0), the reference a tenth of
that beyond its worst. A row that was looked up before costs nothing, and a run ends after ten times as many questions as the budget. Optuna
asks for as many at a time as there are workers and is told in random order, as our simulated workers do; pymoo works in generations.

    pip install optuna pymoo
    python search_peers.py --table FILE.csv --choices c0,c1 --minimize flops --maximize acc --seeds 30 --budget 300 --workers 4
"""

import argparse
import csv
import json
import random
import time
import warnings

import numpy as np

CHECKPOINTS = (50, 100, 200, 300)


class Table:
    """Rows by their choices, and the share of the true hypervolume that some of them dominate."""

    def __init__(self, args):
        with open(args.table, newline="") as file:
            rows = list(csv.DictReader(file))
        self.names = args.choices
        self.ordinal = [name in args.ordinal for name in args.choices]
        self.values = [sorted({row[name] for row in rows}, key=in_order) for name in args.choices]
        sums = {}
        for row in rows:
            key = tuple(values.index(row[name]) for name, values in zip(args.choices, self.values))
            point = [-float(row[name]) for name in args.maximize] + [float(row[name]) for name in args.minimize]
            sums.setdefault(key, []).append(point)
        self.points = {key: np.mean(points, axis=0) for key, points in sums.items()}
        if len(self.points) < np.prod([len(values) for values in self.values]):
            raise SystemExit("The peers need a table that holds every combination of choices")
        true_front = front(list(self.points.values()))
        self.ideal = true_front.min(axis=0)
        extent = true_front.max(axis=0) - self.ideal
        whole = np.max(list(self.points.values()), axis=0) - self.ideal
        self.extent = np.where(extent > 0, extent, np.where(whole > 0, whole, 1))
        self.whole = volume(self.scaled(true_front))

    def scaled(self, points):
        return (np.asarray(points) - self.ideal) / self.extent

    def share(self, points):
        return volume(self.scaled(points)) / self.whole


def in_order(text):
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text


def front(points):
    points = np.unique(np.asarray(points), axis=0)
    kept = [p for p in points if not np.any(np.all(points <= p, axis=1) & np.any(points < p, axis=1))]
    return np.asarray(kept)


def volume(points):
    """Two objectives, reference 1.1."""
    area, ceiling = 0.0, 1.1
    for x, y in sorted(map(tuple, points)):
        if x < 1.1 and y < ceiling:
            area += (1.1 - x) * (ceiling - y)
            ceiling = y
    return area


class Run:
    """The unique rows that one run looked up, and how the dominated share grew."""

    def __init__(self, table, budget):
        self.table, self.budget = table, budget
        self.seen, self.best, self.shares, self.duplicates = set(), [], [], 0

    def look_up(self, key):
        point = self.table.points[key]
        if key in self.seen:
            self.duplicates += 1
        elif not self.full():
            self.seen.add(key)
            self.best = list(front(self.best + [point]))
            self.shares.append(self.table.share(self.best))
        return point

    def full(self):
        return len(self.shares) >= self.budget

    def over(self):
        return self.full() or self.duplicates >= 10 * self.budget

    def evaluations_to(self, share):
        return next((i + 1 for i, reached in enumerate(self.shares) if reached >= share), None)


def optuna_run(sampler, table, seed, budget, workers):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(directions=["minimize", "minimize"], sampler=sampler(seed))
    run, flying, draw = Run(table, budget), [], random.Random(seed)
    while not run.over():
        while len(flying) < workers:
            trial = study.ask()
            key = tuple(
                trial.suggest_int(name, 0, len(values) - 1)
                if ordinal
                else trial.suggest_categorical(name, list(range(len(values))))
                for name, values, ordinal in zip(table.names, table.values, table.ordinal)
            )
            flying.append((trial, key))
        trial, key = flying.pop(draw.randrange(len(flying)))
        study.tell(trial, list(map(float, run.look_up(key))))
    return run


def optuna_nsga2(table, seed, budget, workers):
    import optuna

    return optuna_run(lambda s: optuna.samplers.NSGAIISampler(population_size=20, seed=s), table, seed, budget, workers)


def optuna_tpe(table, seed, budget, workers):
    import optuna

    return optuna_run(
        lambda s: optuna.samplers.TPESampler(multivariate=True, constant_liar=True, seed=s), table, seed, budget, workers
    )


def pymoo_nsga2(table, seed, budget, _):
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.problem import ElementwiseProblem
    from pymoo.operators.crossover.sbx import SBX
    from pymoo.operators.mutation.pm import PM
    from pymoo.operators.repair.rounding import RoundingRepair
    from pymoo.operators.sampling.rnd import IntegerRandomSampling

    run = Run(table, budget)

    class Lookup(ElementwiseProblem):
        def __init__(self):
            most = np.array([len(values) - 1 for values in table.values])
            super().__init__(n_var=len(most), n_obj=2, xl=0 * most, xu=most, vtype=int)

        def _evaluate(self, x, out, *args, **kwargs):
            out["F"] = run.look_up(tuple(int(v) for v in x))

    algorithm = NSGA2(
        pop_size=20,
        sampling=IntegerRandomSampling(),
        crossover=SBX(prob=0.9, eta=3, vtype=float, repair=RoundingRepair()),
        mutation=PM(prob=1.0, eta=3, vtype=float, repair=RoundingRepair()),
        eliminate_duplicates=True,
    )
    algorithm.setup(Lookup(), termination=("n_gen", 10 * budget), seed=seed, verbose=False)
    while algorithm.has_next() and not run.over():
        algorithm.next()
    return run


PEERS = {"optuna-nsga2": optuna_nsga2, "optuna-tpe": optuna_tpe, "pymoo-nsga2": pymoo_nsga2}


def quartiles(values):
    """Null where so many of the runs did not get there."""
    ordered = sorted(float("inf") if value is None else value for value in values)

    def at(share):
        place = share * (len(ordered) - 1)
        low, high = ordered[int(np.floor(place))], ordered[int(np.ceil(place))]
        return None if np.isinf(high) else low + (high - low) * (place - np.floor(place))

    return {"median": at(0.5), "q1": at(0.25), "q3": at(0.75)}


def report(name, runs, budget, seconds):
    to99 = [run.evaluations_to(0.99) for run in runs]
    return {
        "strategy": name,
        "seeds": len(runs),
        "evaluationsTo95": quartiles([run.evaluations_to(0.95) for run in runs]),
        "evaluationsTo99": quartiles(to99),
        "reached99": sum(value is not None for value in to99),
        "hypervolumeAt": {
            str(at): float(np.median([run.shares[min(at, len(run.shares)) - 1] for run in runs])) if at <= budget else None
            for at in CHECKPOINTS
        },
        "duplicates": sum(run.duplicates for run in runs),
        "secondsPerRun": seconds / len(runs),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    columns = lambda text: [name for name in text.split(",") if name]
    parser.add_argument("--table", required=True)
    parser.add_argument("--choices", type=columns, required=True)
    parser.add_argument("--ordinal", type=columns, default=[])
    parser.add_argument("--minimize", type=columns, default=[])
    parser.add_argument("--maximize", type=columns, default=[])
    parser.add_argument("--peer", type=columns, default=list(PEERS), help="of " + ", ".join(PEERS))
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--budget", type=int, default=300)
    parser.add_argument("--workers", type=int, default=4)
    args = parser.parse_args()
    if len(args.minimize) + len(args.maximize) != 2:
        raise SystemExit("Name two columns to minimize or maximize")
    warnings.filterwarnings("ignore")
    table, reports = Table(args), []
    for name in args.peer:
        began = time.perf_counter()
        runs = [PEERS[name](table, seed, args.budget, args.workers) for seed in range(args.seeds)]
        reports.append(report(name, runs, args.budget, time.perf_counter() - began))
    print(json.dumps(reports, indent=2))


if __name__ == "__main__":
    main()
