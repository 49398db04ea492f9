//! C ABI over the `tokenizers` crate; see include/lacuna_tokenizers.h for the contract. Parquet files: parquet_file.rs.

mod boundary;
mod cells;
mod normal_form;
mod parquet_file;
mod patterns;
mod train;

use boundary::{guard, put, Buffer, Failure, Status, Str};
use std::sync::OnceLock;
use tokenizers::models::ModelWrapper;
use tokenizers::{EncodeInput, Encoding, InputSequence, Tokenizer};

pub struct Handle {
    plain: Tokenizer,
    /// The same tokenizer reading special tokens in the text as text; built when first asked for.
    as_text: OnceLock<Tokenizer>,
}

impl Handle {
    fn tokenizer(&self, flags: u32) -> &Tokenizer {
        if flags & SPECIAL_AS_TEXT == 0 {
            return &self.plain;
        }
        self.as_text.get_or_init(|| {
            let mut copy = self.plain.clone();
            copy.set_encode_special_tokens(true);
            copy
        })
    }
}

const ADD_SPECIAL: u32 = 1;
const WANT_OFFSETS: u32 = 2;
const SPECIAL_AS_TEXT: u32 = 4;

struct Arrays {
    ids: Vec<u32>,
    type_ids: Vec<u32>,
    offsets: Vec<u32>,
    special: Vec<u8>,
    tokens: String,
    token_sizes: Vec<u32>,
}

#[repr(C)]
pub struct EncodingOut {
    ids: *const u32,
    type_ids: *const u32,
    offsets: *const u32,
    special: *const u8,
    tokens: *const u8,
    token_sizes: *const u32,
    size: usize,
    owner: *mut Arrays,
}

fn handle<'a>(tokenizer: *const Handle) -> Result<&'a Handle, Failure> {
    unsafe { tokenizer.as_ref() }.ok_or_else(|| Failure::argument("null tokenizer"))
}

#[no_mangle]
pub extern "C" fn lct_tokenizer_from_json(json: Str, out: *mut *mut Handle) -> Status {
    guard(|| {
        let mut plain = Tokenizer::from_bytes(json.bytes()?).map_err(|e| Failure::new(Status::Parse, e))?;
        plain.with_truncation(None).map_err(|e| Failure::new(Status::Parse, e))?;
        plain.with_padding(None);
        put(out, Box::into_raw(Box::new(Handle { plain, as_text: OnceLock::new() })))
    })
}

#[no_mangle]
pub extern "C" fn lct_tokenizer_free(tokenizer: *mut Handle) {
    if !tokenizer.is_null() {
        guard(|| {
            drop(unsafe { Box::from_raw(tokenizer) });
            Ok(())
        });
    }
}

#[no_mangle]
pub extern "C" fn lct_tokenizer_to_json(tokenizer: *const Handle, out: *mut Buffer) -> Status {
    guard(|| {
        let json = handle(tokenizer)?.plain.to_string(false).map_err(|e| Failure::new(Status::Parse, e))?;
        put(out, Buffer::from(json))
    })
}

#[no_mangle]
pub extern "C" fn lct_kind(tokenizer: *const Handle, out: *mut Str) -> Status {
    guard(|| {
        let kind: &'static str = match handle(tokenizer)?.plain.get_model() {
            ModelWrapper::BPE(_) => "BPE",
            ModelWrapper::WordPiece(_) => "WordPiece",
            ModelWrapper::WordLevel(_) => "WordLevel",
            ModelWrapper::Unigram(_) => "Unigram",
        };
        put(out, Str::from(kind))
    })
}

/// Byte position of every character of a text, and its length.
fn byte_positions(text: &str) -> Vec<u32> {
    text.char_indices().map(|(at, _)| at as u32).chain([text.len() as u32]).collect()
}

/// Offsets come in characters and are turned into bytes here: the crate's own byte offsets can end inside a character.
fn byte_offsets(encoding: &Encoding, texts: [&str; 2]) -> Vec<u32> {
    let positions = texts.map(byte_positions);
    let sequences = encoding.get_sequence_ids();
    let tokens = encoding.get_offsets().iter().zip(sequences);
    tokens
        .flat_map(|(&(begin, end), sequence)| match sequence {
            Some(which) => {
                let at = &positions[which.min(1)];
                [begin, end].map(|i| at[i.min(at.len() - 1)])
            }
            None => [0, 0],
        })
        .collect()
}

fn arrays(encoding: &Encoding, offsets: Vec<u32>) -> Arrays {
    Arrays {
        ids: encoding.get_ids().to_vec(),
        type_ids: encoding.get_type_ids().to_vec(),
        offsets,
        special: encoding.get_special_tokens_mask().iter().map(|&flag| flag as u8).collect(),
        tokens: encoding.get_tokens().concat(),
        token_sizes: encoding.get_tokens().iter().map(|token| token.len() as u32).collect(),
    }
}

