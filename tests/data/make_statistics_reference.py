#!/usr/bin/python3
"""Writes statistics_reference.json: inputs and what scipy, statsmodels and scikit-learn make of them (Debian python3-scipy,
python3-statsmodels, python3-sklearn)."""
import json
import pathlib

import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats import contingency_tables, inter_rater, meta_analysis, multitest, weightstats

rng = np.random.default_rng(20240501)


def wilcoxon_cases():
    cases = []
    smooth = rng.normal(0.3, 1, 30)
    for side in ("two-sided", "greater", "less"):
        r = stats.wilcoxon(smooth, alternative=side, method="exact")
        cases.append({"d": smooth, "zeros": "wilcox", "method": "exact", "alternative": side, "p": r.pvalue})
    tied = np.round(rng.normal(0.4, 1.2, 60) * 2) / 2
    for zeros in ("wilcox", "pratt"):
        for corrected in (False, True):
            for side in ("two-sided", "greater", "less"):
                r = stats.wilcoxon(tied, zero_method=zeros, alternative=side, correction=corrected, method="approx")
                cases.append({"d": tied, "zeros": zeros, "method": "corrected" if corrected else "asymptotic",
                              "alternative": side, "p": r.pvalue})
    return cases


def correlation_cases():
    cases = []
    for n, digits in ((12, 6), (40, 0), (200, 1)):
        x = np.round(rng.normal(size=n) * 2, digits)
        y = np.round(x + rng.normal(size=n) * 3, digits)
        cases.append({"x": x, "y": y, "pearson": stats.pearsonr(x, y)[0], "spearman": stats.spearmanr(x, y)[0],
                      "kendall": stats.kendalltau(x, y)[0]})
    return cases


def multiplicity_case():
    p = np.sort(rng.uniform(size=25)) ** 3
    p = rng.permutation(np.round(p, 3))
    return {"p": p, **{name: multitest.multipletests(p, method=method)[1]
                       for name, method in (("holm", "holm"), ("bh", "fdr_bh"), ("by", "fdr_by"))}}


def paired_case():
    d = rng.gamma(2, 1, 25) - 1.5
    zero = np.zeros_like(d)
    t = stats.ttest_rel(d, zero)
    b, c = 17, 6
    table = [[40, b], [c, 21]]
    return {"d": d, "t": t.statistic, "p": t.pvalue, "greater": stats.ttest_rel(d, zero, alternative="greater").pvalue,
            "margin": 1.0, "tost": weightstats.ttost_paired(d, zero, -1.0, 1.0)[0], "broken": b, "fixed": c,
            "mcnemar_exact": contingency_tables.mcnemar(table, exact=True).pvalue,
            "mcnemar_chi2": contingency_tables.mcnemar(table, exact=False, correction=False).pvalue,
            "mcnemar_corrected": contingency_tables.mcnemar(table, exact=False, correction=True).pvalue}


def regression_case():
    n = 60
    x = np.column_stack([np.ones(n), rng.normal(size=n), rng.integers(0, 2, n), rng.normal(size=n) ** 2])
    first = rng.integers(0, 9, n)
    second = rng.integers(0, 7, n)
    y = x @ [1, .5, -1, .2] + rng.normal(size=9)[first] + rng.normal(size=n) * (1 + np.abs(x[:, 1]))
    fit = sm.OLS(y, x).fit()
    out = {"x": x, "y": y, "first": first, "second": second, "b": fit.params, "classic": fit.bse, "r2": fit.rsquared,
           "leverages": fit.get_influence().hat_matrix_diag}
    for kind in ("HC0", "HC1", "HC2", "HC3"):
        out[kind] = fit.get_robustcov_results(kind).bse
    hc3 = fit.get_robustcov_results("HC3", use_t=True)
    out["hc3_p"], out["hc3_ci"] = hc3.pvalues, hc3.conf_int()
    one = fit.get_robustcov_results("cluster", groups=first, use_t=True)
    out["cluster"], out["cluster_p"] = one.bse, one.pvalues
    from statsmodels.stats.outliers_influence import variance_inflation_factor
    out["vif"] = [variance_inflation_factor(x, j) for j in (1, 2, 3)]
    return out


