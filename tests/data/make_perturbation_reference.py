#!/usr/bin/python3
"""Writes perturbation_reference.json: perturbed states made with numpy and scipy (Debian python3-numpy, python3-scipy), each by another
road than the program's: LEACE through the whitening transform of Belrose et al. 2023, gradients by central differences, sizes of edits by
going through all rows."""
import json
import pathlib

import numpy as np
import scipy.linalg

rng = np.random.default_rng(20250117)
N, D, UNITS = 240, 12, 5
X = rng.normal(size=(N, D)) @ rng.normal(size=(D, D)) + rng.normal(size=D)
labels = rng.integers(0, 3, N)
X += np.eye(3)[labels] @ rng.normal(size=(3, D)) * 1.5
mu = X.mean(0)
sigma = (X - mu).T @ (X - mu) / N
rho = np.sqrt(((X - mu) ** 2).sum(1).mean() / D)
h = X[7]
EPS = 0.6


def eraser(z):
    """Retention matrix of LEACE: I − W⁺ P W, P onto the range of W·Σ_xz."""
    whiten = np.real(scipy.linalg.fractional_matrix_power(sigma, -0.5))
    cross = (X - mu).T @ (z - z.mean(0)) / N
    basis = scipy.linalg.orth(whiten @ cross, rcond=1e-9)
    return np.eye(D) - np.linalg.inv(whiten) @ basis @ basis.T @ whiten


def erased(z, rows):
    return mu + (rows - mu) @ eraser(z).T


def cases():
    one = (labels == 0).astype(float)[:, None]
    delta = X[labels == 0].mean(0) - X[labels != 0].mean(0)
    between = np.stack([X[labels == k].mean(0) - mu for k in range(3)])
    orthonormal = scipy.linalg.orth(between.T, rcond=1e-9)
    w, b, m = rng.normal(size=D), 0.3, 0.8
    only = [0, 3, 8]
    restricted = np.where(np.isin(np.arange(D), only), w, 0)
    moves = {
        "project": (lambda H: (mu - H) @ orthonormal @ orthonormal.T, {"rows": between}),
        "project, linear": (lambda H: -H @ orthonormal @ orthonormal.T, {"rows": between, "throughZero": True}),
        "leace, one": (lambda H: erased(one, H) - H, {"rows": delta[None]}),
        "leace, all": (lambda H: erased(np.eye(3)[labels], H) - H, {"rows": between}),
        "grad_sign": (lambda H: rho * -np.sign(w) + 0 * H, {"rows": w[None]}),
        "grad_sign, restricted": (lambda H: rho * -np.sign(restricted) + 0 * H, {"rows": w[None], "neurons": only}),
        "grad_l2": (lambda H: rho * np.sqrt(D) * -w / np.linalg.norm(w) + 0 * H, {"rows": w[None]}),
        "grad_l2, restricted": (lambda H: rho * np.sqrt(D) * -restricted / np.linalg.norm(restricted) + 0 * H, {"rows": w[None], "neurons": only}),
        "flip": (lambda H: -((H @ w + b + m) / (w @ w))[:, None] * w, {"rows": w[None], "bias": b, "margin": m}),
    }
    out = []
    size = np.sqrt(((X - mu) ** 2).sum(1).mean())
    for name, (delta_of, given) in moves.items():
        changed = X + EPS * delta_of(X)
        shown = h + EPS * delta_of(h[None])[0]
        out.append({"name": name, "method": name.split(",")[0], "epsilon": EPS, **{k: np.asarray(v).tolist() for k, v in given.items()},
                    "expected": shown.tolist(), "kept": (shown * np.linalg.norm(h) / np.linalg.norm(shown)).tolist(),
                    "displacement": float(np.sqrt(((changed - X) ** 2).sum(1).mean()) / size)})
    return out


def mlp_cases():
    hidden, bias, output = rng.normal(size=(UNITS, D)) / 3, rng.normal(size=UNITS), rng.normal(size=UNITS)

    def logit(x):
        return float(output @ np.maximum(hidden @ x + bias, 0))

    def gradient(x, only):
        step = 1e-6
        g = np.array([(logit(x + step * e) - logit(x - step * e)) / (2 * step) for e in np.eye(D)])
        return np.where(np.isin(np.arange(D), only), g, 0) if only else g

    out = []
    for method in ("grad_sign", "grad_l2"):
        for steps in (1, 4):
            for only in ([], [1, 2, 5, 11]):
                x = h.copy()
                for _ in range(steps):
                    g = gradient(x, only)
                    g = np.where(np.abs(g) < 1e-8, 0, g)
                    x = x + EPS / steps * rho * (-np.sign(g) if method == "grad_sign" else -np.sqrt(D) * g / np.linalg.norm(g))
                out.append({"name": f"{method}, {steps} steps{', restricted' if only else ''}", "method": method, "steps": steps,
                            "neurons": only, "epsilon": EPS, "expected": x.tolist()})
    return {"hidden": hidden.tolist(), "bias": bias.tolist(), "output": output.tolist(), "cases": out}


target = pathlib.Path(__file__).with_name("perturbation_reference.json")
target.write_text(json.dumps({"numpy": np.__version__, "scipy": scipy.__version__, "rows": X.tolist(), "state": h.tolist(), "rho": float(rho),
                              "directions": cases(), "mlp": mlp_cases()}) + "\n")
