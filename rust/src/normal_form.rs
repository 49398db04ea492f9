//! Unicode's composed normal form, as the tokenizers compute it.

use crate::boundary::{guard, put, Buffer, Status, Str};
use unicode_normalization_alignments::UnicodeNormalization;

#[no_mangle]
pub extern "C" fn lct_nfc(text: Str, out: *mut Buffer) -> Status {
    guard(|| {
        let composed: String = text.utf8()?.nfc().map(|(c, _)| c).collect();
        put(out, Buffer::from(composed))
    })
}
