#!/usr/bin/python3
"""Are the control p-values honest? Random labels must give p_ctrl that cannot be told from uniform.

    tests/benchmarks/random_labels.py DEMO_DIR LACUNA_CLI OUT_DIR [clusters]

Gives every demo document a random label, runs the whole pipeline on these clusters (metadata clusters, probes, mean ablation of S_i,
20 controls of two kinds) and compares p_ctrl with the uniform distribution on {1/21 … 21/21} by a Kolmogorov-Smirnov test; ties are broken by
adding a uniform fraction of one step, seeded. Needs python3-scipy. Probes of permuted labels are exchangeable with the target by construction; matched
random neurons are so only as far as what they are matched on decides an effect.
"""
import csv
import json
import pathlib
import random
import subprocess
import sys

from scipy import stats

demo, cli, out = (pathlib.Path(a).resolve() for a in sys.argv[1:4])
clusters = int(sys.argv[4]) if len(sys.argv) > 4 else 100
out.mkdir(parents=True, exist_ok=True)
draw = random.Random(7)

with open(demo / "corpus.jsonl") as source, open(out / "corpus.jsonl", "w") as target:
    for line in source:
        row = json.loads(line)
        row["label"] = f"r{draw.randrange(clusters):03d}"
        target.write(json.dumps(row) + "\n")

spec = json.loads((demo / "study.json").read_text())
spec["name"] = "random labels"
spec["model"] = str(demo / spec["model"])
spec["corpus"] = {"path": "corpus.jsonl", "text_field": "text"}
spec["clusters"] = {"method": "metadata", "field": "label"}
spec["probes"] = {"documents": 8000, "max_tokens": 48, "layers": [1], "lambdas": [0.01], "folds": 2}
spec["perturbations"] = [{"method": "mean", "layer": 1, "epsilons": [1.0]}]
spec["controls"] = {"draws": 20, "kinds": ["matched", "permuted"]}
spec["similarity"] = {"documents": 10}
spec["tasks"] = [{"file": str(demo / task["file"])} for task in spec["tasks"]]
(out / "study.json").write_text(json.dumps(spec, indent=1))

subprocess.run([cli, "run", out / "study.json", "--study", out / "random.lacuna"], check=True)
subprocess.run([cli, "export", out / "random.lacuna", "--out", out / "tables", "--what", "controls"], check=True, stdout=subprocess.DEVNULL)

kinds = {}
for row in csv.DictReader(open(out / "tables" / "controls.csv")):
    if row["metric"] == "margin" and row["p_control"]:
        kinds.setdefault(row["kind"], {}).setdefault(row["task"], []).append((float(row["p_control"]), int(row["n_controls"])))
for kind, tasks in kinds.items():
    print(f"{kind} controls\n{'task':14} {'n':>4} {'mean p':>7} {'p<=.05':>7} {'KS D':>7} {'KS p':>7}")
    worst = 1.0
    for task, values in sorted(tasks.items()):
        p = [v for v, _ in values]
        spread = [v - draw.random() / (r + 1) for v, r in values]
        d, ks = stats.kstest(spread, "uniform")
        worst = min(worst, ks)
        print(f"{task:14} {len(p):4} {sum(p) / len(p):7.3f} {sum(v <= 0.05 for v in p) / len(p):7.3f} {d:7.3f} {ks:7.3f}")
    print(f"smallest KS p {worst:.4f} over {len(tasks)} tasks: {'not told from uniform' if worst > 0.01 / len(tasks) else 'NOT uniform'} (Bonferroni, 0.01)\n")
