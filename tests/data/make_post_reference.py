#!/usr/bin/env python3
"""Writes post_reference.json: rows after centring and after all-but-the-top (Mu & Viswanath 2018), by numpy's SVD of the centred rows.

    /usr/bin/python3 make_post_reference.py        # made with numpy 1.24.2

The rows lie in a few directions that all share, with a large common mean, as states of language models do. Values are hundredths, so that
the file stays small.
"""
import json
import pathlib

import numpy as np


def rows_of(rng, n, d, rogue):
    spread = rng.normal(size=(n, d)) + 12 * rng.normal(size=(n, rogue)) @ rng.normal(size=(rogue, d)) / np.sqrt(d)
    return np.round(100 * (spread + 20 * rng.normal(size=d))).astype(int)


def after(x, steps, components):
    removed = components * steps.count("all-but-the-top")
    x = x - x.mean(axis=0)
    if removed:
        axes = np.linalg.svd(x, full_matrices=False)[2][:removed]
        x = x - x @ axes.T @ axes
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def main():
    rng = np.random.default_rng(11)
    cases = []
    for name, n, d, rogue, steps, asked in [("centre", 30, 12, 2, ["centre"], 0),
                                            ("the default is at least one component", 40, 12, 1, ["all-but-the-top"], 0),
                                            ("the default is a hundredth of the dimensions", 60, 120, 3, ["all-but-the-top"], 0),
                                            ("three components", 40, 16, 3, ["all-but-the-top"], 3),
                                            ("both steps", 40, 16, 2, ["centre", "all-but-the-top"], 2),
                                            ("twice", 40, 16, 4, ["all-but-the-top", "all-but-the-top"], 2)]:
        hundredths = rows_of(rng, n, d, rogue)
        components = asked or max(1, round(d / 100))
        out = after(hundredths / 100, steps, components)
        kept = out[:: max(1, n // 6)]   # a few rows are enough to tell
        cases.append({"name": name, "steps": steps, "top_components": asked, "hundredths": hundredths.tolist(),
                      "every": max(1, n // 6), "rows": [[float(f"{v:.8f}") for v in row] for row in kept]})
    target = pathlib.Path(__file__).with_name("post_reference.json")
    target.write_text(json.dumps({"numpy": np.__version__, "cases": cases}, separators=(",", ":")) + "\n")
    print(len(cases), "cases,", target.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
