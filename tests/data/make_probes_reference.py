#!/usr/bin/python3
"""Writes probes_reference.json: inputs and what scikit-learn makes of them (Debian python3-sklearn): penalised logistic
regressions, Adam steps of a small network, the Ledoit-Wolf coefficient. Every regression is refused unless the least subgradient of its
objective, computed here from the definition, is below 1e-9."""
import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.covariance import ledoit_wolf
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

rng = np.random.default_rng(20240502)
warnings.filterwarnings("ignore", category=sklearn.exceptions.ConvergenceWarning)


def single(x):
    """What an fp32 matrix holds."""
    return np.asarray(x, dtype=np.float32).astype(float)


def standardised(x):
    return (x - x.mean(0)) / x.std(0)


def states(rows, width):
    mix = rng.normal(size=(width, width)) / np.sqrt(width)
    return single(np.round(rng.normal(size=(rows, width)) @ mix * 10.0 ** (np.arange(width) % 3 - 1) + 0.3 * np.arange(width), 4))


def least_subgradient(z, y, s, w, b, lam, rho):
    """y one-hot [N, K] with a softmax, or [N, 1] with a sigmoid; w [K, d]."""
    logits = z @ w.T + b
    if y.shape[1] == 1:
        p = 1 / (1 + np.exp(-logits))
    else:
        p = np.exp(logits - logits.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
    r = s[:, None] * (p - y) / s.sum()
    g = r.T @ z + lam * (1 - rho) * w
    l1 = lam * rho
    v = np.where(w != 0, g + l1 * np.sign(w), np.sign(g) * np.maximum(np.abs(g) - l1, 0))
    return max(np.abs(v).max(), np.abs(r.sum(0)).max())


def fit(z, labels, s, lam, rho, multi):
    model = LogisticRegression(penalty="elasticnet", l1_ratio=rho, C=1 / (lam * s.sum()), solver="saga", tol=1e-15, max_iter=200000,
                               multi_class="multinomial" if multi else "ovr", random_state=1)
    model.fit(z, labels, sample_weight=s)
    onehot = np.eye(labels.max() + 1)[labels] if multi else labels[:, None].astype(float)
    left = least_subgradient(z, onehot, s, model.coef_, model.intercept_, lam, rho)
    assert left < 1e-9, left
    b = model.intercept_ - (model.intercept_.mean() if multi else 0)
    return {"lambda": lam, "l1_ratio": rho, "w": model.coef_, "b": b}


def logistic_case():
    x = states(90, 7)
    z = standardised(x)
    y = (z[:, 0] - 0.7 * z[:, 3] + rng.normal(size=90) > 0.5).astype(int)
    s = single(np.round(rng.uniform(0.2, 2, size=90), 3))
    r = s * (y - (s * y).sum() / s.sum()) / s.sum()
    return {"x": x, "y": y, "s": s, "lambda_max": np.abs(z.T @ r).max(),
            "fits": [fit(z, y, s, lam, rho, False) for rho in (1.0, 0.5, 0.1) for lam in (0.15, 0.05, 0.01)]}


def multinomial_case():
    x = states(120, 5)
    z = standardised(x)
    scores = np.stack([z[:, 0], z[:, 1] - z[:, 2], 0.5 * z[:, 4], -z[:, 0]], 1) + rng.gumbel(size=(120, 4))
    labels = scores.argmax(1)
    s = single(np.round(rng.uniform(0.2, 2, size=120), 3))
    return {"x": x, "y": labels, "s": s, "fits": [fit(z, labels, s, lam, rho, True) for rho in (0.0, 0.5, 1.0) for lam in (0.1, 0.02)]}


def adam_case():
    """Full-batch Adam steps from a given start, without weight decay."""
    x = single(np.round(rng.normal(size=(12, 4)), 3))
    labels = np.array([0, 1, 2] * 4)
    start = [single(np.round(rng.uniform(-0.5, 0.5, size=shape), 3)) for shape in ((4, 6), (6, 3), (6,), (3,))]
    model = MLPClassifier((6,), solver="adam", alpha=0, batch_size=12, learning_rate_init=0.01, shuffle=False)
    model.partial_fit(x, labels, classes=[0, 1, 2])
    for target, value in zip(model.coefs_ + model.intercepts_, start):
        target[...] = value
    model.t_ = 0
    del model._optimizer
    losses = []
    for _ in range(5):
        model.partial_fit(x, labels)
        losses.append(model.loss_)
    return {"x": x, "y": labels, "start": start, "end": model.coefs_ + model.intercepts_, "losses": losses, "rate": 0.01}


def shrinkage_cases():
    cases = []
    for n, d in ((20, 5), (200, 4), (8, 12)):
        x = single(np.round(rng.normal(size=(n, d)) * (1 + np.arange(d)), 3))
        cases.append({"x": x, "alpha": ledoit_wolf(x)[1]})
    return cases


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


reference = {"versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__}, "logistic": logistic_case(),
             "multinomial": multinomial_case(), "adam": adam_case(), "ledoit_wolf": shrinkage_cases()}
path = pathlib.Path(__file__).with_name("probes_reference.json")
path.write_text(json.dumps(plain(reference), separators=(",", ":")) + "\n")
