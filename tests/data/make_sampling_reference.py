#!/usr/bin/env python3
"""Which tokens temperature, top-k and top-p leave, and their probabilities: transformers' logits warpers.

    pip install torch==2.8.0 transformers==4.53.3; python make_sampling_reference.py > sampling_reference.json"""
import json
import torch
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

torch.manual_seed(3)
rows = []
for temperature, k, p, spread, n in [(1.0, 0, 1.0, 1, 12), (0.7, 0, 0.9, 2, 30), (1.0, 5, 1.0, 2, 30), (1.3, 8, 0.8, 1.5, 40), (0.2, 0, 0.95, 1, 20),
                                     (1.0, 0, 0.9, 0.1, 200), (1.0, 0, 0.05, 3, 15), (2.0, 50, 0.5, 4, 120), (1.0, 1, 1.0, 1, 9), (1.0, 0, 0.999, 3, 150)]:
    logits = ((torch.randn(1, n, dtype=torch.float64) * spread * 1024).round() / 1024).float()
    if n == 9:
        logits[0, 4] = logits[0].max() + 1
    x = TemperatureLogitsWarper(temperature)(None, logits.double())
    if k:
        x = TopKLogitsWarper(k)(None, x)
    if p < 1:
        x = TopPLogitsWarper(p)(None, x)
    probs = x.softmax(-1)[0]
    rows.append({"temperature": temperature, "top_k": k, "top_p": p, "logits": logits[0].tolist(),
                 "kept": {str(i): q for i, q in enumerate(probs.tolist()) if q > 0}})
print(json.dumps(rows))
