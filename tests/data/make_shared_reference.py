#!/usr/bin/env python3
"""Clusters that share documents: silhouettes of each against the rest, by scikit-learn: shared_reference.json.

A document in several clusters counts in each; those in none count nowhere.
"""
import json
import pathlib

import numpy as np
from sklearn.metrics import silhouette_samples

rng = np.random.default_rng(5)
group = rng.integers(0, 3, 60)
x = np.eye(4)[group] + 0.5 * rng.normal(size=(60, 4))
x = np.round(x / np.linalg.norm(x, axis=1, keepdims=True), 4).astype(np.float32).astype(float)
members = [sorted(np.flatnonzero((group == 0) | (rng.random(60) < 0.2)).tolist()),
           sorted(np.flatnonzero((group == 1) & (rng.random(60) < 0.8)).tolist()),
           sorted(np.flatnonzero((group == 2) & (rng.random(60) < 0.9)).tolist())]
inside = np.array(sorted(set(sum(members, []))))
means, negative, own = [], [], [None] * 60
for c, rows in enumerate(members):
    s = silhouette_samples(x[inside], np.isin(inside, rows).astype(int), metric="cosine")
    of = dict(zip(inside.tolist(), s.tolist()))
    means.append(float(np.mean([of[r] for r in rows])))
    negative.append(float(np.mean([of[r] < 0 for r in rows])))
    for r in rows:
        if own[r] is None:   # the first cluster that holds it
            own[r] = of[r]
path = pathlib.Path(__file__).with_name("shared_reference.json")
path.write_text(json.dumps({"made_by": "scikit-learn", "x": x.tolist(), "members": members, "silhouettes": means, "share_negative": negative, "documents": own},
                           separators=(",", ":")) + "\n")
print(means, negative, sum(len(m) for m in members), len(inside))
