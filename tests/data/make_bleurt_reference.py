#!/usr/bin/env python3
"""Tiny regressors over pairs of texts, and what the reference makes of them: tests/data/judges.

    pip install torch==2.8.0 transformers==4.53.3 sentencepiece; python make_bleurt_reference.py OUT

bert      BertForSequenceClassification, one label, WordPiece: as the ports of BLEURT's first checkpoints
bleurt    BleurtForSequenceClassification with narrow embeddings and a projection, SentencePiece alone: as the ports of BLEURT-20
rembert   RemBertForSequenceClassification, SentencePiece alone
toxic6    BertForSequenceClassification with the labels of a multi-label toxicity model and no problem_type
Networks are those of transformers, BLEURT's put together here from its BERT layers; pairs are cut by the rule of BLEURT's own code."""
import json, pathlib, sys
import sentencepiece, torch
from safetensors.torch import save_file
from transformers import (BertConfig, BertForSequenceClassification, BertModel, BertTokenizer, RemBertConfig,
                          RemBertForSequenceClassification)

OUT = pathlib.Path(sys.argv[1])
WORDS = ("the a cat dog bird sat on mat chirps by window random sentence looks like this is old new river stone green house walks sings slowly "
         "under over tree morning evening child reads book letter seven apples basket market road café naïve").split()
PAIRS = [("The cat sat on the mat.", "The cat sat on the mat."), ("a bird chirps by the window", "this is a random sentence"), ("", "the dog"), ("the dog", ""),
         ("Old rivers, green stones", "naïve café 7 apples"), ("the cat " * 20, "a dog"), ("a dog", "the cat " * 20), ("the river " * 20, "green house " * 20),
         ("seven apples " * 9 + "sat", "seven apples " * 9 + "sings")]


def cut(a, b, room):
    a, b = list(a), list(b)
    while len(a) + len(b) > room:
        (a if len(a) > len(b) else b).pop()
    return a, b


class Bleurt(torch.nn.Module):
    """BERT whose embeddings are narrower than its layers."""
    def __init__(self, config, narrow):
        super().__init__()
        inner = BertConfig(**{**config.to_dict(), "hidden_size": narrow, "num_attention_heads": 1})
        self.embeddings = BertModel(inner, add_pooling_layer=False).embeddings
        body = BertModel(config)
        self.projection, self.encoder, self.pooler = torch.nn.Linear(narrow, config.hidden_size), body.encoder, body.pooler
        self.classifier = torch.nn.Linear(config.hidden_size, 1)

    def forward(self, ids, types):
        x = self.projection(self.embeddings(input_ids=ids, token_type_ids=types))
        return self.classifier(self.pooler(self.encoder(x).last_hidden_state))

    def tensors(self):
        names = {"embeddings.": "bleurt.embeddings.", "projection.": "bleurt.encoder.embedding_projection.", "encoder.": "bleurt.encoder.",
                 "pooler.": "bleurt.pooler.", "classifier.": "classifier."}
        out = {}
        for key, value in self.state_dict().items():
            begin = next(n for n in names if key.startswith(n))
            out[names[begin] + key[len(begin):]] = value.clone().contiguous()
        return out


def shaken(model, seed):
    torch.manual_seed(seed)
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.randn_like(p) * 0.15)
    return model.eval()


def word_piece(folder, room):
    chars = sorted(set("".join(WORDS).replace("é", "e").replace("ï", "i") + "0123456789.,"))
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + chars + ["##" + c for c in chars] + [w for w in WORDS[:20] if len(w) > 1]
    (folder / "vocab.txt").write_text("\n".join(vocab) + "\n")
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": room}))
    tokenizer = BertTokenizer(str(folder / "vocab.txt"))
    encode = lambda text: tokenizer.convert_tokens_to_ids(tokenizer.tokenize(text))
    return len(vocab), encode, tokenizer.cls_token_id, tokenizer.sep_token_id


def sentence_piece(folder, name, rule, config):
    lines = [" ".join(WORDS[(i * 7 + j * 3) % len(WORDS)] for j in range(8)) for i in range(400)]
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(lines), model_prefix=str(folder / "sp"), vocab_size=120, hard_vocab_limit=False, normalization_rule_name=rule, model_type="unigram",
                                             unk_id=1, pad_id=0, bos_id=-1, eos_id=-1, control_symbols=["[CLS]", "[SEP]", "[MASK]"], pad_piece="[PAD]", unk_piece="[UNK]", minloglevel=2)
    (folder / "sp.model").rename(folder / name)
    (folder / "sp.vocab").unlink()
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    sp = sentencepiece.SentencePieceProcessor(model_file=str(folder / name))
    return sp.get_piece_size(), sp.encode, sp.piece_to_id("[CLS]"), sp.piece_to_id("[SEP]")


