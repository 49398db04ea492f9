#!/usr/bin/env python3
"""Writes the folders of tests/data/tokenizers that have no tokenizer.json and whose kind the shared parity set does not have.

    python3 make_tokenizer_fixtures.py PATH/TO/make_parity_fixtures.py

The generator and its texts are those of the shared set (tokenizers 0.21.4, transformers 4.53.3, sentencepiece 0.2); the expected
ids are those of the fast tokenizer that AutoTokenizer makes of the folder. Every third text is kept, to stay small.
"""
import importlib.util
import runpy
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
UNIGRAM = dict(model_type="unigram", character_coverage=0.995, normalization_rule_name="identity")
NAMED = dict(UNIGRAM, pad_id=0, bos_id=1, eos_id=2, unk_id=3, pad_piece="[PAD]", bos_piece="[CLS]", eos_piece="[SEP]", unk_piece="[UNK]")
BERT_LIKE = dict(UNIGRAM, pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, pad_piece="<pad>", control_symbols=["[CLS]", "[SEP]", "[MASK]"])


def kinds(generator):
    def sentencepiece(cls, file, train, **init):
        return lambda folder, spec, lines: generator.files_sentencepiece(folder, spec, lines, cls, file, train, **init)
    return {
        "files_qwen2": ("qwen2", lambda folder, spec, lines: generator.files_bpe(folder, spec, lines, "Qwen2Tokenizer", [],
                                                                                 additional_special_tokens=["<|im_start|>", "<|im_end|>"])),
        "files_t5": ("t5", sentencepiece("T5Tokenizer", "spiece.model", dict(UNIGRAM, pad_id=0, eos_id=1, unk_id=2, bos_id=-1), legacy=False, extra_ids=8)),
        "files_albert": ("albert", sentencepiece("AlbertTokenizer", "spiece.model", BERT_LIKE)),
        "files_rembert": ("rembert", sentencepiece("RemBertTokenizer", "sentencepiece.model", BERT_LIKE, do_lower_case=True, keep_accents=False)),
        "files_deberta": ("deberta-v2", sentencepiece("DebertaV2Tokenizer", "spm.model", NAMED, split_by_punct=True, do_lower_case=True)),
        "files_llama_unigram": ("llama", sentencepiece("LlamaTokenizer", "tokenizer.model",
                                                       dict(UNIGRAM, byte_fallback=True, unk_id=0, bos_id=1, eos_id=2, pad_id=-1), add_eos_token=True)),
    }


def main():
    spec = importlib.util.spec_from_file_location("generator", sys.argv[1])
    generator = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(Path(sys.argv[1]).parent))
    spec.loader.exec_module(generator)
    generator.tokenizer_mistakes = lambda *_: {}
    cfg = runpy.run_path(str(Path(sys.argv[1]).parent / "parity_shared.py"))
    cfg["TEXTS"] = [text for text in cfg["TEXTS"][::3] if len(text) < 200] + ["<extra_id_0> <extra_id_7>x", "<0x41> <unk> [UNK] [MASK] </s>"]
    for name, (model_type, build) in kinds(generator).items():
        generator.FILE_KINDS[name], generator.MODEL_TYPE[name] = build, model_type
        shutil.rmtree(HERE / "tokenizers" / name, ignore_errors=True)
        generator.write_tokenizer(HERE, dict(name=name, kind=name, vocab=580 if "llama" in name else 360), cfg)


if __name__ == "__main__":
    main()
