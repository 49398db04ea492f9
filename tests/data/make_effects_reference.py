#!/usr/bin/python3
"""Writes effects_reference.json: cells of a made-up study and what statsmodels and numpy make of their regression (Debian
python3-statsmodels, python3-numpy)."""
import json
import pathlib

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from statsmodels.stats.outliers_influence import variance_inflation_factor

rng = np.random.default_rng(20240607)


def cells():
    rows = []
    tokens, own = rng.normal(14, 1, 14), rng.normal(0, 0.15, 14)
    for cluster in range(14):
        for task in range(5):
            similarity = rng.uniform(-0.2, 0.6)
            neurons = 3 + 0.5 * (tokens[cluster] - 14) + rng.normal(0, 0.4)
            for size in (70, 160, 410, 1000, 1400):
                variance = rng.uniform(0.004, 0.02)
                effect = 0.1 * (tokens[cluster] - 14) + 0.5 * similarity + 0.05 * np.log(size) + 0.1 * task + 0.08 * neurons + own[cluster]
                rows.append({"cluster": cluster, "task": task, "method": int(rng.integers(2)), "depth": float(rng.choice([0.25, 0.5, 0.75])),
                             "lnTokens": tokens[cluster], "similarity": similarity, "lnParameters": np.log(size * 1e6), "lnNeurons": neurons,
                             "variance": variance, "effect": effect + rng.normal(0, np.sqrt(variance + 0.01))})
    return pd.DataFrame(rows)


def meta(x, y, v):
    """Random-effects regression, tau^2 by the method of moments (DerSimonian & Laird 1986; Raudenbush 2009)."""
    w = 1 / v
    inverse = np.linalg.inv(x.T @ (w[:, None] * x))
    residual = y - x @ (inverse @ x.T @ (w * y))
    q, k, p = np.sum(w * residual ** 2), len(y), x.shape[1]
    tau2 = max(0, (q - (k - p)) / (w.sum() - np.trace(inverse @ (x.T @ ((w ** 2)[:, None] * x)))))
    w = 1 / (v + tau2)
    inverse = np.linalg.inv(x.T @ (w[:, None] * x))
    return tau2, inverse @ x.T @ (w * y), np.sqrt(np.diag(inverse))


def positive(covariance):
    """Negative eigenvalues set to 0 (Cameron, Gelbach & Miller 2011): task dummies leave no variance between tasks."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors @ np.diag(np.maximum(values, 0)) @ vectors.T


def regression(data, extra=""):
    right = "lnTokens + similarity + lnParameters + depth" + extra
    model = smf.ols("effect ~ " + right + " + C(task) + C(method)", data)
    fit = model.fit(cov_type="HC3", use_t=True)
    groups = np.column_stack([data.cluster, data.task])
    two = model.fit(cov_type="cluster", cov_kwds={"groups": groups, "df_correction": True}, use_t=True)
    tau2, b, se = meta(model.exog, data.effect.to_numpy(), data.variance.to_numpy())
    out = {"names": model.exog_names, "b": fit.params, "hc3": fit.bse, "p": fit.pvalues, "twoWay": np.sqrt(np.diag(positive(np.asarray(two.cov_params())))), "metaB": b, "metaSe": se, "tau2": tau2,
           "vif": [variance_inflation_factor(model.exog, j) for j in range(1, model.exog.shape[1])]}
    mixed = smf.mixedlm("effect ~ " + right + " + C(method)", data, groups=np.ones(len(data)),
                        vc_formula={"cluster": "0 + C(cluster)", "task": "0 + C(task)"}).fit(reml=True)
    out["mixed"] = {"names": list(mixed.fe_params.index), "b": mixed.fe_params, "cluster": mixed.vcomp[0], "task": mixed.vcomp[1], "residual": mixed.scale}
    return out


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (pd.Series, np.ndarray)):
        return [plain(v) for v in value.tolist()]
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not np.isfinite(value) else value


data = cells()
data["similarity"] = data.similarity.round(6)
centred = data.assign(similarity=data.similarity - data.similarity.mean())
result = {"cells": {column: data[column].to_numpy() for column in data}, "regression": regression(centred), "withNeurons": regression(centred, " + lnNeurons")}
path = pathlib.Path(__file__).with_name("effects_reference.json")
path.write_text(json.dumps(plain(result)) + "\n")
