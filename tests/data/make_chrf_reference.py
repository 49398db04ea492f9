#!/usr/bin/env python3
"""Sentence chrF of sacreBLEU 2.6 (pip install sacrebleu==2.6.0): python make_chrf_reference.py > chrf_reference.json"""
import json, random
from sacrebleu.metrics import CHRF

chrf, rng = CHRF(), random.Random(5)
pairs = [("", ""), ("a", ""), ("", "a"), ("a", "a"), ("ab", "ba"), ("the cat sat", "the cat sat on the mat"), ("A  cat\tsat", "A cat sat"), ("café ☕", "cafe ☕"),
         ("日本語 テスト", "日本語のテスト"), ("same text here", "same text here"), ("short", "a much longer reference text"), ("1,212", "1212")]
words = "the a cat dog sat on mat über naïve 42 . , ! green".split()
for _ in range(24):
    text = [rng.choice(words) for _ in range(rng.randint(1, 9))]
    other = [rng.choice(words) if rng.random() < .4 else w for w in text]
    pairs.append((" ".join(text), " ".join(other)))
print(json.dumps([{"hypothesis": h, "reference": r, "chrf": chrf.sentence_score(h, [r]).score} for h, r in pairs], indent=1, ensure_ascii=False))
