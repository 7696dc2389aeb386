//! Ids as Outlook makes them: long, opaque, and with characters that must be percent-encoded in a path.
//!
//! An id is base64 of a kind, the mailbox, the item and (where it is not immutable) its place, so the store needs no table
//! of ids. Ordinary ids change on a move; immutable ones do not. [outlook-immutable-id]
//! Must stay true: a changed letter, also only its case, never names another item.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireCanonical);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const SAFE: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// What an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// A message by its number in the mailbox; the place is (folder, moves so far), `None` in an immutable id.
    Message(u32, Option<(u16, u16)>),
    /// A folder.
    Folder(u16),
    /// An attachment: message and position.
    Attachment(u32, u16),
    /// A thread.
    Conversation(u64),
}

/// Why an id was not understood: cut, of another kind, or of another mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// The id of `name` in the mailbox with this number.
#[must_use]
pub fn encode(mailbox: u32, name: Name) -> String {
    let (head, fields): ([u8; 4], [u64; 2]) = match name {
        Name::Message(key, Some((folder, moves))) => {
            ([0x00, 0x03, 0x24, 0x00], [u64::from(key), (u64::from(folder) << 16) | u64::from(moves)])
        }
        Name::Message(key, None) => ([0x00, 0x09, 0x00, 0x2e], [u64::from(key), 0]),
        Name::Folder(folder) => ([0x01, 0x03, 0x24, 0x00], [u64::from(folder), 0]),
        Name::Attachment(key, position) => ([0x00, 0x03, 0x24, 0x01], [u64::from(key), u64::from(position)]),
        Name::Conversation(thread) => ([0x00, 0x04, 0x24, 0x00], [thread, 0]),
    };
    let mut bytes = Vec::with_capacity(112);
    bytes.extend_from_slice(&head);
    bytes.extend_from_slice(&mailbox.to_be_bytes());
    if !matches!(name, Name::Folder(_) | Name::Conversation(_)) {
        // The part that is the same all over a mailbox makes real ids long; here too. Its beginning is `/+/` or `_-_`.
        bytes.extend_from_slice(&[0, 0, 0, 0, 0xff, 0xef, 0xfb]);
        let mut mixed = u64::from(mailbox) ^ 0x5bd1_e995_97f4_a7c5;
        while bytes.len() < 88 {
            mixed = mixed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            bytes.extend_from_slice(&mixed.rotate_right(29).to_be_bytes());
        }
    }
    for field in fields {
        bytes.extend_from_slice(&field.to_be_bytes());
    }
    let check = checksum(&bytes);
    bytes.extend_from_slice(&check.to_be_bytes());
    // Some servers write `/` and `+`, some `-` and `_`: both occur in one mailbox.
    if matches!(name, Name::Message(key, _) if key % 16 == 5) { PLAIN.encode(bytes) } else { SAFE.encode(bytes) }
}

/// What `id` names in the mailbox with this number.
pub fn decode(mailbox: u32, id: &str) -> Result<Name, Malformed> {
    let alphabet = if id.contains(['+', '/']) { PLAIN } else { SAFE };
    let bytes = alphabet.decode(id).map_err(|_| Malformed)?;
    if bytes.len() < 28 {
        return Err(Malformed);
    }
    let (body, check) = bytes.split_at(bytes.len() - 4);
    let owner = u32::from_be_bytes(take(&body[4..8])?);
    if checksum(body).to_be_bytes() != *check || owner != mailbox {
        return Err(Malformed);
    }
    let second = u64::from_be_bytes(take(&body[body.len() - 8..])?);
    let first = u64::from_be_bytes(take(&body[body.len() - 16..body.len() - 8])?);
    let small = |value: u64| u16::try_from(value & 0xffff).map_err(|_| Malformed);
    let key = || u32::try_from(first).map_err(|_| Malformed);
    match body[..4] {
        [0x00, 0x03, 0x24, 0x00] => Ok(Name::Message(key()?, Some((small(second >> 16)?, small(second)?)))),
        [0x00, 0x09, 0x00, 0x2e] => Ok(Name::Message(key()?, None)),
        [0x01, 0x03, 0x24, 0x00] => Ok(Name::Folder(small(first)?)),
        [0x00, 0x03, 0x24, 0x01] => Ok(Name::Attachment(key()?, small(second)?)),
        [0x00, 0x04, 0x24, 0x00] => Ok(Name::Conversation(first)),
        _ => Err(Malformed),
    }
}

/// Opaque text for a link's token.
#[must_use]
pub fn seal(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let check = checksum(&bytes);
    bytes.extend_from_slice(&check.to_be_bytes());
    SAFE.encode(bytes)
}

/// What [`seal`] hid, if nobody changed it.
#[must_use]
pub fn unseal(token: &str) -> Option<String> {
    let bytes = SAFE.decode(token).ok()?;
    let (body, check) = bytes.split_at(bytes.len().checked_sub(4)?);
    (checksum(body).to_be_bytes() == *check).then(|| String::from_utf8(body.to_vec()).ok())?
}

/// Base64 with `/` and `+`, for change keys and contents.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    PLAIN.encode(bytes)
}

/// The bytes of base64 text from a client.
#[must_use]
pub fn unbase64(text: &str) -> Option<Vec<u8>> {
    PLAIN.decode(text.trim()).ok()
}

/// A number for a text that stays the same between runs (FNV-1a).
#[must_use]
pub fn number_of(text: &str) -> u32 {
    checksum(text.as_bytes())
}

fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum: u32, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

fn take<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Malformed> {
    bytes.try_into().map_err(|_| Malformed)
}
