#!/usr/bin/env python3
"""Agreement of raters who judged different documents: raters_reference.json.

Cohen's kappa of every pair by scikit-learn, its interval by statsmodels; Fleiss' kappa by statsmodels; Krippendorff's alpha as observed against
expected disagreement of all pairable values, by numpy. Categories: 0 fits, 1 does not, 2 unsure; null: not judged.
"""
import itertools
import json
import pathlib

import numpy as np
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa

rng = np.random.default_rng(37)


def rater(truth, error, seen):
    said = np.where(rng.random(len(truth)) < error, rng.integers(0, 3, len(truth)), truth).astype(float)
    said[rng.random(len(truth)) >= seen] = np.nan
    return said


def alpha(table):
    units = [column[~np.isnan(column)] for column in table.T]
    units = [u for u in units if len(u) >= 2]
    values = np.concatenate(units) if units else np.array([])
    n = len(values)
    if n == 0 or len(set(values)) == 1:
        return None
    observed = sum((u[:, None] != u[None, :]).sum() / (len(u) - 1) for u in units) / n
    expected = (values[:, None] != values[None, :]).sum() / (n * (n - 1))
    return 1 - observed / expected


def pair(table, a, b):
    both = ~np.isnan(table[a]) & ~np.isnan(table[b])
    if not both.any():
        return None
    x, y = table[a, both].astype(int), table[b, both].astype(int)
    counts = np.zeros((3, 3))
    np.add.at(counts, (x, y), 1)
    row = {"raters": [a, b], "n": int(both.sum()), "observed": float((x == y).mean())}
    if len(set(x) | set(y)) > 1:
        found = cohens_kappa(counts)
        assert abs(found.kappa - cohen_kappa_score(x, y)) < 1e-12
        row.update(kappa=float(found.kappa), low=float(found.kappa_low), high=float(found.kappa_upp))
    return row


def chosen(table, pairs):
    """The closest pair, then whoever leaves the most documents, while half of the pair's are left."""
    if not pairs:
        return [], 0
    first = max(pairs, key=lambda p: p["n"])
    raters, judged = list(first["raters"]), ~np.isnan(table)
    while len(raters) < len(table):
        left = {r: int(judged[raters + [r]].all(axis=0).sum()) for r in range(len(table)) if r not in raters}
        best = max(left, key=left.get)
        if 2 * left[best] < first["n"]:
            break
        raters.append(best)
    return sorted(raters), int(judged[raters].all(axis=0).sum())


truth = rng.integers(0, 2, 600)
stray = np.stack([rater(truth, 0.9, 1.1), rater(truth, 0.9, 1.1), np.full(600, np.nan)])
stray[2, 17] = 1
some = rng.choice([0, 0, 0, 1], 120)
cases = {
    "stray": stray,
    "three": np.stack([rater(some, 0.2, 1.1), rater(some, 0.3, 0.9), rater(some, 0.3, 0.8)]),
    "four": np.stack([rater(some, 0.2, 0.9), rater(some, 0.2, 0.25), rater(some, 0.4, 0.7), rater(some, 0.1, 0.3)]),
    "one_word": np.stack([np.zeros(20), np.zeros(20), np.r_[np.zeros(3), np.full(17, np.nan)]]),
    "apart": np.stack([np.r_[np.zeros(10), np.full(10, np.nan)], np.r_[np.full(10, np.nan), np.ones(10)]]),
}
out = {"made_by": "scikit-learn, statsmodels, numpy", "cases": []}
for name, table in cases.items():
    pairs = [p for p in (pair(table, a, b) for a, b in itertools.combinations(range(len(table)), 2)) if p]
    raters, documents = chosen(table, pairs)
    case = {"name": name, "ratings": [[None if np.isnan(v) else int(v) for v in row] for row in table], "pairs": pairs,
            "kappa_raters": raters, "kappa_documents": documents, "alpha": alpha(table)}
    if len(raters) > 2:
        common = table[np.ix_(raters, np.flatnonzero((~np.isnan(table[raters])).all(axis=0)))].astype(int)
        counts = aggregate_raters(common.T, n_cat=3)[0]
        case["fleiss"] = float(fleiss_kappa(counts))
        case["observed"] = float(np.mean([(common[a] == common[b]).mean() for a, b in itertools.combinations(range(len(raters)), 2)]))
    out["cases"].append(case)
    print(name, raters, documents, case.get("fleiss"), case["alpha"], [(p["raters"], p["n"], p.get("kappa")) for p in pairs])
pathlib.Path(__file__).with_name("raters_reference.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
