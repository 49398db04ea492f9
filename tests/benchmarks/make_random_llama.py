#!/usr/bin/env python3
"""Writes a LLaMA-shaped folder of random weights, of any size, for the layer-streaming benchmark.

    make_random_llama.py DIR [--width 2048 --layers 32 --mlp 5632 --heads 16 --vocabulary 32000 --dtype F16]

One shard a layer, as large checkpoints have them, and one for what lies outside. Needs NumPy.
"""
import argparse
import json
import os
import struct

import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("folder")
for name, value in {"width": 2048, "layers": 32, "mlp": 5632, "heads": 16, "vocabulary": 32000}.items():
    parser.add_argument("--" + name, type=int, default=value)
parser.add_argument("--dtype", choices=["F16", "F32"], default="F16")
o = parser.parse_args()
os.makedirs(o.folder, exist_ok=True)
rng = np.random.default_rng(1)
weight_map, total = {}, 0


def matrix(rows, columns):
    dtype = np.float16 if o.dtype == "F16" else np.float32
    return (rng.standard_normal((rows, columns), dtype=np.float32) * (0.7 / columns**0.5)).astype(dtype)


def write(shard, tensors):
    """One safetensors file; the tensors are written as they are made."""
    global total
    header, offset = {}, 0
    width = 2 if o.dtype == "F16" else 4
    for name, (shape, _) in tensors.items():
        size = width * int(np.prod(shape))
        header[name] = {"dtype": o.dtype, "shape": shape, "data_offsets": [offset, offset + size]}
        weight_map[name] = shard
        offset += size
    total += offset
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(o.folder, shard), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for shape, make in tensors.values():
            make(shape).tofile(file)


def some(shape):
    return matrix(*shape)


def ones(shape):
    return np.ones(shape, np.float16 if o.dtype == "F16" else np.float32)


d, f = o.width, o.mlp
for i in range(o.layers):
    p = f"model.layers.{i}."
    tensors = {p + f"self_attn.{n}_proj.weight": ([d, d], some) for n in "qkvo"}
    tensors |= {p + "mlp.gate_proj.weight": ([f, d], some), p + "mlp.up_proj.weight": ([f, d], some), p + "mlp.down_proj.weight": ([d, f], some)}
    tensors |= {p + "input_layernorm.weight": ([d], ones), p + "post_attention_layernorm.weight": ([d], ones)}
    write(f"model-{i + 1:05d}-of-{o.layers + 1:05d}.safetensors", tensors)
write(f"model-{o.layers + 1:05d}-of-{o.layers + 1:05d}.safetensors",
      {"model.embed_tokens.weight": ([o.vocabulary, d], some), "model.norm.weight": ([d], ones), "lm_head.weight": ([o.vocabulary, d], some)})
with open(os.path.join(o.folder, "model.safetensors.index.json"), "w") as file:
    json.dump({"metadata": {"total_size": total}, "weight_map": weight_map}, file)
with open(os.path.join(o.folder, "config.json"), "w") as file:
    json.dump({"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": d, "intermediate_size": f, "num_hidden_layers": o.layers,
               "num_attention_heads": o.heads, "num_key_value_heads": o.heads, "vocab_size": o.vocabulary, "max_position_embeddings": 4096,
               "rms_norm_eps": 1e-5, "tie_word_embeddings": False, "torch_dtype": "float16" if o.dtype == "F16" else "float32"}, file)
