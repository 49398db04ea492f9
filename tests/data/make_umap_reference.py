#!/usr/bin/env python3
"""Writes umap_reference.json: what umap-learn and scikit-learn make of small generated data sets.

    pip install umap-learn scikit-learn        # made with umap-learn 0.5.12, scikit-learn 1.9.1
    ./make_umap_reference.py

`graphs`: the fuzzy graph, entry by entry. `maps`: mean trustworthiness and mean share of 10 neighbours kept over five seeds, which ours
must reach within 1 %; and scikit-learn's trustworthiness of a fixed map (the first columns), as a check of the measure.
Values are hundredths, so that the file stays small.
"""
import json
import pathlib
import warnings

import numpy as np
from sklearn.datasets import make_blobs, make_s_curve, make_swiss_roll
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors
from umap import UMAP

warnings.filterwarnings("ignore")
K = 10


def hundredths(x):
    return np.round(np.asarray(x) * 100) / 100


def kept(x, map_, metric):
    def near(a, m):
        found = NearestNeighbors(n_neighbors=K, metric=m, algorithm="brute").fit(a).kneighbors(return_distance=False)
        return [set(row) for row in found]
    return float(np.mean([len(a & b) / K for a, b in zip(near(x, metric), near(map_, "euclidean"))]))


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def data_sets(rng):
    yield "groups on the sphere", "cosine", 5, make_blobs(300, 12, centers=7, cluster_std=1.5, random_state=3)[0]
    yield "one cloud", "cosine", 5, rng.normal(size=(260, 8)) + 1
    yield "roll", "euclidean", 2, make_swiss_roll(350, noise=0.3, random_state=4)[0] / 3
    yield "s", "euclidean", 3, make_s_curve(300, noise=0.05, random_state=5)[0] * 3
    yield "nested groups", "euclidean", 2, np.vstack([rng.normal(rng.uniform(-6, 6, 10) * (1 + i // 3), 0.5 + 0.2 * i, (40, 10)) for i in range(8)])


def maps(rng):
    for name, metric, dimensions, x in data_sets(rng):
        x = hundredths(x)
        measured = unit(x) if metric == "cosine" else x
        trust, shares = [], []
        for seed in range(5):
            found = UMAP(n_neighbors=15, n_components=dimensions, min_dist=0.0, metric=metric, random_state=seed).fit_transform(x)
            trust.append(trustworthiness(measured, found, n_neighbors=K, metric=metric))
            shares.append(kept(measured, found, metric))
        yield {"name": name, "metric": metric, "dimensions": dimensions, "hundredths": np.round(x * 100).astype(int).tolist(),
               "trustworthiness": float(np.mean(trust)), "kept": float(np.mean(shares)),
               "first_columns": float(trustworthiness(measured, measured[:, :2], n_neighbors=K, metric=metric)),
               "first_columns_kept": kept(measured, measured[:, :2], metric)}


def graphs(rng):
    for name, metric, k, x in [("plane", "euclidean", 8, rng.normal(size=(40, 2))), ("directions", "cosine", 6, rng.normal(size=(45, 20)))]:
        x = hundredths(x)
        graph = UMAP(n_neighbors=k, metric=metric, n_epochs=1, init="random", random_state=0).fit(x).graph_.tocoo()
        order = np.lexsort((graph.col, graph.row))
        yield {"name": name, "metric": metric, "k": k, "hundredths": np.round(x * 100).astype(int).tolist(), "rows": graph.row[order].tolist(),
               "columns": graph.col[order].tolist(), "weights": [float(f"{v:.7g}") for v in graph.data[order]]}


def main():
    rng = np.random.default_rng(11)
    result = {"umap-learn": "0.5.12", "graphs": list(graphs(rng)), "maps": list(maps(rng))}
    target = pathlib.Path(__file__).with_name("umap_reference.json")
    target.write_text(json.dumps(result, separators=(",", ":")) + "\n")
    print(target.stat().st_size, "bytes", [(m["name"], round(m["trustworthiness"], 4), round(m["kept"], 4)) for m in result["maps"]])


if __name__ == "__main__":
    main()
