//! Regular expressions that take time linear in the text: the `regex` crate.

use crate::boundary::{guard, put, Failure, Status, Str};
use regex::bytes::{Regex, RegexBuilder};

#[no_mangle]
pub extern "C" fn lct_pattern_new(pattern: Str, ignore_case: i32, out: *mut *mut Regex) -> Status {
    guard(|| {
        let built = RegexBuilder::new(pattern.utf8()?).case_insensitive(ignore_case != 0).build();
        put(out, Box::into_raw(Box::new(built.map_err(|e| Failure::new(Status::Parse, e))?)))
    })
}

#[no_mangle]
pub extern "C" fn lct_pattern_found(pattern: *const Regex, text: Str, out: *mut i32) -> Status {
    guard(|| {
        let pattern = unsafe { pattern.as_ref() }.ok_or_else(|| Failure::argument("null pattern"))?;
        put(out, i32::from(pattern.is_match(text.bytes()?)))
    })
}

#[no_mangle]
pub extern "C" fn lct_pattern_free(pattern: *mut Regex) {
    if !pattern.is_null() {
        guard(|| {
            drop(unsafe { Box::from_raw(pattern) });
            Ok(())
        });
    }
}
