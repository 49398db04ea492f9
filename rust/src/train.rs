//! Byte-level BPE training with ties broken by token ids. The crate's own trainer merges equally frequent pairs in an
//! order that depends on per-process hash seeds, so its vocabularies are not reproducible.

use crate::boundary::{Failure, Status};
use serde_json::{json, Map, Value};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer, Tokenizer};

type Pair = (u32, u32);

struct Word {
    tokens: Vec<u32>,
    count: i64,
}

#[derive(Default)]
struct Vocabulary {
    ids: HashMap<String, u32>,
    tokens: Vec<String>,
}

impl Vocabulary {
    fn add(&mut self, token: String) -> u32 {
        if let Some(&id) = self.ids.get(&token) {
            return id;
        }
        let id = self.tokens.len() as u32;
        self.ids.insert(token.clone(), id);
        self.tokens.push(token);
        id
    }
}

fn count_words(texts: &[&str]) -> Result<BTreeMap<String, i64>, Failure> {
    let splitter = ByteLevel::new(false, true, true);
    let mut counts = BTreeMap::new();
    for text in texts {
        let mut pieces = PreTokenizedString::from(*text);
        splitter.pre_tokenize(&mut pieces).map_err(|e| Failure::new(Status::Encode, e))?;
        for (word, _, _) in pieces.get_splits(OffsetReferential::Normalized, OffsetType::None) {
            match counts.get_mut(word) {
                Some(count) => *count += 1,
                None => drop(counts.insert(word.to_string(), 1)),
            }
        }
    }
    Ok(counts)
}

/// Pairs by frequency, then by smaller ids. Entries go stale when a count changes; a fresh one is pushed beside them.
#[derive(Default)]
struct Pairs {
    counts: HashMap<Pair, i64>,
    words: HashMap<Pair, Vec<usize>>,
    queue: BinaryHeap<(i64, Reverse<Pair>)>,
}

impl Pairs {
    fn add(&mut self, tokens: &[u32], count: i64, word: usize) {
        for pair in tokens.windows(2).map(|w| (w[0], w[1])) {
            *self.counts.entry(pair).or_default() += count;
            if count > 0 {
                let words = self.words.entry(pair).or_default();
                if words.last() != Some(&word) {
                    words.push(word);
                }
            }
        }
    }
    fn requeue(&mut self, pair: Pair) {
        let count = self.counts[&pair];
        if count > 0 {
            self.queue.push((count, Reverse(pair)));
        }
    }
    fn pop(&mut self) -> Option<Pair> {
        while let Some((count, Reverse(pair))) = self.queue.pop() {
            if self.counts[&pair] == count {
                return Some(pair);
            }
        }
        None
    }
}

fn merged(tokens: &[u32], pair: Pair, id: u32) -> Vec<u32> {
    let mut result = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        if at + 1 < tokens.len() && (tokens[at], tokens[at + 1]) == pair {
            result.push(id);
            at += 2;
        } else {
            result.push(tokens[at]);
            at += 1;
        }
    }
    result
}

fn merge_everywhere(words: &mut [Word], pairs: &mut Pairs, pair: Pair, id: u32) {
    let mut changed = Vec::new();
    for index in pairs.words.remove(&pair).unwrap_or_default() {
        let word = &mut words[index];
        let after = merged(&word.tokens, pair, id);
        if after.len() == word.tokens.len() {
            continue; // another merge took the pair apart
        }
        pairs.add(&word.tokens, -word.count, index);
        pairs.add(&after, word.count, index);
        changed.extend(word.tokens.windows(2).chain(after.windows(2)).map(|w| (w[0], w[1])));
        word.tokens = after;
    }
    changed.sort_unstable();
    changed.dedup();
    for pair in changed {
        pairs.requeue(pair);
    }
}

fn learn(words: &mut [Word], vocabulary: &mut Vocabulary, vocab_size: usize) -> Vec<Pair> {
    let mut pairs = Pairs::default();
    for (index, word) in words.iter().enumerate() {
        pairs.add(&word.tokens, word.count, index);
    }
    for pair in pairs.counts.keys().copied().collect::<Vec<_>>() {
        pairs.requeue(pair);
    }
    let mut merges = Vec::new();
    while vocabulary.tokens.len() < vocab_size {
        let Some(pair) = pairs.pop() else { break };
        let token = vocabulary.tokens[pair.0 as usize].clone() + &vocabulary.tokens[pair.1 as usize];
        let id = vocabulary.add(token);
        merges.push(pair);
        merge_everywhere(words, &mut pairs, pair, id);
    }
    merges
}

fn tokenizer_json(vocabulary: &Vocabulary, merges: &[Pair], specials: usize) -> Value {
    let name = |id: u32| &vocabulary.tokens[id as usize];
    let vocab: Map<String, Value> = vocabulary.ids.iter().map(|(token, id)| (token.clone(), json!(id))).collect();
    let merges: Vec<Value> = merges.iter().map(|&(left, right)| json!([name(left), name(right)])).collect();
    let flags = |id: usize| json!({"id": id, "content": vocabulary.tokens[id], "single_word": false, "lstrip": false,
                                   "rstrip": false, "normalized": false, "special": true});
    let byte_level = |trim: bool| json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": trim, "use_regex": true});
    json!({
        "version": "1.0", "truncation": null, "padding": null, "normalizer": null,
        "added_tokens": (0..specials).map(flags).collect::<Vec<_>>(),
        "pre_tokenizer": byte_level(true), "post_processor": byte_level(false), "decoder": byte_level(true),
        "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
                  "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
                  "vocab": vocab, "merges": merges},
    })
}

/// Specials first, then the 256 byte characters in the order of their code points, then merges until `vocab_size`
/// tokens exist or no pair is left. Gives the text of a tokenizer.json.
pub fn byte_level_bpe(texts: &[&str], vocab_size: usize, specials: &[&str]) -> Result<String, Failure> {
    let mut vocabulary = Vocabulary::default();
    for special in specials {
        vocabulary.add(special.to_string());
    }
    let special_count = vocabulary.tokens.len();
    let mut alphabet: Vec<char> = ByteLevel::alphabet().into_iter().collect();
    alphabet.sort_unstable();
    for c in alphabet {
        vocabulary.add(c.to_string());
    }
    if vocab_size < vocabulary.tokens.len() {
        return Err(Failure::argument("a byte-level vocabulary holds at least its special tokens and 256 bytes"));
    }
    let mut words: Vec<Word> = Vec::new();
    for (word, count) in count_words(texts)? {
        let tokens = word.chars().map(|c| vocabulary.ids[c.to_string().as_str()]).collect();
        words.push(Word { tokens, count });
    }
    let merges = learn(&mut words, &mut vocabulary, vocab_size);
    let json = tokenizer_json(&vocabulary, &merges, special_count).to_string();
    // Through the crate once: it writes the vocabulary by id, and refuses what it could not read.
    let tokenizer = Tokenizer::from_bytes(json.as_bytes()).map_err(|e| Failure::new(Status::Parse, e))?;
    tokenizer.to_string(false).map_err(|e| Failure::new(Status::Parse, e))
}
