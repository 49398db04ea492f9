#!/usr/bin/env python3
"""Writes terms_reference.json: c-TF-IDF weights of random counts by BERTopic's own class.

    pip install bertopic scikit-learn scipy        # made with bertopic 0.17.4; only its vectorizers/_ctfidf.py is imported
    ./make_terms_reference.py PATH/TO/bertopic/vectorizers/_ctfidf.py

counts: [classes, words]. weights: rows of tf · idf in fp64, plain and in the BM25 form (whose negative weights Lacuna sets to 0).
"""
import importlib.util
import json
import pathlib
import sys

import numpy as np
import scipy.sparse as sp

spec = importlib.util.spec_from_file_location("ctfidf", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)

rng = np.random.default_rng(11)
sets = []
for classes, words, rate in ((2, 9, 2.0), (5, 24, 1.2), (3, 40, 6.0), (8, 15, 0.7)):
    counts = rng.poisson(rate * rng.gamma(0.8, 1.0, words), (classes, words))
    counts[:, 0] += 1          # no class without a word
    counts[0, counts.sum(0) == 0] = 1   # and no word without a class
    entry = {"counts": counts.tolist()}
    for name, bm25 in (("c_tf_idf", False), ("bm25", True)):
        weights = module.ClassTfidfTransformer(bm25_weighting=bm25).fit(sp.csr_matrix(counts)).transform(sp.csr_matrix(counts))
        entry[name] = weights.toarray().tolist()
    sets.append(entry)
pathlib.Path(__file__).with_name("terms_reference.json").write_text(json.dumps({"sets": sets}) + "\n")
