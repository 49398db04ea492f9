#!/usr/bin/env python3
"""Rounds of iterative clustering (methods.md 3.9) by numpy, scipy and scikit-learn: refine_reference.json.

Groups are planted so that every rule fires: one cluster holds two groups, one group is in two clusters, some rows are in the wrong cluster, one
cluster is too small. What is compared is the labels after every round, the log and the state of the clusters.
"""
import json
import pathlib

import numpy as np
from scipy.stats import norm
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_samples

LEAST_PURITY, LEAST_SILHOUETTE, MERGE, CHANGED, GAIN = 0.7, 0.05, 0.95, 0.01, 0.01


def bic(x, labels):
    """Log-likelihood of a mixture of spherical Gaussians of one variance at hard labels, less half the free parameters times log n."""
    names, n, d = np.unique(labels), len(x), x.shape[1]
    means = {c: x[labels == c].mean(0) for c in names}
    variance = sum(((x[labels == c] - means[c]) ** 2).sum() for c in names) / (d * (n - len(names)))
    fit = sum(norm.logpdf(x[labels == c], means[c], np.sqrt(variance)).sum() + (labels == c).sum() * np.log((labels == c).mean()) for c in names)
    return fit - ((len(names) - 1) + d * len(names) + 1) / 2 * np.log(n)


def purity(x, truth, rows):
    known = truth[rows][truth[rows] >= 0]
    return np.bincount(known).max() / len(known) if len(known) else None


def cosine(x, labels):
    out = np.full(len(x), np.nan)
    kept = labels >= 0
    if len(np.unique(labels[kept])) > 1:
        out[kept] = silhouette_samples(x[kept], labels[kept], metric="cosine")
    return out


def state(x, truth, labels):
    s = cosine(x, labels)
    names = sorted(set(labels[labels >= 0].tolist()))
    return {c: (np.flatnonzero(labels == c), purity(x, truth, labels == c), float(s[labels == c].mean())) for c in names}


def macro(members):
    return [float(np.mean([m[1] for m in members.values()])), float(np.mean([m[2] for m in members.values()]))]


def ari(labels, truth):
    kept = (labels >= 0) & (truth >= 0)
    return adjusted_rand_score(labels[kept], truth[kept])


def one_round(number, x, truth, labels, least, taken, log):
    def note(action, cluster, other, rows, m):
        log.append([number, action, int(cluster), int(other), int(rows), float(m[1]), float(m[2])])

    for c, m in state(x, truth, labels).items():
        rows = m[0]
        if len(rows) < 2 * least or not (m[1] < LEAST_PURITY or m[2] < LEAST_SILHOUETTE):
            continue
        halves = KMeans(2, n_init=10, random_state=0).fit_predict(x[rows])
        halves = (halves != halves[0]).astype(int)   # the first row stays
        if bic(x[rows], halves) > bic(x[rows], np.zeros(len(rows), int)):
            labels[rows[halves == 1]] = taken[0]
            note("split", c, taken[0], (halves == 1).sum(), m)
            taken[0] += 1
    while True:
        members = state(x, truth, labels)
        centre = {c: x[m[0]].mean(0) / np.linalg.norm(x[m[0]].mean(0)) for c, m in members.items()}
        pairs = sorted(((-float(centre[a] @ centre[b]), a, b) for a in members for b in members if a < b and centre[a] @ centre[b] > MERGE))
        for _, a, b in pairs:
            into, source = (a, b) if len(members[a][0]) >= len(members[b][0]) else (b, a)
            after = np.where(labels == source, into, labels)
            if ari(after, truth) >= ari(labels, truth) - 1e-12:
                note("merge", source, into, len(members[source][0]), members[source])
                labels[:] = after
                break
        else:
            break
    members = state(x, truth, labels)
    centre = {c: x[m[0]].mean(0) for c, m in members.items()}
    for c, m in members.items():
        own = np.linalg.norm(x[m[0]] - centre[c], axis=1)
        other = np.min([np.linalg.norm(x[m[0]] - centre[o], axis=1) for o in members if o != c], axis=0)
        if (other < own).any():
            labels[m[0][other < own]] = -2
            note("ambiguous", c, -2, (other < own).sum(), m)
    for c, m in state(x, truth, labels).items():
        if len(m[0]) < least:
            labels[m[0]] = -1
            note("drop", c, -1, len(m[0]), m)


def refine(x, truth, labels, least, rounds):
    labels, taken, log, history = labels.copy(), [int(labels.max()) + 1], [], []
    for number in range(rounds):
        before = labels.copy()
        one_round(number, x, truth, labels, least, taken, log)
        states = macro(state(x, truth, before)), macro(state(x, truth, labels))
        changed = int((before != labels).sum())
        history.append({"labels": labels.tolist(), "changed": changed, "before": states[0], "after": states[1]})
        if changed < CHANGED * len(labels) or states[1][0] - states[0][0] < GAIN:
            break
    return {"log": log, "rounds": history}


def planted(rng, groups, d, noise):
    x = np.eye(d)[groups] + noise * rng.normal(size=(len(groups), d))
    return np.round(x / np.linalg.norm(x, axis=1, keepdims=True), 4)


def case(seed, wrong, least, rounds):
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.repeat([0, 1, 2, 3, 4], [30, 30, 28, 24, 8]))
    x = planted(rng, truth, 6, 0.12)
    labels = np.array([0, 0, 1, 2, 3])[truth]                       # 0 and 1 are one cluster
    labels[rng.choice(np.flatnonzero(truth == 2), 9, replace=False)] = 4   # a part of 2 apart from it
    labels[rng.choice(np.flatnonzero(truth == 4), wrong, replace=False)] = 2   # nearer to another cluster's mean
    truth[rng.choice(len(truth), 6, replace=False)] = -1            # metadata is not known of all
    return {"x": x.tolist(), "labels": labels.tolist(), "metadata": truth.tolist(), "min_size": least, "rounds_at_most": rounds,
            **refine(x.astype(np.float32).astype(float), truth, labels, least, rounds)}


cases = {"all rules": case(1, 2, 10, 5), "one round at most": case(2, 1, 10, 1), "small clusters stay": case(3, 3, 4, 5)}
path = pathlib.Path(__file__).with_name("refine_reference.json")
path.write_text(json.dumps({"made_by": "numpy, scipy, scikit-learn", "cases": cases}, separators=(",", ":")) + "\n")
for name, c in cases.items():
    print(name, [(r["changed"], r["before"], r["after"]) for r in c["rounds"]], c["log"])
