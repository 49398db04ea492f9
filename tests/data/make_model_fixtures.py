#!/usr/bin/env python3
"""Writes the decoder fixtures of tests/data/models that the shared parity set has no configuration for.

    python3 make_model_fixtures.py PATH/TO/make_parity_fixtures.py

The generator is that of the shared set (torch 2.8.0, transformers 4.53.3); only the configurations are ours. `sweep N`
as a second argument writes N random configurations to sweep/models instead, for LACUNA_PARITY_MODELS of the parity test.
"""
import importlib.util
import random
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

FIXTURES = [
    dict(name="gptj_tied", cls="GPTJForCausalLM", lens=[11, 4], dtype="float16", shards=2,
         cfg=dict(vocab_size=67, n_positions=48, n_embd=24, n_layer=2, n_head=3, n_inner=40, rotary_dim=4, activation_function="gelu",
                  layer_norm_epsilon=0.01, tie_word_embeddings=True, bos_token_id=0, eos_token_id=0)),
    dict(name="neox_yarn_nobias", cls="GPTNeoXForCausalLM", lens=[23, 5], v5=True,
         cfg=dict(vocab_size=71, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=44, max_position_embeddings=32,
                  rotary_pct=0.5, rotary_emb_base=700, use_parallel_residual=True, hidden_act="quick_gelu", layer_norm_eps=0.02,
                  attention_bias=False, tie_word_embeddings=True, rope_scaling=dict(rope_type="yarn", factor=2.0, attention_factor=1.3),
                  bos_token_id=0, eos_token_id=2)),
    dict(name="mistral_body", cls="MistralModel", lens=[17, 3], dtype="bfloat16", prefix=False, no_reload=True,
         cfg=dict(vocab_size=73, hidden_size=20, intermediate_size=36, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
                  head_dim=8, max_position_embeddings=16, sliding_window=6, rms_norm_eps=0.01, hidden_act="relu",
                  rope_scaling=dict(type="dynamic", factor=2.0), bos_token_id=1, eos_token_id=2)),
    dict(name="qwen2_layer_types", cls="Qwen2ForCausalLM", lens=[19, 6], dtype="mixed", v5=True,
         cfg=dict(vocab_size=79, hidden_size=24, intermediate_size=40, num_hidden_layers=3, num_attention_heads=6, num_key_value_heads=3,
                  max_position_embeddings=64, use_sliding_window=True, sliding_window=5, max_window_layers=0,
                  layer_types=["sliding_attention", "full_attention", "sliding_attention"], tie_word_embeddings=False, rms_norm_eps=0.01,
                  rope_scaling=dict(rope_type="llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=2.0, original_max_position_embeddings=16),
                  bos_token_id=0, eos_token_id=[0, 1])),
    dict(name="opt_plain_norms", cls="OPTForCausalLM", lens=[14, 5], layout="raw",
         cfg=dict(vocab_size=83, hidden_size=28, num_hidden_layers=2, ffn_dim=50, num_attention_heads=4, word_embed_proj_dim=40,
                  do_layer_norm_before=True, max_position_embeddings=48, activation_function="gelu", enable_bias=False,
                  layer_norm_elementwise_affine=False, _remove_final_layer_norm=True, tie_word_embeddings=False, bos_token_id=2,
                  eos_token_id=2, pad_token_id=1)),
    dict(name="gpt2_untied_upcast", cls="GPT2LMHeadModel", lens=[12, 4], dtype="float64",
         cfg=dict(vocab_size=61, n_positions=40, n_embd=35, n_layer=2, n_head=5, n_inner=44, activation_function="silu", layer_norm_epsilon=0.01,
                  scale_attn_weights=False, scale_attn_by_inverse_layer_idx=True, reorder_and_upcast_attn=True, tie_word_embeddings=False,
                  bos_token_id=0, eos_token_id=1)),
]

ACTIVATIONS = ["silu", "gelu", "gelu_new", "relu", "quick_gelu", "gelu_pytorch_tanh", "tanh", "swish", "gelu_fast", "gelu_python", "gelu_10"]


def rope(r, positions):
    kind = r.choice(["none", "none", "default", "linear", "dynamic", "llama3", "yarn", "yarn with more keys"])
    key = r.choice(["type", "rope_type"])
    if kind == "none":
        return None
    if kind == "llama3":
        return dict(rope_type=kind, factor=r.choice([8.0, 32.0, 2.0]), low_freq_factor=r.choice([1.0, 0.5]), high_freq_factor=r.choice([4.0, 2.0]),
                    original_max_position_embeddings=r.choice([8, 16, 32]))
    if not kind.startswith("yarn"):
        return {key: kind} if kind == "default" else {key: kind, "factor": r.choice([2.0, 3.5])}
    out = dict(rope_type="yarn", factor=4.0)
    if kind != "yarn":
        out["original_max_position_embeddings"] = positions // 4
        out.update(r.choice([{}, dict(attention_factor=1.3), dict(beta_fast=4.0, beta_slow=0.5)]))
    return out


def random_gpt2(r, layers):
    heads, dims = r.choice([1, 2, 3, 5]), r.choice([4, 7, 8, 10, 16])
    return dict(n_positions=r.choice([40, 64]), n_embd=heads * dims, n_layer=layers, n_head=heads, n_inner=r.choice([None, 40, 99]),
                activation_function=r.choice(ACTIVATIONS), layer_norm_epsilon=r.choice([1e-5, .01]), scale_attn_weights=r.random() < .7,
                scale_attn_by_inverse_layer_idx=r.random() < .4, reorder_and_upcast_attn=r.random() < .3, tie_word_embeddings=r.random() < .6,
                bos_token_id=0, eos_token_id=1)


def random_neox(r, layers):
    heads, dims, positions, share = r.choice([1, 2, 3, 5]), r.choice([8, 12, 16, 20]), r.choice([16, 64]), r.choice([.25, .5, 1.0, .75])
    while int(dims * share) % 2 or int(dims * share) < 4:
        share = r.choice([.5, 1.0])
    return dict(hidden_size=heads * dims, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=r.choice([40, 99]),
                max_position_embeddings=positions, rotary_pct=share, rotary_emb_base=r.choice([10000, 500, 1e6]), use_parallel_residual=r.random() < .5,
                hidden_act=r.choice(ACTIVATIONS), layer_norm_eps=r.choice([1e-5, .02]), attention_bias=r.random() < .6,
                tie_word_embeddings=r.random() < .3, rope_scaling=rope(r, positions), bos_token_id=0, eos_token_id=2)


def random_llama(r, layers, kind):
    keys, dims, positions = r.choice([1, 2, 3]), r.choice([4, 6, 8, 10, 16]), r.choice([16, 64, 64])
    heads = keys * r.choice([1, 2, 4])
    own = r.random() < .4
    out = dict(hidden_size=heads * r.choice([4, 7]) if own else heads * dims, intermediate_size=r.choice([40, 77]), num_hidden_layers=layers,
               num_attention_heads=heads, num_key_value_heads=keys, max_position_embeddings=positions, rms_norm_eps=r.choice([1e-5, 1e-6, .02]),
               rope_theta=r.choice([10000.0, 500.0, 500000.0]), tie_word_embeddings=r.random() < .4, hidden_act=r.choice(ACTIVATIONS),
               rope_scaling=rope(r, positions), bos_token_id=1, eos_token_id=2)
    if own or kind == "mistral":  # the reference cannot scale Mistral's RoPE without it
        out["head_dim"] = dims
    if kind == "llama":
        out.update(attention_bias=r.random() < .5, mlp_bias=r.random() < .5)
    if kind == "mistral":
        out["sliding_window"] = r.choice([None, 1, 3, 8, 200])
    if kind == "qwen2":
        out.update(use_sliding_window=r.random() < .7, sliding_window=r.choice([3, 6]), max_window_layers=r.choice([0, 1, 2]))
        if out["use_sliding_window"] and r.random() < .3:
            out["layer_types"] = [r.choice(["full_attention", "sliding_attention"]) for _ in range(layers)]
    return out


def random_opt(r, layers):
    heads, dims = r.choice([1, 2, 3, 5]), r.choice([4, 8, 10, 16])
    width = heads * dims
    return dict(hidden_size=width, num_hidden_layers=layers, ffn_dim=r.choice([40, 99]), num_attention_heads=heads,
                word_embed_proj_dim=r.choice([width, width, 12, 40]), do_layer_norm_before=r.random() < .6, max_position_embeddings=r.choice([40, 64]),
                activation_function=r.choice(["relu", "gelu", "silu", "gelu_new"]), enable_bias=r.random() < .7,
                layer_norm_elementwise_affine=r.random() < .7, _remove_final_layer_norm=r.random() < .3, tie_word_embeddings=r.random() < .7,
                bos_token_id=2, eos_token_id=2, pad_token_id=1)


def random_gptj(r, layers):
    heads, dims = r.choice([1, 2, 3]), r.choice([8, 12, 16])
    return dict(n_positions=r.choice([48, 64]), n_embd=heads * dims, n_layer=layers, n_head=heads, n_inner=r.choice([None, 50]),
                rotary_dim=r.choice([2, 4, 8]), activation_function=r.choice(ACTIVATIONS), layer_norm_epsilon=r.choice([1e-5, .01]),
                tie_word_embeddings=r.random() < .4, bos_token_id=0, eos_token_id=0)


RANDOM = {"GPT2": random_gpt2, "GPTNeoX": random_neox, "Llama": lambda r, n: random_llama(r, n, "llama"), "OPT": random_opt, "GPTJ": random_gptj,
          "Mistral": lambda r, n: random_llama(r, n, "mistral"), "Qwen2": lambda r, n: random_llama(r, n, "qwen2")}


def random_fixture(number):
    r = random.Random(number)
    family = list(RANDOM)[number % len(RANDOM)]
    out = dict(name=f"{number:04d}_{family}", cfg=dict(RANDOM[family](r, r.randint(1, 4)), vocab_size=r.randrange(60, 200)),
               lens=[r.randrange(6, 25), r.choice([1, 2, 5, 9])], v5=family in ("GPTNeoX", "Llama", "Mistral", "Qwen2") and r.random() < .4)
    body = r.random() < .15 and not (family == "OPT" and out["cfg"]["word_embed_proj_dim"] != out["cfg"]["hidden_size"])
    out["cls"] = family + ("Model" if body else "LMHeadModel" if family == "GPT2" else "ForCausalLM")
    if r.random() < .35:
        out["dtype"] = r.choice(["float16", "bfloat16", "mixed", "float64"])
    out.update(r.choice([{}, {}, dict(shards=2), dict(shards=3), dict(layout="raw"), dict(metadata=None)]))
    if r.random() < .3:
        out.update(prefix=False, no_reload=True)
    extra = {"GPT2": "gpt2_masks", "GPTNeoX": "neox_buffers", "Llama": "llama_inv_freq"}.get(family)
    if extra and r.random() < .4 and not body and "prefix" not in out:
        out["extra"] = [extra]
    return out


def write(generator, root, fixture):
    """Other random weights when these happen to leave no clear greedy continuation or too much rounding noise."""
    for attempt in range(8):
        shutil.rmtree(root / "models" / fixture["name"], ignore_errors=True)
        try:
            generator.write_model(root, dict(fixture, seed=f"weight{attempt}"), dict(root=root, images=[]))
            return
        except generator.Problem as problem:
            print(problem)
    shutil.rmtree(root / "models" / fixture["name"], ignore_errors=True)


def main():
    spec = importlib.util.spec_from_file_location("generator", sys.argv[1])
    generator = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(Path(sys.argv[1]).parent))
    spec.loader.exec_module(generator)
    sweep = sys.argv[2:3] == ["sweep"]
    root = Path("sweep").resolve() if sweep else HERE
    (root / "models").mkdir(parents=True, exist_ok=True)
    for fixture in [random_fixture(i) for i in range(int(sys.argv[3]))] if sweep else FIXTURES:
        write(generator, root, fixture)


if __name__ == "__main__":
    main()
