//! How bodies are packed on disk.
//!
//! A mail is short and much of it is what every mail of its kind begins with, so a dictionary of that is given to the packer; a body
//! of two kilobytes then takes half of what it would. Must stay true: each packing has its number, which is kept beside the bytes, and
//! stays readable for ever (a dictionary that is changed is a new packing); what makes no sense is an error and takes bounded room.

use crate::db::DbError;
use flate2::read::DeflateDecoder;
use std::cell::RefCell;
use std::io::Read;
use zstd_safe::{CCtx, CDict, DCtx, ErrorCode, compress_bound, get_error_name, get_frame_content_size};

/// The number of the packing that is written.
pub(super) const PRESENT: i64 = 1;

/// What mail of common programs is made of. Belongs to packing 1 and is never edited.
const DICTIONARY: &[u8] = include_bytes!("../../assets/dictionary/mail_1.txt");
/// How hard is tried: the next levels take twice the time for a hundredth of the bytes.
const LEVEL: i32 = 3;
/// No body of the service is longer.
const LONGEST: u64 = 256 << 20;

/// Packs bodies, one after the other.
pub(super) struct Packing {
    context: CCtx<'static>,
    dictionary: CDict<'static>,
}

impl Packing {
    pub(super) fn new() -> Self {
        Self { context: CCtx::create(), dictionary: CDict::create(DICTIONARY, LEVEL) }
    }

    pub(super) fn pack(&mut self, text: &str) -> Result<Vec<u8>, DbError> {
        let mut packed = Vec::with_capacity(compress_bound(text.len()));
        self.context
            .compress_using_cdict(&mut packed, text.as_bytes(), &self.dictionary)
            .map_err(|code| DbError::Other(format!("a body cannot be packed: {}", get_error_name(code))))?;
        packed.shrink_to_fit();
        Ok(packed)
    }
}

/// The text that was packed.
pub(super) fn unpack(bytes: &[u8], packing: i64) -> Result<String, DbError> {
    match packing {
        0 => {
            let mut text = String::new();
            let mut decoder = DeflateDecoder::new(bytes).take(LONGEST);
            decoder.read_to_string(&mut text).map_err(|error| DbError::Row(error.to_string()))?;
            Ok(text)
        }
        1 => {
            let length = get_frame_content_size(bytes).ok().flatten().filter(|length| *length <= LONGEST);
            let length = length.and_then(|length| usize::try_from(length).ok());
            let length = length.ok_or_else(|| DbError::Row("a body does not say how long it is".to_owned()))?;
            let mut text = Vec::with_capacity(length);
            UNPACKER.with_borrow_mut(|unpacker| {
                unpacker.decompress_using_dict(&mut text, bytes, DICTIONARY).map_err(unreadable)
            })?;
            String::from_utf8(text).map_err(|error| DbError::Row(error.to_string()))
        }
        other => Err(DbError::Row(format!("a body is packed in a way this release does not know: {other}"))),
    }
}

thread_local! {
    /// Its room is made once a thread.
    static UNPACKER: RefCell<DCtx<'static>> = RefCell::new(DCtx::create());
}

fn unreadable(code: ErrorCode) -> DbError {
    DbError::Row(format!("a body cannot be unpacked: {}", get_error_name(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked_and_nonsense_is_refused() {
        let mut packing = Packing::new();
        for text in ["", "a", "Grüße", &"<p class=\"MsoNormal\">same again</p>".repeat(5_000)] {
            let packed = packing.pack(text).expect("packed");
            assert_eq!(unpack(&packed, PRESENT).expect("unpacked"), text);
            for cut in [0, packed.len() / 2, packed.len() - 1] {
                assert!(unpack(&packed[..cut], PRESENT).is_err());
            }
            assert!(unpack(&packed, 9).is_err());
        }
        // A frame that promises more than anybody sends takes no room.
        let mut promising = vec![0x28, 0xb5, 0x2f, 0xfd, 0xe0];
        promising.extend((1_u64 << 50).to_le_bytes());
        assert!(unpack(&promising, PRESENT).is_err());
    }

    #[test]
    fn a_body_of_an_earlier_release_is_still_read() {
        // "hello hello hello", deflated.
        let deflated = [0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x90, 0x00];
        assert_eq!(unpack(&deflated, 0).expect("unpacked"), "hello hello hello");
        assert!(unpack(&[0xff, 0xff], 0).is_err());
    }
}
