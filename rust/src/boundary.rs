//! What crosses into C: statuses, strings, buffers, and the wall that no panic passes.

use std::cell::RefCell;
use std::fmt::Display;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Once;

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Status {
    Ok = 0,
    InvalidArgument = 1,
    InvalidUtf8 = 2,
    Parse = 3,
    Io = 4,
    Encode = 5,
    Decode = 6,
    Panic = 7,
}

pub struct Failure {
    status: Status,
    message: String,
}

impl Failure {
    pub fn new(status: Status, message: impl Display) -> Self {
        Failure { status, message: message.to_string() }
    }
    pub fn argument(message: &str) -> Self {
        Failure::new(Status::InvalidArgument, message)
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    data: *const u8,
    size: usize,
}

impl Str {
    pub fn bytes<'a>(self) -> Result<&'a [u8], Failure> {
        unsafe { slice(self.data, self.size) }
    }
    pub fn utf8<'a>(self) -> Result<&'a str, Failure> {
        std::str::from_utf8(self.bytes()?).map_err(|e| Failure::new(Status::InvalidUtf8, e))
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        Str::from(text.as_bytes())
    }
}

impl From<&[u8]> for Str {
    fn from(bytes: &[u8]) -> Self {
        Str { data: bytes.as_ptr(), size: bytes.len() }
    }
}

/// # Safety
/// `data` must point to `size` values that outlive the result.
pub unsafe fn slice<'a, T>(data: *const T, size: usize) -> Result<&'a [T], Failure> {
    match (data.is_null(), size) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(Failure::argument("null data")),
        _ => Ok(std::slice::from_raw_parts(data, size)),
    }
}

pub fn put<T>(to: *mut T, value: T) -> Result<(), Failure> {
    if to.is_null() {
        return Err(Failure::argument("null output"));
    }
    unsafe { to.write(value) };
    Ok(())
}

pub fn strings<'a>(data: *const Str, size: usize) -> Result<Vec<&'a str>, Failure> {
    unsafe { slice(data, size)? }.iter().map(|s| s.utf8()).collect()
}

#[repr(C)]
pub struct Buffer {
    data: *mut u8,
    size: usize,
}

impl From<String> for Buffer {
    fn from(text: String) -> Self {
        let bytes = text.into_bytes().into_boxed_slice();
        let size = bytes.len();
        Buffer { data: Box::into_raw(bytes) as *mut u8, size }
    }
}

#[no_mangle]
pub extern "C" fn lct_buffer_free(buffer: Buffer) {
    if !buffer.data.is_null() {
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(buffer.data, buffer.size)) });
    }
}

thread_local! {
    static LAST_ERROR: RefCell<String> = const { RefCell::new(String::new()) };
}

#[no_mangle]
pub extern "C" fn lct_last_error() -> Str {
    LAST_ERROR.with(|last| Str::from(last.borrow().as_str()))
}

/// Runs `body`; a failure or a panic becomes a status and a message.
pub fn guard(body: impl FnOnce() -> Result<(), Failure>) -> Status {
    static START: Once = Once::new();
    START.call_once(|| {
        // Threads are the caller's business; a caught panic is reported by its status, not on stderr.
        tokenizers::parallelism::set_parallelism(false);
        std::panic::set_hook(Box::new(|_| {}));
    });
    let failure = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return Status::Ok,
        Ok(Err(failure)) => failure,
        Err(payload) => {
            let text = payload.downcast_ref::<String>().cloned();
            let text = text.or_else(|| payload.downcast_ref::<&str>().map(|s| s.to_string()));
            Failure::new(Status::Panic, text.unwrap_or_else(|| "panic".to_string()))
        }
    };
    LAST_ERROR.with(|last| *last.borrow_mut() = failure.message);
    failure.status
}
