#!/usr/bin/env python3
"""Writes kmeans_reference.json: the least inertia that scikit-learn's KMeans finds on small generated data sets (10 seedings, five seeds).

    pip install scikit-learn        # made with scikit-learn 1.9.1
    ./make_kmeans_reference.py

Values are hundredths, so that the file stays small.
"""
import json
import pathlib

import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs


def data_sets(rng):
    yield "separate groups", 6, make_blobs(150, 3, centers=6, cluster_std=0.8, random_state=1)[0]
    yield "overlapping groups", 8, make_blobs(200, 2, centers=8, cluster_std=2.0, random_state=2)[0]
    yield "more clusters than groups", 12, make_blobs(180, 4, centers=5, cluster_std=1.0, random_state=3)[0]
    yield "one cloud", 7, rng.normal(size=(160, 2))
    yield "uniform square", 9, rng.uniform(-5, 5, (200, 2))
    yield "heavy tails", 5, rng.standard_t(2, (150, 3))
    yield "far from the origin", 4, make_blobs(120, 5, centers=4, random_state=4)[0] + 1000
    yield "unequal sizes", 5, np.vstack([rng.normal(i * 4, 0.3 + 0.4 * i, (10 + 30 * i, 3)) for i in range(5)])
    yield "many duplicates", 4, np.repeat(rng.normal(size=(12, 2)), 10, axis=0)
    yield "twenty clusters", 20, make_blobs(240, 6, centers=20, cluster_std=1.2, random_state=5)[0]


def main():
    cases = []
    for name, k, x in data_sets(np.random.default_rng(5)):
        whole = np.round(x * 100).astype(int)
        best = min(KMeans(k, n_init=10, random_state=seed).fit(whole / 100).inertia_ for seed in range(5))
        cases.append({"name": name, "k": k, "hundredths": whole.tolist(), "inertia": float(best)})
    target = pathlib.Path(__file__).with_name("kmeans_reference.json")
    target.write_text(json.dumps({"scikit-learn": "1.9.1", "cases": cases}, separators=(",", ":")) + "\n")
    print(len(cases), "data sets,", target.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