def mixed_cases():
    cases = []
    for name, crossed in (("one way", False), ("crossed", True)):
        n = 90
        first = rng.integers(0, 11, n)
        second = rng.integers(0, 8, n)
        x = np.column_stack([np.ones(n), rng.normal(size=n)])
        y = x @ [2, -.7] + 1.3 * rng.normal(size=11)[first] + (0.8 * rng.normal(size=8)[second] if crossed else 0) + rng.normal(size=n)
        if crossed:
            exog_vc = {"first": {0: np.eye(11)[first]}, "second": {0: np.eye(8)[second]}}
            names = sorted(exog_vc)
            vc = statsmodels.regression.mixed_linear_model.VCSpec(
                names, [[[f"{k}{i}" for i in range(exog_vc[k][0].shape[1])]] for k in names], [[exog_vc[k][0]] for k in names])
            model = sm.MixedLM(y, x, groups=np.zeros(n), exog_vc=vc)
        else:
            model = sm.MixedLM(y, x, groups=first)
        fit = model.fit(reml=True, method=["bfgs", "powell", "nm"], maxiter=5000)
        variances = list(fit.vcomp) if crossed else [fit.cov_re[0, 0] if isinstance(fit.cov_re, np.ndarray) else fit.cov_re.iloc[0, 0]]
        # Its standard errors also carry the uncertainty of the variances; here those of the fixed part given the variances.
        v = fit.scale * np.eye(n)
        for variance, factor, levels in zip(variances, (first, second), (11, 8)):
            z = np.eye(levels)[factor]
            v += variance * z @ z.T
        se = np.sqrt(np.diag(np.linalg.inv(x.T @ np.linalg.solve(v, x))))
        cases.append({"name": name, "x": x, "y": y, "first": first, "second": second if crossed else [],
                      "b": fit.fe_params, "se": se, "variances": variances, "residual": fit.scale})
    return cases


def meta_case():
    y = rng.normal(0.2, 0.6, 9)  # heterogeneous: statsmodels does not cut a negative tau2 at 0
    v = rng.uniform(0.01, 0.08, 9)
    r = meta_analysis.combine_effects(y, v, method_re="chi2")
    return {"y": y, "v": v, "fixed": r.mean_effect_fe, "fixed_se": r.sd_eff_w_fe, "random": r.mean_effect_re,
            "random_se": r.sd_eff_w_re, "tau2": r.tau2, "q": r.q, "i2": r.i2}


def agreement_case():
    table = rng.integers(1, 15, (4, 4)) + np.diag(rng.integers(10, 30, 4))
    r = inter_rater.cohens_kappa(table)
    counts = rng.multinomial(5, [.5, .3, .2], 20)
    return {"table": table, "kappa": r.kappa, "se": r.std_kappa, "low": r.kappa_low, "high": r.kappa_upp,
            "counts": counts, "fleiss": inter_rater.fleiss_kappa(counts)}


def bca():
    """The levels and bounds of scipy's own BCa interval for given draws of the mean."""
    x = rng.gamma(1.5, 1, 18)
    draws = rng.choice(x, (999, 18)).mean(axis=1)
    from scipy.stats._resampling import _bca_interval
    result = _bca_interval((x,), lambda s, axis: np.mean(s, axis=axis), -1, 0.05, draws, None)
    low, high = float(np.ravel(result[0])[0]), float(np.ravel(result[1])[0])
    return {"x": x, "draws": draws, "level": 0.9, "low_level": low, "high_level": high, "low": np.quantile(draws, low), "high": np.quantile(draws, high)}


def ranking_case():
    from sklearn.isotonic import isotonic_regression
    from sklearn.metrics import average_precision_score, balanced_accuracy_score, roc_auc_score
    label = rng.integers(0, 2, 80)
    score = np.round(rng.normal(size=80) + label, 1)
    y, w = rng.normal(size=40) + np.linspace(0, 2, 40), rng.uniform(0.2, 3, 40)
    return {"score": score, "label": label, "auc": roc_auc_score(label, score), "ap": average_precision_score(label, score),
            "balanced": balanced_accuracy_score(label, score > 0.5), "y": y, "w": w, "isotonic": isotonic_regression(y, sample_weight=w)}


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(v) for v in value]
    return float(value) if isinstance(value, (float, np.floating)) else int(value) if isinstance(value, (int, np.integer)) else value


reference = {
    "versions": {"scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "numpy": np.__version__},
    "wilcoxon": wilcoxon_cases(), "correlation": correlation_cases(), "multiplicity": multiplicity_case(), "paired": paired_case(),
    "regression": regression_case(), "mixed": mixed_cases(), "meta": meta_case(), "agreement": agreement_case(), "bca": bca(),
    "ranking": ranking_case(),
}
path = pathlib.Path(__file__).with_name("statistics_reference.json")
path.write_text(json.dumps(plain(reference)) + "\n")
print(path, path.stat().st_size, "bytes")
