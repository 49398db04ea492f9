#!/usr/bin/env python3
"""Writes hdbscan_reference.json: labels and strengths of the `hdbscan` package on generated data sets.

    pip install hdbscan scikit-learn        # made with hdbscan 0.8.44, scikit-learn 1.9.1
    ./make_hdbscan_reference.py

The minimum spanning tree of mutual reachability distances is often not unique: a point between two groups reaches both at its own core
distance. A data set is kept when the package's exact algorithms agree on it, so that the answer does not hang on the order in which
one of them happens to meet equal distances. Labels are renamed by first row. Coordinates have three decimals.
"""
import json
import pathlib
import warnings

import numpy as np
from hdbscan import HDBSCAN
from sklearn.datasets import make_blobs, make_circles, make_moons

warnings.filterwarnings("ignore")
EXACT = [("prims_kdtree", {}), ("boruvka_kdtree", {"approx_min_span_tree": False}), ("generic", {})]


def renamed(labels):
    names = {-1: -1}
    return [names.setdefault(int(v), len(names) - 1) for v in labels]


def fitted(x, options):
    answers = []
    for algorithm, more in EXACT:
        model = HDBSCAN(algorithm=algorithm, **more, **options).fit(x)
        labels = renamed(model.labels_)
        persistence = [0.0] * len(model.cluster_persistence_)
        for own, other in zip(labels, model.labels_):
            if own >= 0:
                persistence[own] = float(model.cluster_persistence_[other])
        answers.append((labels, model.probabilities_.tolist(), persistence))
    first = answers[0]
    same = all(a[0] == first[0] and np.allclose(a[1], first[1], atol=1e-12) for a in answers)
    return first if same else None


def uneven(rng, d):
    parts = [rng.normal(rng.uniform(-12, 12, d), s, (int(rng.integers(8, 45)), d)) for s in (0.3, 0.8, 1.5, 2.5)]
    return np.vstack(parts + [rng.uniform(-15, 15, (12, d))])


def candidates(rng):
    for d in (1, 2, 3, 5):
        for spread in (0.7, 1.5):
            yield f"blobs, {d} columns, spread {spread}", make_blobs(110, d, centers=4, cluster_std=spread, random_state=int(rng.integers(1e6)))[0]
    yield "moons", make_moons(120, noise=0.07, random_state=int(rng.integers(1e6)))[0]
    yield "rings", make_circles(130, noise=0.04, factor=0.4, random_state=int(rng.integers(1e6)))[0]
    for d in (2, 4, 24):
        yield f"uneven groups in noise, {d} columns", uneven(rng, d)
    yield "noise alone", rng.uniform(0, 1, (70, 2))
    yield "heavy tails", rng.standard_t(1.5, (90, 3))
    yield "a line with gaps", np.sort(rng.exponential(1, 80)).cumsum()[:, None]
    yield "more columns than a tree serves", make_blobs(90, 20, centers=3, cluster_std=2.0, random_state=int(rng.integers(1e6)))[0]


def main():
    options = [{"min_cluster_size": 5, "min_samples": 3}, {"min_cluster_size": 10, "min_samples": 5},
               {"min_cluster_size": 6, "min_samples": 1, "cluster_selection_method": "leaf"},
               {"min_cluster_size": 12, "min_samples": 8, "allow_single_cluster": True}]
    rng = np.random.default_rng(20261127)
    cases = []
    for round_ in range(2):
        for name, x in candidates(rng):
            x = np.round(x, 3)
            if len(np.unique(x, axis=0)) < len(x):
                continue
            chosen = options[len(cases) % len(options)]
            answer = fitted(x, chosen)
            if answer is None:
                continue
            labels, strengths, persistence = answer
            cases.append({"name": f"{name} ({round_ + 1})", "x": x.tolist(), "min_cluster_size": chosen["min_cluster_size"],
                          "min_samples": chosen["min_samples"], "leaf": chosen.get("cluster_selection_method") == "leaf",
                          "single": chosen.get("allow_single_cluster", False), "labels": labels,
                          "strengths": [float(f"{v:.14g}") for v in strengths], "persistence": [float(f"{v:.14g}") for v in persistence]})
    target = pathlib.Path(__file__).with_name("hdbscan_reference.json")
    target.write_text(json.dumps({"hdbscan": "0.8.44", "cases": cases}, separators=(",", ":")) + "\n")
    print(len(cases), "data sets,", target.stat().st_size, "bytes;", sum(max(c["labels"]) >= 1 for c in cases), "with several clusters")


if __name__ == "__main__":
    main()
