#!/usr/bin/env python3
"""Rolling log-likelihoods of whole documents by lm-evaluation-harness: tests/data/documents.

    pip install torch==2.8.0 transformers==4.53.3 lm_eval==0.4.13 accelerate; python make_documents_reference.py tests/data"""
import json, pathlib, re, sys
import torch
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM

data = pathlib.Path(sys.argv[1])
words = "The baker lost a ladder because she was silly . People say that every boat in Kelmere is useless Question : Answer".split()
long = " ".join(words[(i * 7 + i // 5) % len(words)] for i in range(420))
texts = ["The boat is bright.", "  two\n\nlines  and\tspace ", long, "café naïve ☕ 日本", "x"]
(data / "documents").mkdir(exist_ok=True)
(data / "documents/documents.jsonl").write_text("".join(json.dumps({"text": t}, ensure_ascii=False) + "\n" for t in texts))
out = {"words": [len(re.split(r"\s+", t)) for t in texts], "bytes": [len(t.encode()) for t in texts]}
for name in ("gpt2-trained", "llama-random"):
    lm = HFLM(pretrained=str(data / "tasks/models" / name), device="cpu", dtype="float32", batch_size=1)
    out[name] = lm.loglikelihood_rolling([Instance("loglikelihood_rolling", {}, (t,), i) for i, t in enumerate(texts)], disable_tqdm=True)
(data / "documents/expected.json").write_text(json.dumps(out, indent=1))