def write(name, model, config, tokenizer, room, run):
    folder = OUT / name
    _, encode, cls, sep = tokenizer
    cases = []
    for reference, candidate in PAIRS:
        a, b = cut(encode(reference), encode(candidate), room - 3)
        ids, types = [cls, *a, sep, *b, sep], [0] * (len(a) + 2) + [1] * (len(b) + 1)
        with torch.no_grad():
            score = run(torch.tensor([ids]), torch.tensor([types]))[0, 0].item()
        cases.append({"reference": reference, "candidate": candidate, "ids": ids, "types": types, "score": score})
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    tensors = model.tensors() if isinstance(model, Bleurt) else {k: v.contiguous() for k, v in model.state_dict().items()}
    save_file(tensors, str(folder / "model.safetensors"), metadata={"format": "pt"})
    (folder / "expected.json").write_text(json.dumps({"max_tokens": room, "pairs": cases}, indent=1, ensure_ascii=False))


SMALL = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, max_position_embeddings=48, hidden_act="gelu", num_labels=1)


def kept(config, **more):
    keys = list(SMALL) + ["vocab_size", "type_vocab_size", "layer_norm_eps", "pad_token_id", "id2label", "problem_type", "model_type", "input_embedding_size"]
    out = {k: getattr(config, k) for k in keys if getattr(config, k, None) is not None}
    return {**out, **more}


def main():
    for name in ("bert", "bleurt", "rembert", "toxic6"):
        (OUT / name).mkdir(parents=True, exist_ok=True)
    tokenizer = word_piece(OUT / "bert", 32)
    config = BertConfig(vocab_size=tokenizer[0], **SMALL)
    model = shaken(BertForSequenceClassification(config), 1)
    write("bert", model, kept(config, architectures=["BertForSequenceClassification"]), tokenizer, 32, lambda i, t: model(input_ids=i, token_type_ids=t).logits)

    tokenizer = sentence_piece(OUT / "bleurt", "spm.model", "nmt_nfkc", {"tokenizer_class": "BleurtSPTokenizer", "model_max_length": 1000000000000000019884624838656})
    config = BertConfig(vocab_size=tokenizer[0], **SMALL)
    bleurt = shaken(Bleurt(config, 16), 2)
    write("bleurt", bleurt, kept(config, architectures=["BleurtForSequenceClassification"], model_type="bleurt", embedding_size=16), tokenizer, 48, bleurt)

    tokenizer = sentence_piece(OUT / "rembert", "sentencepiece.model", "identity", {"tokenizer_class": "RemBertTokenizer", "model_max_length": 40})
    config = RemBertConfig(vocab_size=tokenizer[0], input_embedding_size=12, pad_token_id=0, **SMALL)
    rembert = shaken(RemBertForSequenceClassification(config), 3)
    write("rembert", rembert, kept(config, architectures=["RemBertForSequenceClassification"]), tokenizer, 40, lambda i, t: rembert(input_ids=i, token_type_ids=t).logits)

    labels = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
    tokenizer = word_piece(OUT / "toxic6", 512)
    config = BertConfig(vocab_size=tokenizer[0], **{**SMALL, "num_labels": 6}, id2label=dict(enumerate(labels)))
    toxic = shaken(BertForSequenceClassification(config), 4)
    with torch.no_grad():
        rows = []
        for text in [r for pair in PAIRS for r in pair]:
            ids = [tokenizer[2], *tokenizer[1](text)[:46], tokenizer[3]]
            logits = toxic(input_ids=torch.tensor([ids])).logits[0].double()
            rows.append({"text": text, "logits": logits.tolist(), "sigmoid": logits.sigmoid().tolist(), "softmax": logits.softmax(0).tolist()})
    folder = OUT / "toxic6"
    (folder / "config.json").write_text(json.dumps(kept(config, architectures=["BertForSequenceClassification"]), indent=1))
    save_file({k: v.contiguous() for k, v in toxic.state_dict().items()}, str(folder / "model.safetensors"), metadata={"format": "pt"})
    (folder / "expected.json").write_text(json.dumps({"labels": labels, "texts": rows}, indent=1, ensure_ascii=False))


main()
