#!/usr/bin/env python3
"""GSM8K's extractors and comparison on adversarial strings, by Python's own re: python make_extraction_reference.py > extraction_reference.json"""
import json, random, re


def first(pattern, text):
    found = re.findall(pattern, text)
    return found[0].strip() if found else "[invalid]"


def last(pattern, text):
    found = re.findall(pattern, text)
    return next((g for g in found[-1] if g), "").strip() if found else "[invalid]"


def normalised(text):
    for pattern in (",", r"\$", r"(?s).*#### ", r"\.$"):
        text = re.sub(pattern, "", text)
    return text.lower()


given = ["#### 1,212", "#### -5.", "#### $5", "####5", "#### ", "#### .", "#### ,", "a #### 1 b #### 2", "####  7", "$1,200.50 then 3*4=12.", "-", "--5", "5-3", "- 5", "$", "$$",
         "..", ".,", "1.000.000", "٣٤", "１２", "#### ٣", "#### 1 000", "1e5", "½", "−5", "#### −5", "5%", "$5.", "#### 12.\n", "#### 12.\n\n", "The answer is 42", "#### 1\n#### 2",
         "3,", "3.", ",3", ".5", "-.5", "-$5", "$-5", "#### --5", "#### 1-2", "", " ", "\u00a07", "7\u00a0", "####\u00a07", "A#### 5X", "1\u200b2", "0x1F", "１,234", "-1,000.", "5 -", "5.-"]
rng = random.Random(11)
alphabet = list("0123456789.,-$# \nab") + ["#### ", "#### -", "٣", "é"]
given += ["".join(rng.choice(alphabet) for _ in range(rng.randint(1, 14))) for _ in range(260)]
print(json.dumps([{"text": t, "strict": first(r"#### (\-?[0-9\.\,]+)", t), "flexible": last(r"(-?[$0-9.,]{2,})|(-?[0-9]+)", t), "normalised": normalised(t)} for t in given],
                 ensure_ascii=False, indent=0))