#[no_mangle]
pub extern "C" fn lct_encode(tokenizer: *const Handle, text: Str, pair: *const Str, flags: u32, out: *mut EncodingOut) -> Status {
    guard(|| {
        let tokenizer = handle(tokenizer)?.tokenizer(flags);
        let text = text.utf8()?;
        let pair = unsafe { pair.as_ref() }.map(|pair| pair.utf8()).transpose()?;
        let input = match pair {
            Some(pair) => EncodeInput::Dual(InputSequence::from(text), InputSequence::from(pair)),
            None => EncodeInput::Single(InputSequence::from(text)),
        };
        let add_special = flags & ADD_SPECIAL != 0;
        let failed = |e| Failure::new(Status::Encode, e);
        let owner = Box::new(if flags & WANT_OFFSETS != 0 {
            let encoding = tokenizer.encode_char_offsets(input, add_special).map_err(failed)?;
            let offsets = byte_offsets(&encoding, [text, pair.unwrap_or_default()]);
            arrays(&encoding, offsets)
        } else {
            let encoding = tokenizer.encode_fast(input, add_special).map_err(failed)?;
            arrays(&encoding, vec![0; 2 * encoding.len()])
        });
        let (ids, type_ids, offsets, special) =
            (owner.ids.as_ptr(), owner.type_ids.as_ptr(), owner.offsets.as_ptr(), owner.special.as_ptr());
        let (tokens, token_sizes) = (owner.tokens.as_ptr(), owner.token_sizes.as_ptr());
        let size = owner.ids.len();
        let owner = Box::into_raw(owner);
        put(out, EncodingOut { ids, type_ids, offsets, special, tokens, token_sizes, size, owner })
    })
}

#[no_mangle]
pub extern "C" fn lct_encoding_free(encoding: EncodingOut) {
    if !encoding.owner.is_null() {
        drop(unsafe { Box::from_raw(encoding.owner) });
    }
}

struct BatchArrays {
    ids: Vec<u32>,
    row_splits: Vec<usize>,
}

#[repr(C)]
pub struct BatchOut {
    ids: *const u32,
    row_splits: *const usize,
    rows: usize,
    owner: *mut BatchArrays,
}

#[no_mangle]
pub extern "C" fn lct_encode_batch(tokenizer: *const Handle, texts: *const Str, count: usize, flags: u32, out: *mut BatchOut) -> Status {
    guard(|| {
        let tokenizer = handle(tokenizer)?.tokenizer(flags);
        let mut owner = Box::new(BatchArrays { ids: Vec::new(), row_splits: vec![0] });
        for text in boundary::strings(texts, count)? {
            let encoding = tokenizer.encode_fast(text, flags & ADD_SPECIAL != 0).map_err(|e| Failure::new(Status::Encode, e))?;
            owner.ids.extend_from_slice(encoding.get_ids());
            owner.row_splits.push(owner.ids.len());
        }
        let (ids, row_splits) = (owner.ids.as_ptr(), owner.row_splits.as_ptr());
        put(out, BatchOut { ids, row_splits, rows: count, owner: Box::into_raw(owner) })
    })
}

#[no_mangle]
pub extern "C" fn lct_batch_free(batch: BatchOut) {
    if !batch.owner.is_null() {
        drop(unsafe { Box::from_raw(batch.owner) });
    }
}

#[no_mangle]
pub extern "C" fn lct_decode(tokenizer: *const Handle, ids: *const u32, size: usize, skip_special: i32, out: *mut Buffer) -> Status {
    guard(|| {
        let ids = unsafe { boundary::slice(ids, size)? };
        let text = handle(tokenizer)?.plain.decode(ids, skip_special != 0);
        put(out, Buffer::from(text.map_err(|e| Failure::new(Status::Decode, e))?))
    })
}

#[no_mangle]
pub extern "C" fn lct_id_to_token(tokenizer: *const Handle, id: u32, found: *mut i32, out: *mut Buffer) -> Status {
    guard(|| {
        let token = handle(tokenizer)?.plain.id_to_token(id);
        put(found, i32::from(token.is_some()))?;
        put(out, Buffer::from(token.unwrap_or_default()))
    })
}

#[no_mangle]
pub extern "C" fn lct_token_to_id(tokenizer: *const Handle, token: Str, found: *mut i32, out: *mut u32) -> Status {
    guard(|| {
        let id = handle(tokenizer)?.plain.token_to_id(token.utf8()?);
        put(found, i32::from(id.is_some()))?;
        put(out, id.unwrap_or_default())
    })
}

#[no_mangle]
pub extern "C" fn lct_vocab_size(tokenizer: *const Handle, with_added: i32, out: *mut usize) -> Status {
    guard(|| put(out, handle(tokenizer)?.plain.get_vocab_size(with_added != 0)))
}

#[no_mangle]
pub extern "C" fn lct_train_byte_level_bpe(
    texts: *const Str,
    text_count: usize,
    vocab_size: usize,
    specials: *const Str,
    special_count: usize,
    out: *mut Buffer,
) -> Status {
    guard(|| {
        let texts = boundary::strings(texts, text_count)?;
        let specials = boundary::strings(specials, special_count)?;
        put(out, Buffer::from(train::byte_level_bpe(&texts, vocab_size, &specials)?))
    })
}
