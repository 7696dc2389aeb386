//! Who signed a certificate, for the sentence that tells why it is not trusted.
//!
//! Must stay true: this reads names for people and decides nothing; bytes of strangers end in `None` and never in a panic.
//! Deliberately absent: everything else that stands in a certificate.

use crate::base::text::{cut, tame};

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const OBJECT: u8 = 0x06;
const VERSION: u8 = 0xa0;
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANISATION: &[u8] = &[0x55, 0x04, 0x0a];
/// Columns of a name that are shown.
const LONGEST_NAME: usize = 80;

/// Common name and organisation of the issuer of a certificate in DER, tamed; `None` where they cannot be read.
#[must_use]
pub fn issuer(certificate: &[u8]) -> Option<String> {
    let (_, certificate, _) = element(certificate).filter(|(tag, ..)| *tag == SEQUENCE)?;
    let (_, signed, _) = element(certificate).filter(|(tag, ..)| *tag == SEQUENCE)?;
    let mut rest = signed;
    if let Some((VERSION, _, behind)) = element(rest) {
        rest = behind;
    }
    let (_, _, rest) = element(rest).filter(|(tag, ..)| *tag == INTEGER)?;
    let (_, _, rest) = element(rest).filter(|(tag, ..)| *tag == SEQUENCE)?;
    let (_, name, _) = element(rest).filter(|(tag, ..)| *tag == SEQUENCE)?;
    let parts: Vec<String> = [COMMON_NAME, ORGANISATION].iter().filter_map(|kind| part(name, kind)).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The part of this kind of a name.
fn part(name: &[u8], kind: &[u8]) -> Option<String> {
    let mut rest = name;
    while let Some((SET, set, behind)) = element(rest) {
        rest = behind;
        let mut members = set;
        while let Some((SEQUENCE, pair, behind)) = element(members) {
            members = behind;
            let Some((OBJECT, object, value)) = element(pair) else { continue };
            if object == kind
                && let Some((_, text, _)) = element(value)
            {
                let text = String::from_utf8_lossy(text);
                return Some(cut(&tame(&text), LONGEST_NAME)).filter(|text| !text.is_empty());
            }
        }
    }
    None
}

/// Tag, content and what stands behind the first element of `bytes`.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            (digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit)), rest)
        }
        _ => return None,
    };
    let (content, behind) = rest.split_at_checked(length)?;
    Some((tag, content, behind))
}
